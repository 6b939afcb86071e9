//! The layer and its service.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::{OriginalUri, Request},
    http::{Method, header, request::Parts},
    response::{IntoResponse, Response},
};
use tower_layer::Layer;
use tower_service::Service;

use super::public_paths::PublicPaths;
use crate::Keycloak;

impl Keycloak {
    /// A layer that requires authentication for everything but its public paths, also for paths
    /// that no route knows. Handlers behind it find the caller already authenticated, so a guard
    /// verifies nothing twice.
    ///
    /// [`#[public]`](macro@crate::public) opens no path under it: the list of public paths is in
    /// one place.
    ///
    /// # CORS
    /// A preflight carries no credentials (Fetch standard section 3.3.5), and is refused here like
    /// any other request without. So put the CORS layer *outside*, which with axum means adding it
    /// later: it then answers preflights itself, and puts its headers on our refusals too. Where
    /// that is not possible see [`AuthLayer::pass_preflights`].
    ///
    /// ```
    /// # fn f(keycloak: keycloak::Keycloak) -> axum::Router {
    /// use axum::{Router, routing::get};
    ///
    /// Router::new()
    ///     .route("/", get(|| async { "welcome" }))
    ///     .route("/docs/{page}", get(|| async { "a page" }))
    ///     .route("/reports", get(|user: keycloak::User| async move { user.subject().to_owned() }))
    ///     .layer(keycloak.layer().public_paths(["/", "/docs/**"]))
    ///     // .layer(CorsLayer::new()…)
    ///     .with_state(keycloak)
    /// # }
    /// ```
    #[must_use]
    pub fn layer(&self) -> AuthLayer {
        AuthLayer {
            keycloak: self.clone(),
            rules: Arc::new(Rules::default()),
        }
    }
}

/// The layer that [`Keycloak::layer`] makes.
#[derive(Debug, Clone)]
pub struct AuthLayer {
    keycloak: Keycloak,
    rules: Arc<Rules>,
}

#[derive(Debug, Clone, Default)]
struct Rules {
    public: PublicPaths,
    pass_preflights: bool,
}

impl AuthLayer {
    /// Paths that need no authentication: `"/health"` is that path and no other, `"/docs/**"` is
    /// `/docs` and everything below it, by whole segments. May be called several times.
    ///
    /// Compared is the path as the client sent it, byte for byte and from the very beginning, also
    /// in a nested router. A path with `%`, `//`, or a `.` or `..` segment is never public. What is
    /// no such pattern opens nothing (and neither does `"/**"`); it is logged as an error.
    #[must_use]
    pub fn public_paths<I>(mut self, paths: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let rules = Arc::make_mut(&mut self.rules);
        for path in paths {
            let path = path.as_ref();
            if !rules.public.add(path) {
                tracing::error!(
                    name: "keycloak.bad_public_path",
                    target: "keycloak",
                    path,
                    "not a public path: write `/exact/path` or `/prefix/**`; it opens nothing"
                );
            }
        }
        self
    }

    /// Lets CORS preflights through to the inner service without authentication: for a CORS layer
    /// that cannot be put outside of this one.
    ///
    /// A preflight is an `OPTIONS` request with `Origin` and `Access-Control-Request-Method`, which
    /// anybody can send with any client: what answers `OPTIONS` behind this layer (routes made with
    /// `any` or `options`, proxies) is then open to the world.
    #[must_use]
    pub fn pass_preflights(mut self) -> Self {
        Arc::make_mut(&mut self.rules).pass_preflights = true;
        self
    }
}

#[cfg(feature = "matrix")]
impl AuthLayer {
    /// Whether the layer lets requests for this path through without authentication.
    pub(crate) fn leaves_open(&self, path: &str) -> bool {
        self.rules.public.contain(path)
    }
}

impl Rules {
    fn need_no_authentication(&self, parts: &Parts) -> bool {
        // axum takes prefixes off the URI of nested routers and keeps the original here.
        let path = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(original)) => original.path(),
            None => parts.uri.path(),
        };
        self.public.contain(path) || (self.pass_preflights && is_preflight(parts))
    }
}

/// Fetch standard section 3.3.2.
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService {
            layer: self.clone(),
            inner,
        }
    }
}

/// A service behind [`Keycloak::layer`].
#[derive(Debug, Clone)]
pub struct AuthService<S> {
    layer: AuthLayer,
    inner: S,
}

impl<S> Service<Request> for AuthService<S>
where
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
        let AuthLayer { keycloak, rules } = self.layer.clone();
        // The service that was polled ready is the one to call; a fresh clone stays behind.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            if !rules.need_no_authentication(&parts)
                && let Err(error) = keycloak.authenticate_parts(&mut parts).await
            {
                return Ok(error.into_response());
            }
            let request = Request::from_parts(parts, body);
            inner.call(request).await.map(IntoResponse::into_response)
        })
    }
}
