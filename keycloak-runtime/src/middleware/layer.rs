//! `Keycloak::layer`: authentication for a whole router, denied by default.

use std::sync::Arc;

use axum::{
    extract::OriginalUri,
    http::{Method, header, request::Parts},
};
use tower_layer::Layer;

use super::{
    gate::{Gate, GatedService},
    public_paths::PublicPaths,
};
use crate::{AuthError, Keycloak, telemetry::emit};

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
                emit!(
                    ERROR,
                    "keycloak",
                    BAD_PUBLIC_PATH,
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

impl Gate for AuthLayer {
    /// Leaves the caller in the request's extensions, unless the request needs none.
    async fn admit(&self, parts: &mut Parts) -> Result<(), AuthError> {
        if !self.rules.need_no_authentication(parts) {
            self.keycloak.authenticate_parts(parts).await?;
        }
        Ok(())
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = GatedService<Self, S>;

    fn layer(&self, inner: S) -> Self::Service {
        GatedService::new(self.clone(), inner)
    }
}
