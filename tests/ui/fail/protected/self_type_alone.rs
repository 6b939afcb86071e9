struct Api;

impl Api {
    #[keycloak::protected(roles = ["admin"])]
    async fn handler() -> Self {
        Self
    }
}

fn main() {
    let _ = Api;
}
