#[derive(Clone)]
struct App;

#[keycloak::protected(roles = ["admin"])]
#[axum::debug_handler(state = App)]
async fn handler() {}

fn main() {
    let _ = handler;
}
