struct Api;

impl Api {
    #[keycloak::protected(roles = ["admin"])]
    async fn handler(&self) {}
}

fn main() {
    let _ = Api.handler();
}
