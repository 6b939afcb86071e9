struct Api;

#[keycloak::public]
impl Api {
    async fn handler() {}
}

fn main() {
    let _ = Api::handler;
}
