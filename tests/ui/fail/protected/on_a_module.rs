#[keycloak::protected(roles = ["admin"])]
mod handlers {
    pub async fn handler() {}
}

fn main() {
    let _ = handlers::handler;
}
