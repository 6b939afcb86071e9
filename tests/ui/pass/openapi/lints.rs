//! The glue of documented handlers trips no lint that a strict crate turns on.
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, elided_lifetimes_in_paths)]
#![deny(missing_debug_implementations, single_use_lifetimes, unused_results)]
#![forbid(unsafe_code)]

use axum::extract::State;
use keycloak::{Keycloak, User};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Above.
#[utoipa::path(get, path = "/above")]
#[keycloak::protected(roles = ["admin"])]
async fn above(user: User) -> String {
    user.subject().to_owned()
}

/// Below.
#[keycloak::protected(roles = ["admin"])]
#[utoipa::path(get, path = "/below")]
async fn below(State(keycloak): State<Keycloak>) {
    drop(keycloak);
}

/// Open.
#[utoipa::path(get, path = "/open")]
#[keycloak::public]
async fn open() {}

/// Not documented.
#[keycloak::protected]
async fn plain() {}

pub(crate) fn main() {
    let (router, document) = OpenApiRouter::<Keycloak>::new()
        .routes(routes!(above))
        .routes(routes!(below))
        .routes(routes!(open))
        .route("/plain", axum::routing::get(plain))
        .split_for_parts();
    drop(router);
    let secured = |path: &str| {
        let operation = document.paths.paths[path].get.as_ref();
        operation.is_some_and(|operation| operation.security.is_some())
    };
    assert!(secured("/above") && secured("/below") && !secured("/open"));
}
