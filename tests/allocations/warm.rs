//! What is counted: the same handler without a guard, with one, with its user, and with a long
//! policy. `tests/bench/instructions.rs` counts them, too.

use axum::{Router, extract::FromRef, routing::get};
use keycloak::{Keycloak, User, protected};

#[derive(Clone, FromRef)]
pub struct App {
    pub keycloak: Keycloak,
}

async fn bare() -> &'static str {
    "done"
}

#[protected(roles = ["admin"])]
async fn guarded() -> &'static str {
    "done"
}

#[protected(roles = ["admin"])]
async fn guarded_with_user(user: User) -> &'static str {
    drop(user);
    "done"
}

#[protected(
    any(roles = ["nobody"], all(realm_roles = any["admin", "root"], groups = ["/eng/**"])),
    scopes = ["openid"],
    not(roles = ["suspended"]),
    claim("department") = ["sales"],
)]
async fn guarded_by_a_long_policy() -> &'static str {
    "done"
}

/// Refuses every token of these measurements.
#[protected(roles = ["nobody"])]
async fn refused() -> &'static str {
    "done"
}

#[protected(
    any(roles = ["nobody"], all(realm_roles = any["root"], groups = ["/eng/**"])),
    scopes = ["openid"],
    not(roles = ["suspended"]),
    claim("department") = ["purchase"],
)]
async fn refused_by_a_long_policy() -> &'static str {
    "done"
}

pub fn routes() -> Router<App> {
    Router::new()
        .route("/bare", get(bare))
        .route("/guarded", get(guarded))
        .route("/user", get(guarded_with_user))
        .route("/policy", get(guarded_by_a_long_policy))
        .route("/refused", get(refused))
        .route("/refused/policy", get(refused_by_a_long_policy))
}
