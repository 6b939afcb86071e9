//! `require`: patterns, references, `.await`, `?` in the body, return types, the argument `user`.
#![deny(warnings)]

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use keycloak::{Keycloak, Rejection, User};

#[derive(Clone)]
struct App {
    keycloak: Keycloak,
    db: Db,
}

impl axum::extract::FromRef<App> for Keycloak {
    fn from_ref(app: &App) -> Self {
        app.keycloak.clone()
    }
}

impl axum::extract::FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

#[derive(Clone)]
struct Db;

impl Db {
    async fn owner(&self, id: &str) -> Option<String> {
        Some(id.to_owned())
    }
}

#[keycloak::protected(require = user.subject() == id)]
async fn own_page(Path(id): Path<String>) -> String {
    id
}

#[keycloak::protected(require = user.subject() == id)]
async fn unit(Path(id): Path<String>) {
    drop(id);
}

#[keycloak::protected(any(roles = ["admin"], require = db.owner(&id).await.as_deref() == Some(user.subject())), scopes = ["pages"])]
async fn awaits(user: User, State(db): State<Db>, Path(id): Path<String>) -> impl IntoResponse {
    let _ = db;
    (StatusCode::OK, format!("{} {id}", user.subject()))
}

#[keycloak::protected(require = { let owner = db.owner(&id).await; owner.is_some_and(|owner| owner == user.subject()) }, require = page > 0)]
async fn fallible(
    State(db): State<Db>,
    Path((id, page)): Path<(String, u32)>,
) -> Result<Json<u32>, StatusCode> {
    let page = db.owner(&id).await.map(|_| page).ok_or(StatusCode::NOT_FOUND)?;
    if page == 7 {
        return Err(StatusCode::IM_A_TEAPOT);
    }
    let doubled: u32 = Some(page * 2).ok_or(StatusCode::BAD_REQUEST)?;
    Ok(Json(doubled))
}

#[keycloak::protected(not(require = id == 0))]
async fn coerces(Path(id): Path<u64>) -> Result<Response, Box<dyn IntoResponse2>> {
    if id == 1 {
        return Err(Box::new("one"));
    }
    Ok(id.to_string().into_response())
}

trait IntoResponse2: Send {
    fn text(&self) -> &'static str;
}

impl IntoResponse2 for &'static str {
    fn text(&self) -> &'static str {
        self
    }
}

impl IntoResponse for Box<dyn IntoResponse2> {
    fn into_response(self) -> Response {
        self.text().into_response()
    }
}

#[keycloak::protected(require = query.len() < 3)]
async fn result_of_impl(
    Query(query): Query<Vec<(String, String)>>,
) -> Result<impl IntoResponse, StatusCode> {
    let first = query.into_iter().next().ok_or(StatusCode::NOT_FOUND)?;
    Ok(first.1)
}

#[keycloak::protected(require = true)]
async fn never(Path(_id): Path<u64>) -> &'static str {
    "no argument is named"
}

#[derive(serde::Deserialize)]
struct Range {
    from: u32,
    #[serde(rename = "to")]
    until: u32,
    _step: Option<u32>,
}

#[keycloak::protected(require = from < end)]
#[tracing::instrument(skip_all)]
async fn taken_apart<T>(
    _: User,
    Query(Range { mut from, until: end, _step: _ }): Query<Range>,
    State(_store): State<T>,
) -> String
where
    T: Clone + Send + Sync + 'static,
{
    from += 1;
    format!("{from} {end}")
}

#[keycloak::protected(require = user.subject() == id)]
async fn kept_whole(Path(id): Path<String>, Query(Range { from, .. }): Query<Range>) -> String {
    format!("{id} {from}")
}

#[keycloak::protected(require = user.subject() == r#type)]
#[cfg_attr(all(), tracing::instrument, must_use)]
async fn r#match<T: Default + ToString>(Path(r#type): Path<String>) -> String {
    r#type + &T::default().to_string()
}

#[keycloak::protected(require = user.subject() == same_name)]
async fn same_name(Path(same_name): Path<String>) -> String {
    same_name
}

/// Nothing in the surroundings changes what the questions mean.
mod surroundings {
    #![allow(dead_code, non_camel_case_types)]

    use axum::extract::Path;

    struct bool;

    pub(super) trait ByValue: Sized {
        fn needs(self, _: u8) -> ::core::primitive::bool {
            false
        }

        fn user(self) {}
    }

    impl<T> ByValue for T {}

    pub(super) trait ByReference {
        fn answer(&self, _: u8, _: ::core::primitive::bool) {}
    }

    impl<T> ByReference for T {}

    #[keycloak::protected(require = user.subject() == id)]
    pub(super) async fn page(Path(id): Path<String>) -> String {
        id
    }
}

pub(crate) fn main() {
    // The return type is the handler's own, wrapped.
    async fn _direct(guard: keycloak::__private::PendingGuard<__keycloak_policy_own_page>) {
        let answer: Result<String, Rejection> = own_page(guard, Path("x".to_owned())).await;
        drop(answer);
    }
    let _: Router<App> = Router::new()
        .route("/1", get(own_page).post(unit).put(awaits))
        .route("/2", get(fallible).post(coerces).put(result_of_impl).delete(never))
        .route("/3", get(taken_apart::<Db>).post(kept_whole).put(r#match::<u8>).delete(same_name))
        .route("/4", get(surroundings::page));
}
