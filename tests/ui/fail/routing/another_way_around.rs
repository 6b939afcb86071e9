//! What axum-extra's `declared.or(undeclared)` is to axum: a handler whose parameters are named by
//! the tuples of both. The second one runs where the first one's parameters are refused.
use std::{
    future::{Future, ready},
    pin::Pin,
};

use axum::{
    extract::{FromRequestParts, Request},
    handler::Handler,
    response::{IntoResponse, Response},
};

struct Or<L, R>(L, R);

impl<L: Clone, R: Clone> Clone for Or<L, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), self.1.clone())
    }
}

impl<S, M, L, R, G, T, Rt> Handler<(M, (G, T), Rt), S> for Or<L, R>
where
    S: Send + Sync + 'static,
    M: 'static,
    L: Handler<(M, G, T), S>,
    R: Handler<Rt, S>,
    G: FromRequestParts<S> + Send + 'static,
    T: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let fits = G::from_request_parts(&mut parts, &state).await.is_ok();
            let request = Request::from_parts(parts, body);
            if fits {
                self.0.call(request, state).await
            } else {
                self.1.call(request, state).await
            }
        })
    }
}

#[keycloak::protected(roles = ["admin"])]
async fn declared(_user: keycloak::User) {}

async fn undeclared() -> impl IntoResponse {
    ready("everybody").await
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", keycloak::routing::get(Or(declared, undeclared)));
}
