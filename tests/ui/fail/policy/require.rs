const POLICY: keycloak::Policy = keycloak::policy!(any(roles = ["admin"], require = user.subject() == "x"));

fn main() {
    let _ = POLICY;
}
