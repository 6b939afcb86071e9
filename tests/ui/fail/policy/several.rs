const POLICY: keycloak::Policy = keycloak::policy!(roles = [], groups = ["/ops/"], scope = ["x"]);

fn main() {
    let _ = POLICY;
}
