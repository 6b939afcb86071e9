//! Patients and their records.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::{ACTIVE, Clinic, LICENSED, Records};

pub fn router() -> OpenApiRouter<Clinic> {
    OpenApiRouter::new()
        .routes(routes!(list, admit))
        .routes(routes!(show))
        .routes(routes!(discharge))
        .routes(routes!(record, write))
        .routes(routes!(export))
        .routes(routes!(prescribe))
        .routes(routes!(sign))
        .routes(routes!(ward))
}

#[derive(Serialize, Deserialize, utoipa::ToSchema)]
struct Entry {
    text: String,
}

/// Who is here.
#[utoipa::path(get, path = "/")]
#[keycloak::protected(roles = any["physician", "nurse", "receptionist"], policy = ACTIVE)]
async fn list(State(records): State<Records>) -> Json<Vec<String>> {
    Json(records.get().keys().cloned().collect())
}

/// Admits a patient.
#[utoipa::path(post, path = "/")]
#[keycloak::protected(roles = ["receptionist"])]
async fn admit(State(records): State<Records>, Json(entry): Json<Entry>) -> StatusCode {
    records.get().entry(entry.text).or_default();
    StatusCode::CREATED
}

/// One patient: for the staff, and for the patients themselves.
#[utoipa::path(get, path = "/{id}", params(("id" = String, Path)))]
#[keycloak::protected(any(
    all(roles = any["physician", "nurse", "receptionist"], policy = ACTIVE),
    claim("patient_id") = ["{id}"],
))]
async fn show(Path(id): Path<String>) -> Json<String> {
    Json(id)
}

/// Discharges a patient.
#[utoipa::path(delete, path = "/{id}/stay", params(("id" = String, Path)))]
#[keycloak::protected(any(roles = ["receptionist"], roles = ["head-physician"]))]
async fn discharge(State(records): State<Records>, Path(id): Path<String>) -> StatusCode {
    match records.get().remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}

/// The record: not for the reception, but for the patient.
#[utoipa::path(get, path = "/{id}/record", params(("id" = String, Path)))]
#[keycloak::protected(any(
    policy = LICENSED,
    all(roles = ["nurse"], groups = ["/wards/**"]),
    claim("patient_id") = ["{id}"],
))]
async fn record(
    State(records): State<Records>,
    Path(id): Path<String>,
) -> Result<Json<Vec<String>>, StatusCode> {
    let records = records.get();
    let record = records.get(&id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(record.clone()))
}

/// Adds to the record.
#[utoipa::path(post, path = "/{id}/record", params(("id" = String, Path)))]
#[keycloak::protected(policy = LICENSED)]
async fn write(
    State(records): State<Records>,
    Path(id): Path<String>,
    Json(entry): Json<Entry>,
) -> StatusCode {
    records.get().entry(id).or_default().push(entry.text);
    StatusCode::CREATED
}

/// The whole record as a file: the application must have asked for the scope.
#[utoipa::path(get, path = "/{id}/record/export", params(("id" = String, Path)))]
#[keycloak::protected(policy = LICENSED, scopes = ["records:export"])]
async fn export(Path(id): Path<String>) -> String {
    format!("record of {id}")
}

/// A prescription, by who is on call or in the ward.
#[utoipa::path(post, path = "/{id}/prescriptions", params(("id" = String, Path)))]
#[keycloak::protected(policy = LICENSED, any(claim("on_call") = true, groups = ["/wards/**"]))]
async fn prescribe(Path(_id): Path<String>, Json(entry): Json<Entry>) -> Json<Entry> {
    Json(entry)
}

/// Signs a prescription.
#[utoipa::path(put, path = "/{id}/prescriptions/signature", params(("id" = String, Path)))]
#[keycloak::protected(roles = ["head-physician"], claim("licence.state") = ["active"])]
async fn sign(Path(id): Path<String>) -> String {
    format!("signed for {id}")
}

/// The ward's list, for its own people and those of its stations.
#[utoipa::path(get, path = "/wards/{ward}", params(("ward" = String, Path)))]
#[keycloak::protected(groups = ["/wards/{ward}/**"], policy = ACTIVE)]
async fn ward(Path(ward): Path<String>) -> String {
    format!("the beds of {ward}")
}
