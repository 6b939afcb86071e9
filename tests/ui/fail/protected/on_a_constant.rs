#[keycloak::protected(roles = ["admin"])]
const LIMIT: usize = 1;

fn main() {
    let _ = LIMIT;
}
