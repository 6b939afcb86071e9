//! A guard whose questions were not asked is another type, which admits no caller by itself.
use axum::{Router, extract::Path, routing::get};
use keycloak::{
    __private::{Guard, PendingGuard},
    Keycloak, routing,
};

#[keycloak::protected(require = user.subject() == id)]
async fn own(Path(id): Path<String>) -> String {
    id
}

async fn settled(_guard: Guard<__keycloak_policy_own>) -> &'static str {
    "never asked"
}

async fn pending(_guard: PendingGuard<__keycloak_policy_own>) -> &'static str {
    "never asked"
}

fn main() {
    let _: Router<Keycloak> = Router::new().route("/1", get(settled));
    let _: Router<Keycloak> = Router::new().route("/2", routing::get(settled));
    let _: Router<Keycloak> = Router::new().route("/3", routing::get(pending));
    let _: Router<Keycloak> = Router::new().route("/4", routing::get(own));
}
