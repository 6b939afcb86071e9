const POLICY: keycloak::Policy = keycloak::policy!(role = ["admin"]);

fn main() {
    let _ = POLICY;
}
