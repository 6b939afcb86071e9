//! The service of every layer that decides before the request goes on.
//!
//! Invariant: the inner service sees no request that the gate did not admit.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use tower_service::Service;

use crate::error::AuthError;

/// What decides about a request by its head.
pub(crate) trait Gate: Clone + Send + 'static {
    /// Lets the request through, or says why not.
    fn admit(&self, parts: &mut Parts) -> impl Future<Output = Result<(), AuthError>> + Send;
}

/// A service inside [`Keycloak::layer`](crate::Keycloak::layer) or
/// [`Keycloak::guard`](crate::Keycloak::guard).
#[derive(Debug, Clone)]
pub struct GatedService<G, S> {
    /// None where the gate is further inside, see [`inside`](Self::inside).
    gate: Option<G>,
    inner: S,
}

impl<G, S> GatedService<G, S> {
    pub(crate) fn new(gate: G, inner: S) -> Self {
        Self {
            gate: Some(gate),
            inner,
        }
    }

    /// For a service that asks the gate before each of its answers by itself.
    pub(super) fn inside(inner: S) -> Self {
        Self { gate: None, inner }
    }
}

impl<G, S> Service<Request> for GatedService<G, S>
where
    G: Gate,
    S: Service<Request> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let gate = self.gate.clone();
        // The service that was polled ready is the one to call; a fresh clone takes its place.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if let Some(gate) = gate
                && let Err(error) = gate.admit(&mut parts).await
            {
                return Ok(error.into_response());
            }
            let request = Request::from_parts(parts, body);
            inner.call(request).await.map(IntoResponse::into_response)
        })
    }
}
