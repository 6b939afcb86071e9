//! Every public async function, as one value.

use std::{future::Future, pin::Pin};

use axum::{Router, body::Body, http::Request, routing::get};
use tower::ServiceExt as _;

use super::world::Service;

#[keycloak::protected]
async fn guarded() {}

async fn layered() {}

/// What is awaited. The answer is 200, or the status of the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Ready,
    Authenticate,
    Metadata,
    Refresh,
    Diagnosis,
    Health,
    Guard,
    Layer,
}

pub const CALLS: [Call; 8] = [
    Call::Ready,
    Call::Authenticate,
    Call::Metadata,
    Call::Refresh,
    Call::Diagnosis,
    Call::Health,
    Call::Guard,
    Call::Layer,
];

impl Call {
    pub fn of(self, service: &Service) -> Pin<Box<dyn Future<Output = u16> + Send + 'static>> {
        let keycloak = match self {
            Self::Refresh => service.refreshing.clone(),
            _ => service.keycloak.clone(),
        };
        let token = service.token.clone();
        Box::pin(async move {
            let error = match self {
                Self::Ready => keycloak.ready().await.err(),
                Self::Authenticate => keycloak.authenticate_token(&token).await.err(),
                Self::Metadata => keycloak.provider_metadata().await.err(),
                Self::Refresh => keycloak.refresh_token("refresh").await.err(),
                Self::Diagnosis => {
                    return keycloak.run_diagnostics().await.http_status().as_u16();
                }
                Self::Health => return keycloak.health().await.http_status().as_u16(),
                Self::Guard => {
                    let router = Router::new().route("/", get(guarded));
                    return send(router.with_state(keycloak), &token).await;
                }
                Self::Layer => {
                    let router = Router::new().route("/", get(layered));
                    return send(router.layer(keycloak.layer()), &token).await;
                }
            };
            error.map_or(200, |error| error.status().as_u16())
        })
    }
}

async fn send(router: Router, token: &str) -> u16 {
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("infallible");
    response.status().as_u16()
}
