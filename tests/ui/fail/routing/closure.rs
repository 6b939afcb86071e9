use axum::Router;
use keycloak::{Keycloak, routing};

fn main() {
    let _: Router<Keycloak> = Router::new().route("/", routing::any(|| async { "a closure" }));
}
