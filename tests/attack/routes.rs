//! The routes under attack. Each answers the caller's subject and nothing else.

use axum::{
    Router,
    body::Bytes,
    extract::{FromRef, Json},
    routing::{get, post},
};
use keycloak::{Keycloak, User, protected};
use serde_json::Value;

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

async fn me(user: User) -> String {
    user.subject().to_owned()
}

/// One handler per policy, all with the same body.
macro_rules! handlers {
    ($($name:ident: [$($policy:tt)*];)*) => {$(
        #[protected($($policy)*)]
        async fn $name(user: User) -> String {
            user.subject().to_owned()
        }
    )*};
}

handlers! {
    anyone: [];
    admin: [roles = ["admin"]];
    both: [roles = ["admin", "auditor"]];
    either: [roles = any["admin", "auditor"]];
    realm_admin: [realm_roles = ["admin"]];
    client_admin: [client_roles = ["admin"]];
    other_admin: [client_roles("other-app") = ["admin"]];
    ops: [groups = ["ops"]];
    backend: [groups = ["/eng/backend"]];
    eng: [groups = ["/eng/**"]];
    reports: [scopes = ["reports:read"]];
    sales: [claim("department") = ["sales"]];
    nested_claim: [claim("org.unit") = ["a"]];
    mfa: [claim("mfa") = true];
    not_suspended: [not(roles = ["suspended"])];
    not_realm_suspended: [realm_roles = none["suspended"]];
    not_client_suspended: [not(client_roles("other-app") = ["suspended"])];
    not_ops: [groups = none["ops"]];
    not_eng: [not(groups = ["/eng/**"])];
    not_sales: [not(claim("department") = ["sales"])];
    not_mfa: [not(claim("mfa") = true)];
    not_scoped: [not(claim("scope") = ["restricted"])];
    admin_or_ops: [any(roles = ["admin"], groups = ["ops"])];
}

#[protected(optional)]
async fn maybe(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_owned())
}

#[protected(roles = ["admin"])]
async fn upload(user: User, body: Bytes) -> String {
    drop(body);
    user.subject().to_owned()
}

#[protected(roles = ["admin"])]
async fn submit(user: User, Json(body): Json<Value>) -> String {
    drop(body);
    user.subject().to_owned()
}

/// The whole application.
pub fn router(keycloak: Keycloak) -> Router {
    Router::new()
        .route("/me", get(me))
        .route("/anyone", get(anyone))
        .route("/admin", get(admin))
        .route("/both", get(both))
        .route("/either", get(either))
        .route("/realm-admin", get(realm_admin))
        .route("/client-admin", get(client_admin))
        .route("/other-admin", get(other_admin))
        .route("/ops", get(ops))
        .route("/backend", get(backend))
        .route("/eng", get(eng))
        .route("/reports", get(reports))
        .route("/sales", get(sales))
        .route("/nested-claim", get(nested_claim))
        .route("/mfa", get(mfa))
        .route("/not-suspended", get(not_suspended))
        .route("/not-realm-suspended", get(not_realm_suspended))
        .route("/not-client-suspended", get(not_client_suspended))
        .route("/not-ops", get(not_ops))
        .route("/not-eng", get(not_eng))
        .route("/not-sales", get(not_sales))
        .route("/not-mfa", get(not_mfa))
        .route("/not-scoped", get(not_scoped))
        .route("/admin-or-ops", get(admin_or_ops))
        .route("/maybe", get(maybe))
        .route("/upload", post(upload))
        .route("/submit", post(submit))
        .with_state(App { keycloak })
}
