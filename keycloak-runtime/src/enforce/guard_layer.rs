//! `Keycloak::guard`: a policy for what has no handler to annotate.
//!
//! The same decision as the injected guard's, made before the inner service sees the request.

use std::{fmt, panic::Location};

use axum::http::request::Parts;
use tower_layer::Layer;

use super::{
    admit,
    gate::{Gate, GatedService},
};
use crate::{
    error::AuthError,
    keycloak::Keycloak,
    policy::{declaration, term::Policy},
};

impl Keycloak {
    /// A layer that admits callers who satisfy `policy`, for single routes without a handler to
    /// annotate: closures, a `ServeDir` in a `route_service`. For a router as a whole take
    /// [`guarded`](Self::guarded).
    ///
    /// Grammar and decision are those of [`#[protected]`](macro@crate::protected) without
    /// `require`. The guard is listed in [`policies()`](crate::policies) from the moment this is
    /// called, once for each place in the source.
    ///
    /// axum decides what a layer covers, and it covers what is there already:
    ///
    /// | | covers | does not cover |
    /// |---|---|---|
    /// | `MethodRouter::layer` | its methods, its fallback | methods added later |
    /// | `MethodRouter::route_layer` | its methods | its fallback, methods added later |
    /// | `Router::layer` | routes, fallback, wrong methods | what is added later |
    /// | `Router::route_layer` | routes, wrong methods | the fallback (so a `ServeDir` in its place is open to everybody), what is added later; panics without a route |
    ///
    /// ```
    /// # use axum::{Router, body::Body, http::Request, routing::get};
    /// # use tower::ServiceExt as _;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keycloak = keycloak::Keycloak::builder()
    /// #     .server_url("https://sso.example.com").realm("demo").client_id("demo-api").build()?;
    /// let admins = keycloak.guard(keycloak::policy!(roles = ["admin"]));
    /// let app: Router = Router::new()
    ///     .route("/reports", get(|| async { "all of them" }).layer(admins));
    /// # for method in ["GET", "HEAD", "POST"] {
    /// #     let request = Request::builder().method(method).uri("/reports").body(Body::empty())?;
    /// #     assert_eq!(app.clone().oneshot(request).await?.status(), 401, "{method}");
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    #[must_use]
    pub fn guard(&self, policy: Policy) -> GuardLayer {
        self.guard_at(policy, Location::caller())
    }

    pub(super) fn guard_at(&self, policy: Policy, at: &'static Location<'static>) -> GuardLayer {
        declaration::router(policy, at);
        GuardLayer {
            keycloak: self.clone(),
            policy,
            at,
        }
    }
}

/// The layer that [`Keycloak::guard`] makes.
#[derive(Clone)]
pub struct GuardLayer {
    keycloak: Keycloak,
    policy: Policy,
    /// The place in the source that asked for it.
    #[cfg_attr(not(feature = "openapi"), expect(dead_code, reason = "for documents"))]
    at: &'static Location<'static>,
}

#[cfg(feature = "openapi")]
impl GuardLayer {
    /// What it leaves in the manifest.
    pub(crate) fn declaration(&self) -> declaration::Declaration {
        declaration::guard(self.policy, self.at)
    }
}

impl Gate for GuardLayer {
    /// Leaves the caller in the request's extensions, or says why they are refused.
    async fn admit(&self, parts: &mut Parts) -> Result<(), AuthError> {
        admit::admit(self.policy, &self.keycloak, parts).await
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GatedService<Self, S>;

    fn layer(&self, inner: S) -> Self::Service {
        GatedService::new(self.clone(), inner)
    }
}

impl fmt::Debug for GuardLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
