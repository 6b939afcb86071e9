//! Nothing in the surroundings changes what the glue means: shadowed names, glob imports, bodies
//! of functions, macros, a renamed crate.
#![allow(dead_code, non_camel_case_types)]

extern crate keycloak as kc;

use utoipa_axum::{router::OpenApiRouter, routes};

// What utoipa's own code can bear.
mod core {}
mod inventory {}
struct Operation;
struct Documented;
struct Policy;

#[utoipa::path(get, path = "/a")]
#[kc::protected(roles = ["admin"], crate = ::kc)]
async fn list() {}

mod child {
    pub use super::*;

    // Documented, too, and of the same name: its own operation is nearer than the imported one.
    #[utoipa::path(get, path = "/b")]
    #[keycloak::protected(scopes = ["b"])]
    pub async fn list() {}
}

mod other {
    // Public and of the same name as something documented elsewhere, without importing it.
    #[keycloak::public]
    pub async fn list() {}
}

macro_rules! handler {
    ($name:ident, $path:literal, $role:literal) => {
        #[utoipa::path(get, path = $path)]
        #[keycloak::protected(roles = [$role])]
        async fn $name() {}
    };
}

handler!(made, "/made", "admin");

pub(crate) fn main() {
    #[keycloak::protected(roles = ["admin"])]
    #[utoipa::path(get, path = "/inner")]
    async fn inner() {}

    let (_, document) = OpenApiRouter::<keycloak::Keycloak>::new()
        .routes(routes!(list))
        .routes(routes!(child::list))
        .routes(routes!(made))
        .routes(routes!(inner))
        .split_for_parts();
    for item in document.paths.paths.values() {
        assert!(item.get.as_ref().is_some_and(|operation| operation.security.is_some()));
    }
    assert_eq!(document.paths.paths.len(), 4);
}
