//! `Keycloak::seal`: a finished router, closed as a whole.
//!
//! Invariant: the layer decides before every answer of a sealed router, and nothing can be put
//! beside it: the type has no method that adds a route.

use std::{
    convert::Infallible,
    fmt,
    task::{Context, Poll},
};

use axum::{
    BoxError, Router,
    body::{Bytes, HttpBody},
    extract::connect_info::IntoMakeServiceWithConnectInfo,
    http::{Method, Request},
    response::Response,
    routing::{IntoMakeService, future::RouteFuture},
    serve::{IncomingStream, Listener},
};
use tower_service::Service;

use crate::{enforce::AuthLayer, keycloak::Keycloak};

impl Keycloak {
    /// Closes a finished router: every request needs authentication but those for its public
    /// routes and paths, as with [`layer`](Self::layer). Nothing can be added
    /// to what it returns, so nothing can be left outside of the layer by mistake.
    ///
    /// It covers everything that the router answers: routes, nested routers, mounted services
    /// (`ServeDir`), fallbacks of the router and of the routers that are nested in it, what answers
    /// a wrong method, and axum's own 404 and 405. An anonymous caller sees the same 401 for all of
    /// them. Put layers that work before the router (CORS, normalisation of paths, tracing) around
    /// the result as a `tower::Layer`.
    ///
    /// ```
    /// # use axum::{Router, body::Body, http::{self, Request}, routing::get};
    /// # use tower::ServiceExt as _;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keycloak = keycloak::Keycloak::builder()
    /// #     .server_url("https://sso.example.com").realm("demo").client_id("demo-api").build()?;
    /// let app = Router::new()
    ///     .route("/reports", get(|| async { "reports" }))
    ///     .route("/health", get(|| async { "up" }))
    ///     .fallback(|| async { "a page of the single-page application" });
    /// let app = keycloak.seal(app).public_route(http::Method::GET, "/health");
    /// // axum::serve(listener, app).await
    /// # for (path, status) in [("/health", 200), ("/reports", 401), ("/unknown", 401)] {
    /// #     let request = Request::get(path).body(Body::empty())?;
    /// #     assert_eq!(app.clone().oneshot(request).await?.status(), status, "{path}");
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn seal(&self, router: Router) -> Sealed {
        Sealed::new(router, self.layer())
    }
}

/// A router that is closed as a whole, from [`Keycloak::seal`].
///
/// A service for `axum::serve`, hyper and tower, cheap to clone. There is no way back to the
/// router.
#[derive(Clone)]
#[must_use = "a sealed router does nothing until it is served"]
pub struct Sealed {
    /// Without the layer: what it is made anew from when the layer's settings change.
    finished: Router,
    layer: AuthLayer,
    service: Router,
}

impl Sealed {
    fn new(finished: Router, layer: AuthLayer) -> Self {
        let service = finished.clone().layer(layer.clone()).with_state(());
        Self {
            finished,
            layer,
            service,
        }
    }

    /// Paths that need no authentication, as [`AuthLayer::public_paths`].
    pub fn public_paths<I>(self, paths: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self::new(self.finished, self.layer.public_paths(paths))
    }

    /// Opens everything that is mounted at this path, as [`AuthLayer::public_mount`].
    pub fn public_mount(self, path: impl AsRef<str>) -> Self {
        Self::new(self.finished, self.layer.public_mount(path))
    }

    /// A route that needs no authentication for this method, as [`AuthLayer::public_route`].
    pub fn public_route(self, method: Method, route: impl AsRef<str>) -> Self {
        Self::new(self.finished, self.layer.public_route(method, route))
    }

    /// Lets CORS preflights through, as [`AuthLayer::pass_preflights`].
    pub fn pass_preflights(self) -> Self {
        Self::new(self.finished, self.layer.pass_preflights())
    }

    /// The layer that closes it, for the access matrix and the audit.
    #[must_use]
    pub fn layer(&self) -> &AuthLayer {
        &self.layer
    }

    /// A service that makes one of these for each connection.
    #[must_use]
    pub fn into_make_service(self) -> IntoMakeService<Self> {
        axum::ServiceExt::<axum::extract::Request>::into_make_service(self)
    }

    /// The same, and handlers can extract `ConnectInfo<C>`.
    #[must_use]
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Self, C> {
        axum::ServiceExt::<axum::extract::Request>::into_make_service_with_connect_info(self)
    }
}

impl<B> Service<Request<B>> for Sealed
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<B>>::poll_ready(&mut self.service, context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.service.call(request)
    }
}

/// For `axum::serve(listener, sealed)`.
impl<L: Listener> Service<IncomingStream<'_, L>> for Sealed {
    type Response = Self;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: IncomingStream<'_, L>) -> Self::Future {
        std::future::ready(Ok(self.clone()))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}
