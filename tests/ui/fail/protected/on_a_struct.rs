#[keycloak::protected(roles = ["admin"])]
struct Handler;

fn main() {
    let _ = Handler;
}
