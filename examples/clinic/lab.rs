//! The laboratory: its own people, partners, and machines.

use axum::{Json, http::request::Parts};
use keycloak::User;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::{ACTIVE, Clinic};

pub fn router() -> OpenApiRouter<Clinic> {
    OpenApiRouter::new()
        .routes(routes!(orders, order))
        .routes(routes!(results))
        .routes(routes!(import))
        .routes(routes!(urgent))
        .routes(routes!(cohorts))
}

/// Whether the request says that the sender is a laboratory's gateway.
async fn from_gateway(user: &User, parts: &Parts) -> bool {
    user.username().is_some() && parts.headers.contains_key("x-lab-gateway")
}

/// What is to be done.
#[utoipa::path(get, path = "/orders")]
#[keycloak::protected(any(roles = ["lab-technician"], all(roles = ["physician"], policy = ACTIVE)))]
async fn orders() -> Json<Vec<String>> {
    Json(vec!["blood count".to_owned()])
}

/// Asks for something to be done.
#[utoipa::path(post, path = "/orders")]
#[keycloak::protected(roles = any["physician", "nurse"], realm_roles = ["staff"], policy = ACTIVE)]
async fn order() -> &'static str {
    "ordered"
}

/// Enters a result: partners only through their own laboratory.
#[utoipa::path(post, path = "/results")]
#[keycloak::protected(roles = ["lab-technician"], any(realm_roles = ["staff"], groups = ["/partners/**"]))]
async fn results() -> &'static str {
    "entered"
}

/// Results that machines deliver.
#[utoipa::path(post, path = "/import")]
#[keycloak::protected(client_roles = ["importer"], realm_roles = none["staff", "admin"])]
async fn import() -> &'static str {
    "imported"
}

/// Results that cannot wait: the gateway says which these are.
#[utoipa::path(post, path = "/urgent")]
#[keycloak::protected(roles = any["lab-technician", "importer"], check = from_gateway)]
async fn urgent() -> &'static str {
    "delivered"
}

/// Study data: for researchers whose contract is with the clinic or who are in the group, never
/// for who is suspended.
#[utoipa::path(get, path = "/cohorts")]
#[keycloak::protected(
    roles = ["researcher"],
    scopes = ["research:read"],
    any(groups = ["research"], not(claim("contract") = ["external"])),
    policy = ACTIVE,
)]
async fn cohorts() -> &'static str {
    "cohort A"
}
