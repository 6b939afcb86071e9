//! What implements axum's `Handler` by itself can name a guard among its parameters without ever
//! extracting it: that is not a declaration.
use std::future::{Ready, ready};

use axum::{
    extract::Request,
    handler::Handler,
    response::{IntoResponse, Response},
};
use keycloak::__private::{Guard, PublicGuard};

#[derive(Clone)]
struct Public;

impl<S> Handler<((), PublicGuard), S> for Public {
    type Future = Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        ready("open".into_response())
    }
}

#[keycloak::protected(roles = ["admin"])]
async fn real() {}

#[derive(Clone)]
struct Protected;

impl<S> Handler<((), Guard<__keycloak_policy_real>), S> for Protected {
    type Future = Ready<Response>;

    fn call(self, _: Request, _: S) -> Self::Future {
        ready("open".into_response())
    }
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> = axum::Router::new()
        .route("/0", keycloak::routing::get(real))
        .route("/1", keycloak::routing::get(Public))
        .route("/2", keycloak::routing::get(Protected));
}
