//! Operations of handlers with state, arguments of every kind, and answers of any type.

use axum::{
    Json,
    extract::{FromRef, Path, Query, State},
    response::IntoResponse,
};
use keycloak::{Keycloak, User};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
    name: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
struct Report {
    id: u64,
}

#[derive(Deserialize, IntoParams)]
struct Page {
    from: u64,
}

#[utoipa::path(
    post,
    path = "/reports/{id}",
    params(Page, ("id" = u64, Path)),
    responses((status = 200, body = Report)),
)]
#[keycloak::protected(roles = ["admin"], require = user.subject() == report.id.to_string())]
async fn write(
    user: User,
    State(name): State<String>,
    Path(id): Path<u64>,
    Query(page): Query<Page>,
    Json(report): Json<Report>,
) -> Json<Report> {
    drop((user, name));
    Json(Report {
        id: id.max(page.from).max(report.id),
    })
}

#[keycloak::protected]
#[utoipa::path(get, path = "/reports")]
async fn read(State(name): State<String>) -> impl IntoResponse {
    name
}

#[derive(OpenApi)]
#[openapi(paths(write, read), components(schemas(Report)))]
struct Api;

pub(crate) fn main() {
    let _: axum::Router<App> = axum::Router::new()
        .route("/reports/{id}", axum::routing::post(write))
        .route("/reports", axum::routing::get(read));
    let document = Api::openapi();
    let write = document.paths.paths["/reports/{id}"].post.as_ref().unwrap();
    // The guard is not a parameter of the operation.
    assert_eq!(write.parameters.as_ref().unwrap().len(), 2);
    assert!(write.request_body.is_some() && write.security.is_some());
}
