//! Every term, set and combination of the language on handlers.
#![deny(warnings)]

use axum::{Router, routing::get};
use keycloak::{Keycloak, Policy, User};

const ADMIN: &str = "admin";
const ADMINS: Policy = keycloak::policy!(roles = [ADMIN]);

mod names {
    pub const EDITOR: &str = "editor";
}

mod checks {
    use axum::http::request::Parts;
    use keycloak::User;

    pub fn plain(user: &User) -> bool {
        user.subject() == "x"
    }

    pub async fn of_user(user: &User) -> bool {
        plain(user)
    }

    pub async fn of_request(user: &User, parts: &Parts) -> bool {
        plain(user) && parts.uri.path() == "/"
    }
}

#[keycloak::protected]
async fn anyone() {}

#[keycloak::protected()]
async fn anyone_with_parentheses() {}

#[keycloak::protected(roles = ["admin"])]
async fn role() {}

#[keycloak::protected(roles = ["admin", ADMIN, names::EDITOR], groups = any["ops", "/sre"])]
async fn roles_and_groups() {}

#[keycloak::protected(realm_roles = all["a", "b"], client_roles = none["c"], client_roles("api") = ["d"],)]
async fn clients() {}

#[keycloak::protected(scopes = ["openid", "orders:read"], groups = ["/eng/**"])]
async fn scopes() {}

#[keycloak::protected(claim("department") = any["hr", "it"], claim("a.b\\.c") = ["x"], claim("email_verified") = true)]
async fn claims() {}

#[keycloak::protected(callers = any["web", "jobs"], callers = none["old"], service_account = false)]
async fn callers() {}

#[keycloak::protected(any(service_account = true, callers = ["web"]), not(callers = any["a", "b"]))]
async fn service_accounts() {}

#[keycloak::protected(roles = ["billing"], impersonated = false)]
async fn impersonated() {}

const WARD: &str = "/wards/{ward}/nurses";

#[keycloak::protected(groups = any["/projects/{project}/editors", WARD, "/ops/**"], groups = none["/projects/a"], roles = ["{shop}-clerk"])]
async fn templates() {}

#[keycloak::protected(claim("customer") = ["{customer}"], client_roles("api") = ["{{x}}"], scopes = ["{x"])]
async fn braces() {}

#[keycloak::protected(policy = ADMINS, not(policy = ADMINS2))]
async fn named() {}
const ADMINS2: Policy = keycloak::policy!(any(groups = ["a"], not(groups = ["b"])), check = checks::plain);

#[keycloak::protected(check = checks::plain, check = checks::of_user, check = checks::of_request)]
async fn checked() {}

#[keycloak::protected(any(roles = ["a"], all(groups = ["b"], not(realm_roles = ["c"])), not(any(roles = ["x"], groups = ["y"]))))]
async fn nested() {}

#[keycloak::protected(optional)]
async fn optional(user: Option<User>) -> &'static str {
    if user.is_some() { "known" } else { "unknown" }
}

#[keycloak::protected(roles = ["a"], crate = ::keycloak)]
async fn crate_path() {}

use keycloak as kc;

#[kc::protected(roles = ["a"], crate = kc)]
async fn renamed() {}

#[keycloak::public]
async fn open() -> &'static str {
    "open"
}

pub(crate) fn main() {
    let _: Router<Keycloak> = Router::new()
        .route("/1", get(anyone).post(anyone_with_parentheses).put(role))
        .route("/2", get(roles_and_groups).post(clients).put(scopes))
        .route("/3", get(claims).post(named).put(checked))
        .route("/4", get(nested).post(optional).put(crate_path))
        .route("/5", get(open).post(renamed));
}
