#[keycloak::public]
fn handler() {}

fn main() {
    handler();
}
