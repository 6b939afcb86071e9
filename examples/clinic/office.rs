//! Appointments, invoices, administration.

use axum::Json;
use keycloak::manifest::Manifest;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::{ACTIVE, Clinic};

const BILLING: &str = "billing";

pub fn router() -> OpenApiRouter<Clinic> {
    OpenApiRouter::new()
        .routes(routes!(appointments, appoint))
        .routes(routes!(invoices, charge))
        .routes(routes!(log))
        .routes(routes!(policies))
        .routes(routes!(duty))
}

/// The calendar.
#[utoipa::path(get, path = "/appointments")]
#[keycloak::protected(realm_roles = ["staff"], not(realm_roles = ["suspended"]))]
async fn appointments() -> &'static str {
    "9:00 p-1"
}

/// A new appointment.
#[utoipa::path(post, path = "/appointments")]
#[keycloak::protected(any(roles = any["receptionist", "nurse"], claim("patient_id") = ["p-7"]))]
async fn appoint() -> &'static str {
    "noted"
}

/// What is owed.
#[utoipa::path(get, path = "/invoices")]
#[keycloak::protected(roles = any[BILLING, "auditor"])]
async fn invoices() -> &'static str {
    "p-1: 120.00"
}

/// A new invoice: not by who audits them.
#[utoipa::path(post, path = "/invoices")]
#[keycloak::protected(roles = [BILLING], client_roles = none["auditor"])]
async fn charge() -> &'static str {
    "charged"
}

/// What others did.
#[utoipa::path(get, path = "/admin/log")]
#[keycloak::protected(roles = ["auditor"])]
async fn log() -> &'static str {
    "nothing happened"
}

/// The policies of this service.
#[utoipa::path(get, path = "/admin/policies")]
#[keycloak::protected(realm_roles = ["admin"])]
async fn policies() -> Json<Manifest> {
    Json(keycloak::policies())
}

/// Who is on duty now.
#[utoipa::path(get, path = "/duty")]
#[keycloak::protected(claim("on_call") = true, policy = ACTIVE)]
async fn duty() -> &'static str {
    "you are"
}
