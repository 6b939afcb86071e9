const POLICY: keycloak::Policy = keycloak::policy!(optional, roles = ["admin"]);

fn main() {
    let _ = POLICY;
}
