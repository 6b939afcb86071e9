const POLICY: keycloak::Policy = keycloak::policy!(roles = ["admin"], not(roles = ["admin"]));

fn main() {
    let _ = POLICY;
}
