struct Api;

#[keycloak::protected(roles = ["admin"])]
impl Api {
    #[keycloak::protected(groups = ["ops"])]
    fn sync() {}

    #[keycloak::public]
    async fn method(&self) {}

    #[keycloak::protected(groups = ["ops"])]
    #[keycloak::public]
    async fn both() {}

    #[keycloak::protected(group = ["ops"])]
    async fn misspelt() {}

    #[keycloak::protected(not(roles = ["admin"]))]
    async fn contradicts_the_block() {}

    #[keycloak::protected(optional)]
    async fn optional() {}
}

fn main() {
    let _ = Api;
}
