#[keycloak::protected(roles = ["admin"])]
fn handler() {}

fn main() {
    handler();
}
