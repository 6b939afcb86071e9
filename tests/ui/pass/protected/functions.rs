//! Every kind of handler that axum takes.
#![deny(warnings)]

use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::{FromRef, Path, Query, Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, Version},
    response::{Html, IntoResponse},
    routing::get,
};
use keycloak::{Keycloak, User};

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
    name: &'static str,
}

trait Store: Clone + Send + Sync + 'static {
    fn name(&self) -> &'static str;
}

impl Store for &'static str {
    fn name(&self) -> &'static str {
        self
    }
}

#[keycloak::protected(roles = ["a"])]
async fn no_arguments() {}

#[keycloak::protected(roles = ["a"])]
async fn state(State(app): State<App>, user: User) -> String {
    format!("{} {}", app.name, user.subject())
}

#[keycloak::protected(roles = ["a"])]
async fn body(State(name): State<&'static str>, Json(body): Json<u64>) -> String {
    format!("{name} {body}")
}

#[keycloak::protected(roles = ["a"])]
async fn whole_request(request: Request) -> StatusCode {
    drop(request);
    StatusCode::OK
}

#[keycloak::protected(roles = ["a"])]
async fn generic<T>(State(store): State<T>) -> &'static str
where
    T: Store,
{
    store.name()
}

#[keycloak::protected(roles = ["a"])]
async fn const_generic<const N: usize>() -> Json<[u8; 4]> {
    Json([N as u8; 4])
}

#[keycloak::protected(roles = ["a"])]
async fn lifetime<'a>() -> Html<&'a str> {
    Html("<p>")
}

#[keycloak::protected(roles = ["a"])]
async fn opaque() -> impl IntoResponse {
    StatusCode::NO_CONTENT
}

#[keycloak::protected(roles = ["a"])]
async fn r#match(Path(r#type): Path<String>) -> String {
    r#type
}

#[keycloak::public]
async fn r#loop() {}

#[keycloak::protected(roles = ["a"])]
pub(crate) async fn visible() {}

#[keycloak::protected(roles = ["a"])]
async fn eight(
    _1: Method,
    _2: Uri,
    _3: Version,
    _4: HeaderMap,
    _5: Path<u8>,
    _6: State<App>,
    _7: Query<()>,
) {
}

#[keycloak::protected(roles = ["a"])]
#[allow(clippy::too_many_arguments)]
async fn sixteen(
    method: Method,
    _2: Uri,
    _3: Version,
    _4: HeaderMap,
    _5: Method,
    _6: Uri,
    _7: Version,
    _8: HeaderMap,
    _9: Method,
    _10: Uri,
    _11: Version,
    _12: HeaderMap,
    _13: Method,
    _14: Uri,
    _15: Version,
    body: Bytes,
) -> String {
    format!("{method} {}", body.len())
}

#[keycloak::protected(require = method == Method::GET)]
#[allow(clippy::too_many_arguments)]
async fn sixteen_with_require(
    method: Method,
    _2: Uri,
    _3: Version,
    _4: HeaderMap,
    _5: Method,
    _6: Uri,
    _7: Version,
    _8: HeaderMap,
    _9: Method,
    _10: Uri,
    _11: Version,
    _12: HeaderMap,
    _13: Method,
    _14: Uri,
    _15: Version,
    _16: Form<()>,
) {
}

mod inner {
    #[keycloak::protected(roles = [super::EDITOR])]
    pub async fn named_like_the_outer_one() {}
}

#[keycloak::protected(roles = ["a"])]
async fn named_like_the_outer_one() {}

const EDITOR: &str = "editor";

fn router() -> Router<App> {
    #[keycloak::protected(roles = ["a"])]
    async fn in_a_function() {}
    Router::new().route("/", get(in_a_function))
}

pub(crate) fn main() {
    let _: Router<App> = router()
        .route("/1", get(no_arguments).post(state).put(body).delete(whole_request))
        .route("/2", get(generic::<&'static str>).post(const_generic::<4>).put(lifetime))
        .route("/3", get(opaque).post(r#match).put(r#loop).delete(visible))
        .route("/4", get(eight).post(sixteen).put(sixteen_with_require))
        .route("/5", get(inner::named_like_the_outer_one).post(named_like_the_outer_one));
}
