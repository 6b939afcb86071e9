//! The same handlers without any guard: what the others are compared with.

use axum::{Router, routing::get};

use super::{App, Roles, Server};

pub(super) const SERVER: Server = Server {
    name: "bare axum",
    package: "axum",
    roles: Roles::Nobody,
    settings: "no guard",
    start: |_| Box::pin(async { Ok(App::Axum08(router())) }),
};

fn router() -> Router {
    Router::new()
        .route("/me", get(async || "ok"))
        .route("/admin", get(async || "ok"))
}
