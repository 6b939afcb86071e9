fn main() {
    let policy = keycloak::policy!(roles = any["a", "a"]);
    let _ = policy;
}
