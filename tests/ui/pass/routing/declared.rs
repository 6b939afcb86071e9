//! Declared handlers of every kind, up to as many parameters as axum takes.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, Method, Uri},
};
use keycloak::{Keycloak, User, routing};

#[keycloak::protected]
async fn nothing() {}

#[keycloak::protected(roles = ["admin"])]
async fn body(State(_keycloak): State<Keycloak>, user: User, Json(body): Json<String>) -> String {
    format!("{} {body}", user.subject())
}

#[keycloak::protected(require = user.subject() == id)]
async fn own(Path(id): Path<String>) -> String {
    id
}

#[keycloak::public]
async fn open(method: Method) -> String {
    method.to_string()
}

#[keycloak::protected]
#[allow(clippy::too_many_arguments)]
async fn sixteen(
    _1: Method, _2: Uri, _3: HeaderMap, _4: User, _5: Method, _6: Uri, _7: HeaderMap, _8: User,
    _9: Method, _10: Uri, _11: HeaderMap, _12: User, _13: Method, _14: Uri, _15: HeaderMap,
    _16: String,
) {
}

struct Items;

#[keycloak::protected]
impl Items {
    async fn list() {}

    #[keycloak::public]
    async fn about(_uri: Uri) {}
}

pub(crate) fn main() {
    let _: Router<Keycloak> = Router::new()
        .route("/get", routing::get(nothing))
        .route("/post", routing::post(body))
        .route("/put", routing::put(sixteen))
        .route("/patch", routing::patch(own))
        .route("/delete/{id}", routing::delete(own))
        .route("/head", routing::head(open))
        .route("/options", routing::options(open))
        .route("/trace", routing::trace(open))
        .route("/connect", routing::connect(open))
        .route("/any", routing::any(open))
        .route("/on", routing::on(routing::MethodFilter::GET, nothing))
        .route("/items", routing::get(Items::list))
        .route("/items", routing::post(Items::about));
}
