struct Api;

impl Api {
    #[keycloak::protected(roles = ["admin"])]
    async fn handler() {}
}

fn main() {
    let _ = Api;
}
