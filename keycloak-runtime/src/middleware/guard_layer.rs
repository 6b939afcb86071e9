//! `Keycloak::guard`: a policy for what has no handler to annotate.
//!
//! The same decision as the injected guard's, made before the inner service sees the request.

use std::{fmt, panic::Location};

use axum::http::request::Parts;
use tower_layer::Layer;

use super::gate::{Gate, GatedService};
use crate::{
    AuthError, Keycloak, Policy,
    authorization::{answers::Answers, decision::Decision, refusal},
    extract::anonymous_or,
    manifest,
};

impl Keycloak {
    /// A layer that lets through who satisfies `policy`: for nested routers, `ServeDir`, closures
    /// and fallbacks. Use it with `route_layer`, so that unknown paths stay 404.
    ///
    /// Grammar and decision are those of [`#[protected]`](macro@crate::protected) without
    /// `require`. The guard is listed in [`policies()`](crate::policies) from the moment this is
    /// called, once for each place in the source.
    ///
    /// ```no_run
    /// # fn f(keycloak: keycloak::Keycloak) -> axum::Router {
    /// axum::Router::new()
    ///     .route("/reports", axum::routing::get(|| async { "all of them" }))
    ///     .route_layer(keycloak.guard(keycloak::policy!(roles = ["admin"])))
    /// # }
    /// ```
    #[track_caller]
    #[must_use]
    pub fn guard(&self, policy: Policy) -> GuardLayer {
        manifest::entry::router(policy, Location::caller());
        GuardLayer {
            keycloak: self.clone(),
            policy,
        }
    }
}

/// The layer that [`Keycloak::guard`] makes.
#[derive(Clone)]
pub struct GuardLayer {
    keycloak: Keycloak,
    policy: Policy,
}

impl Gate for GuardLayer {
    /// Leaves the caller in the request's extensions, or says why he is refused.
    async fn admit(&self, parts: &mut Parts) -> Result<(), AuthError> {
        let caller = self.keycloak.authenticate_parts(parts).await;
        if self.policy.optional {
            anonymous_or(caller)?;
            return Ok(());
        }
        let user = caller?;
        let refuse = |answers: &Answers| {
            Err(refusal::refuse(
                &self.policy,
                &user,
                answers,
                Some(&self.keycloak),
            ))
        };
        match self.policy.decide(&user, parts).await {
            Decision::Allow => Ok(()),
            // There is no handler that could answer a `require` term.
            Decision::Deny(answers) | Decision::Pending(answers) => refuse(&answers),
        }
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
