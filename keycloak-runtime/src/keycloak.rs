//! The handle that an application holds: one realm, one client, all that is shared.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::http::request::Parts;

use crate::{
    AuthError, ConfigError, Fault, KeycloakBuilder, User, config::settings::Settings,
    diagnostics::refusals::RefusalWatch, error::Presentation, telemetry::Telemetry,
    user::ClaimRules,
};

/// The way to one Keycloak realm: checks tokens, guards routers, refreshes, diagnoses.
///
/// Cheap to clone; clones share keys, caches and connections. Put it into the router's state
/// (`#[derive(FromRef)]`), from where guards take it.
///
/// Nothing is fetched before the first token comes (or [`ready`](Self::ready) is called). While
/// Keycloak cannot be reached, requests are answered 503 and the keys are retried in the
/// background.
#[derive(Clone)]
pub struct Keycloak(Arc<Inner>);

struct Inner {
    /// Tells the users that this instance authenticated from those of any other.
    instance: u64,
    settings: Settings,
    rules: Arc<ClaimRules>,
    presentation: Arc<Presentation>,
    telemetry: Telemetry,
}

/// A caller authenticated earlier in the same request, and by which instance.
#[derive(Clone)]
struct Authenticated {
    instance: u64,
    user: User,
}

impl Keycloak {
    /// Collects the settings.
    pub fn builder() -> KeycloakBuilder {
        KeycloakBuilder::new()
    }

    /// Puts the parts together; nothing is started.
    pub(crate) fn assemble(
        settings: Settings,
        rules: ClaimRules,
        builder: KeycloakBuilder,
    ) -> Result<Self, ConfigError> {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        let telemetry = match builder.metrics {
            Some(collector) => Telemetry::new(collector, &settings.realm, &settings.client_id),
            None => Telemetry::off(),
        };
        let presentation = Arc::new(Presentation {
            realm: settings.realm.clone(),
            body: builder.error_body,
            watch: RefusalWatch::new(
                telemetry.clone(),
                &settings.realm,
                &settings.client_id,
                &settings.issuers,
            ),
        });
        Ok(Self(Arc::new(Inner {
            instance: INSTANCES.fetch_add(1, Ordering::Relaxed),
            settings,
            rules: Arc::new(rules),
            presentation,
            telemetry,
        })))
    }

    /// Verifies an access token and answers who it speaks for.
    ///
    /// # Errors
    /// The token is not acceptable (401), or it cannot be judged now (503).
    pub async fn authenticate_token(&self, token: &str) -> Result<User, AuthError> {
        let _ = token;
        Err(self.refuse(Fault::ProviderConnection))
    }

    /// The caller of a request: the one that this instance authenticated earlier in it, or the
    /// one that its `Authorization` header speaks for.
    ///
    /// # Errors
    /// [`Fault::MissingHeader`] and [`Fault::OtherScheme`] say that there are no credentials;
    /// everything else that there are some, and they do not do.
    pub(crate) async fn authenticate_parts(&self, parts: &mut Parts) -> Result<User, AuthError> {
        if let Some(earlier) = parts.extensions.get::<Authenticated>()
            && earlier.instance == self.0.instance
        {
            return Ok(earlier.user.clone());
        }
        Err(self.refuse(Fault::MissingHeader))
    }

    /// A refusal as this instance presents it.
    pub(crate) fn refuse(&self, fault: Fault) -> AuthError {
        AuthError::new(fault).presented_by(&self.0.presentation)
    }

    /// Whether refused callers are told why.
    pub(crate) fn explains(&self) -> bool {
        self.0.settings.explain_refusals
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn rules(&self) -> &Arc<ClaimRules> {
        &self.0.rules
    }

    /// Fetches the keys if there are none yet. Call it at start to fail fast; without it the
    /// application starts while Keycloak is down.
    ///
    /// # Errors
    /// Keycloak cannot be reached or used.
    pub async fn ready(&self) -> Result<(), AuthError> {
        Err(self.refuse(Fault::ProviderConnection))
    }

    /// Ends background work; requests in flight finish.
    pub async fn close(&self) {}
}

impl fmt::Debug for Keycloak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keycloak")
            .field("server_url", &self.0.settings.server_url)
            .field("realm", &self.0.settings.realm)
            .field("client_id", &self.0.settings.client_id)
            .finish_non_exhaustive()
    }
}
