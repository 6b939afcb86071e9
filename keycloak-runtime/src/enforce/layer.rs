//! `Keycloak::layer`: authentication for a whole router, denied by default.

use std::{
    any::Any,
    sync::{Arc, Once},
};

use axum::{
    Router,
    extract::OriginalUri,
    http::{Method, header, request::Parts},
};
use tower_layer::Layer;

use super::{
    admit,
    gate::{Gate, GatedService},
    public_paths::PublicPaths,
    way::Way,
};
use crate::{error::AuthError, keycloak::Keycloak, telemetry::emit};

impl Keycloak {
    /// A layer that requires authentication for everything that the router has when it is added,
    /// also for paths that no route knows: add it after the fallback and the last route. Handlers
    /// inside it find the caller already authenticated, so a guard verifies nothing twice. To close
    /// a whole application take [`seal`](Self::seal), to which nothing can be added.
    ///
    /// Only what it names is open: its [public routes](AuthLayer::public_route) and
    /// [public paths](AuthLayer::public_paths). [`#[public]`](macro@crate::public) on a handler opens
    /// nothing by itself: axum hides from a layer what a route holds.
    ///
    /// # CORS
    /// A preflight carries no credentials (Fetch standard section 3.3.5), and is refused here like
    /// any other request without. So put the CORS layer *outside*, which with axum means adding it
    /// later: it then answers preflights itself, and puts its headers on our refusals too. Where
    /// that is not possible see [`AuthLayer::pass_preflights`].
    ///
    /// ```
    /// # use axum::{Router, body::Body, http::{self, Request}, routing::get};
    /// # use tower::ServiceExt as _;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keycloak = keycloak::Keycloak::builder()
    /// #     .server_url("https://sso.example.com").realm("demo").client_id("demo-api").build()?;
    /// #[keycloak::public]
    /// async fn health() -> &'static str {
    ///     "up"
    /// }
    ///
    /// let app: Router = Router::new()
    ///     .route("/health", keycloak::routing::get(health))
    ///     .route("/docs/{page}", get(|| async { "a page" }))
    ///     .route("/reports", get(|user: keycloak::User| async move { user.subject().to_owned() }))
    ///     .fallback(|| async { "nothing here" })
    ///     .layer(
    ///         keycloak.layer().public_route(http::Method::GET, "/health").public_paths(["/docs/**"]),
    ///     )
    ///     // .layer(CorsLayer::new()…)
    ///     .with_state(keycloak);
    /// # for (path, status) in [("/health", 200), ("/docs/a", 200), ("/reports", 401), ("/x", 401)] {
    /// #     let request = Request::get(path).body(Body::empty())?;
    /// #     assert_eq!(app.clone().oneshot(request).await?.status(), status, "{path}");
    /// # }
    /// # Ok(())
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
    /// Paths that need no authentication, whatever the method: `"/health"` is that path and no other,
    /// `"/docs/**"` is `/docs` and everything below it, by whole segments. For routes of other crates;
    /// a single handler is opened more narrowly by its [route](Self::public_route), and what has no
    /// route (`ServeDir`, fallbacks) by [`public_mount`](Self::public_mount). May be called several
    /// times.
    ///
    /// Two things are compared, and both have to match:
    ///
    /// - the path as the client sent it, byte for byte and from the very beginning, also in a nested
    ///   router. A path with `%`, `//`, or a `.` or `..` segment is never public;
    /// - the route that axum matched: its segments that the pattern names have to
    ///   be the same text. `"/docs/**"` opens `/docs/{page}` and not `/{tenant}/admin`, whatever the
    ///   tenant is called.
    ///
    /// A request whose path was rewritten, or that a handler sends through a router once more with
    /// the head of its own request, is never public. A text that is not such a pattern opens nothing (and
    /// neither does `"/**"`); it is logged as an error.
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

    /// Opens everything that is mounted at this path: `"/static"` opens what answers below it,
    /// by whole segments and whatever the method, where no route of the router matches: a service
    /// mounted with `nest_service` (`ServeDir`), a fallback. May be called several times.
    ///
    /// The mount's own path, `/static` and `/static/`, has a route, which may as well be a handler's:
    /// name it with [`public_paths`](Self::public_paths) where it is to be open.
    ///
    /// This layer does not see inside of it. A router that is mounted as a service
    /// (`nest_service`, `fallback_service`) has routes of its own, and all that are below the path are
    /// open, `/{tenant}/admin` for a tenant that is called `static` too: mount routers with `nest`, and
    /// name their routes. The rules of [`public_paths`](Self::public_paths) about the path as the client
    /// sent it hold. `"/"` opens nothing.
    #[must_use]
    pub fn public_mount(mut self, path: impl AsRef<str>) -> Self {
        let path = path.as_ref();
        if !Arc::make_mut(&mut self.rules).public.add_mount(path) {
            emit!(
                ERROR,
                "keycloak",
                BAD_PUBLIC_PATH,
                path,
                "not the path of a mount: write it as it was given to `Router::nest_service`, `/static`; \
                 it opens nothing"
            );
        }
        self
    }

    /// A route that needs no authentication for this method: the one of a
    /// [`#[public]`](macro@crate::public) handler. `route` is what was given to `Router::route`, with
    /// its parameters and with the prefixes of all routers that it is nested in:
    /// `"/api/{version}/health"`. May be called several times.
    ///
    /// The method is that and no other: axum answers `HEAD` by a `GET` handler, but it stays closed
    /// unless it is named too. The route that axum matched has to be this one, and the path as the
    /// client sent it has to be one for it, under the rules of
    /// [`public_paths`](Self::public_paths). A text that cannot be a route opens nothing and is
    /// logged as an error; one that the router lacks opens nothing, and the audit of the document
    /// (`Audit::behind`) finds it.
    #[must_use]
    pub fn public_route(mut self, method: Method, route: impl AsRef<str>) -> Self {
        let route = route.as_ref();
        if !Arc::make_mut(&mut self.rules)
            .public
            .add_route(method, route)
        {
            emit!(
                ERROR,
                "keycloak",
                BAD_PUBLIC_PATH,
                path = route,
                "not a public route: write it as it was given to `Router::route`, with all prefixes; \
                 it opens nothing"
            );
        }
        self
    }

    /// Lets CORS preflights through to the inner service without authentication: for a CORS layer
    /// that cannot be put outside of this one.
    ///
    /// A preflight is an `OPTIONS` request with `Origin` and `Access-Control-Request-Method`, which
    /// anybody can send with any client: everything inside this layer that answers `OPTIONS` (routes made with
    /// `any` or `options`, proxies) is then open to the world.
    #[must_use]
    pub fn pass_preflights(mut self) -> Self {
        Arc::make_mut(&mut self.rules).pass_preflights = true;
        self
    }
}

#[cfg(any(feature = "openapi", feature = "matrix"))]
impl AuthLayer {
    /// The public paths and routes that name none of these routes, given with their methods.
    pub(crate) fn unmatched<'r>(
        &self,
        routes: &(impl Iterator<Item = (&'r str, &'r str)> + Clone),
    ) -> Vec<String> {
        self.rules.public.unmatched(routes)
    }
}

#[cfg(feature = "openapi")]
impl AuthLayer {
    /// Whether a public path or route names this route, for this method.
    pub(crate) fn names(&self, method: &str, route: &str) -> bool {
        self.rules.public.name(method, route)
    }
}

#[cfg(feature = "matrix")]
impl AuthLayer {
    /// Whether the layer lets requests for this path through without authentication.
    /// `path` is `route` with values for its parameters.
    pub(crate) fn leaves_open(&self, method: &str, path: &str, route: &str) -> bool {
        let way = Way {
            sent: path,
            route: Some(route),
        };
        self.rules.public.contain(method, way)
    }
}

impl AuthLayer {
    async fn needs_no_authentication(&self, parts: &mut Parts) -> bool {
        let rules = &*self.rules;
        if rules.pass_preflights && is_preflight(parts) {
            return true;
        }
        // The client's path comes first: it decides for nearly every request.
        if !rules.public.may_contain(parts.method.as_str(), sent(parts)) {
            return false;
        }
        if parts.extensions.get::<OriginalUri>().is_none() {
            log_outside();
        }
        let method = parts.method.clone();
        let way = Way::of(parts).await;
        way.is_some_and(|way| rules.public.contain(method.as_str(), way))
    }
}

/// Once: every request for a public path would say it again.
fn log_outside() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        emit!(
            ERROR,
            "keycloak",
            LAYER_OUTSIDE_OF_ROUTER,
            "the layer is outside of the router and cannot see which route a request has, so its \
             public paths stay closed: add it with `Router::layer`, or use `keycloak.seal`"
        );
    });
}

/// axum takes prefixes off the URI of nested routers and keeps the original here.
fn sent(parts: &Parts) -> &str {
    match parts.extensions.get::<OriginalUri>() {
        Some(OriginalUri(original)) => original.path(),
        None => parts.uri.path(),
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
        if !self.needs_no_authentication(parts).await {
            admit::caller(&self.keycloak, parts).await?;
        }
        Ok(())
    }
}

impl<S: Clone + 'static> Layer<S> for AuthLayer {
    type Service = GatedService<Self, S>;

    fn layer(&self, inner: S) -> Self::Service {
        // Around a router it would have to decide before the router knows the route.
        if let Some(router) = (&inner as &dyn Any).downcast_ref::<Router>() {
            let router = router.clone().layer(self.clone());
            if let Some(inner) = (&router as &dyn Any).downcast_ref::<S>() {
                return GatedService::inside(inner.clone());
            }
        }
        GatedService::new(self.clone(), inner)
    }
}
