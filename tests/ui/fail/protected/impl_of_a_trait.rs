trait Handlers {
    async fn handler();
}

struct Api;

#[keycloak::protected(roles = ["admin"])]
impl Handlers for Api {
    async fn handler() {}
}

fn main() {
    let _ = Api;
}
