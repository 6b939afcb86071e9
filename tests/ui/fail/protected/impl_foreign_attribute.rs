use keycloak_test_attributes::public;

struct Api;

#[keycloak::protected(roles = ["admin"])]
impl Api {
    #[public]
    async fn list() -> &'static str {
        "meant to be guarded"
    }
}

fn main() {
    let _ = Api::list;
}
