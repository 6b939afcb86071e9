use keycloak::protected as guarded;

#[guarded(roles = ["admin"])]
#[guarded(groups = ["ops"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
