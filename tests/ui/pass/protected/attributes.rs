//! Other attributes above and below: `#[debug_handler]`, `#[instrument]`, `cfg`, `cfg_attr`, docs.
#![deny(warnings)]

use axum::{Router, extract::Path, http::StatusCode, routing::get};
use keycloak::{Keycloak, User};

#[keycloak::protected(roles = ["a"])]
#[axum::debug_handler(state = Keycloak)]
async fn debugged(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[keycloak::protected(require = id > 0)]
#[axum::debug_handler(state = Keycloak)]
async fn debugged_require(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[tracing::instrument]
#[keycloak::protected(roles = ["a"])]
async fn instrument_above(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[keycloak::protected(roles = ["a"])]
#[tracing::instrument(ret)]
async fn instrument_below(Path(id): Path<u64>) -> String {
    id.to_string()
}

#[tracing::instrument(skip(user), err(Debug))]
#[keycloak::protected(any(roles = ["a"], require = user.subject() == id))]
async fn instrument_above_require(user: User, Path(id): Path<String>) -> Result<String, StatusCode> {
    let first = id.chars().next().ok_or(StatusCode::BAD_REQUEST)?;
    Ok(format!("{first} {}", user.subject()))
}

#[keycloak::protected(any(roles = ["a"], require = user.subject() == id))]
#[tracing::instrument(skip_all)]
async fn instrument_below_require(Path(id): Path<String>) -> Result<String, StatusCode> {
    let first = id.chars().next().ok_or(StatusCode::BAD_REQUEST)?;
    Ok(format!("{first}"))
}

/// Documented.
#[keycloak::protected(roles = ["a"])]
/// Also below.
#[must_use]
async fn documented() -> StatusCode {
    StatusCode::OK
}

#[keycloak::protected(roles = ["a"])]
#[cfg(any())]
async fn not_there(_: NoSuchType) {}

#[cfg(any())]
#[keycloak::protected(roles = ["a"])]
async fn not_there_either(_: NoSuchType) {}

#[keycloak::protected(roles = ["a"])]
#[cfg(not(any()))]
async fn one_of_two() {}

#[keycloak::protected(roles = ["a"])]
#[cfg(any())]
async fn one_of_two() {}

#[cfg_attr(all(), keycloak::protected(roles = ["a"]))]
async fn conditional() {}

#[cfg_attr(any(), keycloak::protected(roles = ["a"]))]
#[cfg_attr(not(any()), keycloak::public)]
async fn one_or_the_other() {}

macro_rules! handler {
    ($name:ident, $role:literal, $group:expr, $constant:path) => {
        #[keycloak::protected(roles = [$role, $constant], groups = any[$group, "x"])]
        async fn $name() {}
    };
    ($($tokens:tt)*) => {
        #[keycloak::protected($($tokens)*)]
        async fn passed_on() {}
    };
}

const CONSTANT: &str = "constant";

handler!(from_a_macro, "a", "b", CONSTANT);
handler!(not(roles = any["a", "b"]), scopes = ["c"]);

pub(crate) fn main() {
    let _: Router<Keycloak> = Router::new()
        .route("/1", get(debugged).post(debugged_require))
        .route("/2", get(instrument_above).post(instrument_below))
        .route("/3", get(instrument_above_require).post(instrument_below_require))
        .route("/4", get(documented).post(one_of_two).put(conditional))
        .route("/5", get(one_or_the_other).post(from_a_macro).put(passed_on));
}
