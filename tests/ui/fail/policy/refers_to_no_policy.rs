const ADMINS: &str = "admins";

const POLICY: keycloak::Policy = keycloak::policy!(policy = ADMINS);

fn main() {
    let _ = POLICY;
}
