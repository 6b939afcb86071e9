//! `Keycloak::guarded`: a policy for a whole router.

use std::panic::Location;

use axum::Router;

use super::guard_layer::GuardLayer;
use crate::{keycloak::Keycloak, policy::term::Policy};

impl Keycloak {
    /// The router with `policy` before everything in it: its routes, routers nested in it, mounted
    /// services (`ServeDir`), its fallback and what answers a wrong method, in whatever order they
    /// were added. For axum's `Router` and, with the feature `openapi`, for `OpenApiRouter` of
    /// `utoipa-axum`, whose operations then say what the policy asks for.
    ///
    /// Grammar and decision are those of [`guard`](Self::guard), and the manifest lists it alike.
    /// Routes that are added to the router *afterwards* are outside of the guard: let this be the last thing
    /// that is done to a router before it is nested, merged or served.
    ///
    /// A router without a fallback of its own keeps axum's: nested, its unknown paths are answered by
    /// the outer router; merged or at the top, by 401 and 403 for callers who do not satisfy the
    /// policy and by 404 for the others. (axum has the outer router answer `/files/` for a router
    /// that is nested at `/files` and has no route for `/`.)
    ///
    /// ```
    /// # use axum::{Router, body::Body, http::Request, routing::get};
    /// # use tower::ServiceExt as _;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keycloak = keycloak::Keycloak::builder()
    /// #     .server_url("https://sso.example.com").realm("demo").client_id("demo-api").build()?;
    /// let files = Router::new()
    ///     .route("/index", get(|| async { "the list of files" }))
    ///     .fallback(|| async { "a file" }); // ServeDir::new("files")
    /// let files = keycloak.guarded(keycloak::policy!(roles = ["admin"]), files);
    /// let app: Router = Router::new().nest("/files", files);
    /// # for path in ["/files/index", "/files/secret.pdf", "/files"] {
    /// #     let request = Request::get(path).body(Body::empty())?;
    /// #     assert_eq!(app.clone().oneshot(request).await?.status(), 401, "{path}");
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    #[must_use = "the router that was given is not guarded, the returned one is"]
    pub fn guarded<R: GuardedRouter>(&self, policy: Policy, router: R) -> R {
        let guard = self.guard_at(policy, Location::caller());
        router.behind(guard)
    }
}

/// A router that [`Keycloak::guarded`] can guard as a whole: axum's `Router`, and `OpenApiRouter` of
/// `utoipa-axum`. There is nothing to implement.
pub trait GuardedRouter: sealed::Behind {}

pub(crate) mod sealed {
    use super::GuardLayer;

    #[expect(unnameable_types, reason = "so that no other crate implements it")]
    pub trait Behind: Sized {
        /// The guard before everything that the router answers.
        #[must_use]
        fn behind(self, guard: GuardLayer) -> Self;
    }
}

impl<S> GuardedRouter for Router<S> where S: Clone + Send + Sync + 'static {}

impl<S> sealed::Behind for Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn behind(self, guard: GuardLayer) -> Self {
        self.layer(guard)
    }
}
