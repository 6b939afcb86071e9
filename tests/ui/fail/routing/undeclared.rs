use axum::{Json, Router, extract::State};
use keycloak::{Keycloak, routing};

async fn plain() -> &'static str {
    "everybody may see this"
}

async fn with_arguments(State(_keycloak): State<Keycloak>, Json(body): Json<String>) -> String {
    body
}

fn main() {
    let _: Router<Keycloak> = Router::new()
        .route("/plain", routing::get(plain))
        .route("/arguments", routing::post(with_arguments));
}
