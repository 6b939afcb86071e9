//! The application: its state, its policies by name, its router.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Json, Router, extract::FromRef};
use keycloak::{
    ConfigError, Keycloak, Policy, User,
    dev::RunningRealm,
    matrix::{AccessMatrix, MatrixError},
    policy,
};
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{lab, office, patients};

/// Suspended users may sign in, and nothing else.
pub const ACTIVE: Policy = policy!(not(realm_roles = ["suspended"]));
/// Physicians with a licence that is good.
pub const LICENSED: Policy = policy!(
    roles = ["physician"],
    claim("licence.state") = ["active"],
    policy = ACTIVE
);

#[derive(Clone, FromRef)]
pub struct Clinic {
    keycloak: Keycloak,
    records: Records,
}

/// What the clinic knows, by patient.
#[derive(Clone, Default)]
pub struct Records(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl Records {
    pub fn get(&self) -> MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The instance of this application on the embedded realm.
pub fn keycloak(realm: &RunningRealm) -> Result<Keycloak, ConfigError> {
    // The realm has the group mapper, so that a token without groups proves that there are none.
    realm
        .keycloak("clinic-api")
        // The clinic excludes by roles and groups, so it says whose tokens leave none out.
        .complete_tokens_from(["clinic-web", "clinic-api", "lab-import"])
        .build()
}

/// The router, and the document of everything that is documented.
pub fn router(keycloak: Keycloak) -> (Router, OpenApi) {
    // Statistics have no handlers of their own to annotate.
    let statistics = Router::new()
        .route(
            "/beds",
            axum::routing::get(|| async { "12 of 40 are free" }),
        )
        .route("/visits", axum::routing::get(|| async { "318 this week" }));
    let statistics = keycloak.guarded(STATISTICS, statistics);
    let (router, document) = OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(news))
        .routes(routes!(me))
        .nest("/patients", patients::router())
        .nest("/lab", lab::router())
        .merge(office::router())
        .split_for_parts();
    let clinic = Clinic {
        keycloak,
        records: Records::default(),
    };
    (
        router.nest("/statistics", statistics).with_state(clinic),
        document,
    )
}

const STATISTICS: Policy = policy!(realm_roles = any["staff", "admin"], policy = ACTIVE);

/// Who may call what.
pub async fn matrix(
    realm: &RunningRealm,
    keycloak: &Keycloak,
) -> Result<AccessMatrix, MatrixError> {
    let (_, document) = router(keycloak.clone());
    AccessMatrix::builder(keycloak)
        .title("Clinic: who may call what")
        .token_client("clinic-api")
        .token_scopes(["research:read"])
        .realm(realm)
        .document(&document)
        .guarded_route("GET", "/statistics/beds", [STATISTICS])
        .guarded_route("GET", "/statistics/visits", [STATISTICS])
        .path_value("id", "p-1")
        .build()
        .await
}

/// For load balancers.
#[utoipa::path(get, path = "/health")]
#[keycloak::public]
async fn health() -> &'static str {
    "fine"
}

#[derive(Serialize)]
struct News {
    headline: &'static str,
    /// Only for who has signed in.
    intern: Option<&'static str>,
}

/// For everybody, with more for users who have signed in.
#[utoipa::path(get, path = "/news")]
#[keycloak::protected(optional)]
async fn news(user: Option<User>) -> Json<News> {
    Json(News {
        headline: "The garden is open again",
        intern: user.map(|_| "Flu shots on Monday"),
    })
}

/// The caller.
#[utoipa::path(get, path = "/me")]
#[keycloak::protected]
async fn me(user: User) -> Json<User> {
    Json(user)
}
