//! The handle that an application holds: one realm, one client, all that is shared.

mod assemble;
mod builder;
pub(crate) mod check;
mod diagnose;
mod trusted;

use std::{fmt, sync::Arc};

use axum::extract::FromRef;

pub use self::builder::KeycloakBuilder;
use self::trusted::{Realms, Trusted};
use crate::{
    authenticate::token_cache::Accepted,
    base::{clock::Timestamp, fault::Fault},
    caller::User,
    credentials::Credentials,
    error::AuthError,
    realm::{Realm, discovery::ProviderMetadata, tokens::TokenResponse},
    telemetry::emit,
};

/// The way to one Keycloak realm: checks tokens, guards routers, refreshes, diagnoses.
///
/// Cheap to clone; clones share keys, caches and connections. Put it into the router's state,
/// from where guards take it: the state is a `Keycloak`, or a struct with one
/// (`#[derive(FromRef)]`), or such a struct in an [`Arc`].
///
/// ```
/// use std::sync::Arc;
///
/// use axum::{Router, extract::{FromRef, State}, routing::get};
/// use keycloak::Keycloak;
///
/// #[derive(FromRef)]
/// struct AppState {
///     keycloak: Keycloak,
///     // Not to be cloned, or not an extractor of its own.
///     #[from_ref(skip)]
///     letters: Vec<String>,
/// }
///
/// #[keycloak::protected]
/// async fn letters(State(state): State<Arc<AppState>>) -> String {
///     state.letters.join("\n")
/// }
///
/// # fn main() -> Result<(), keycloak::ConfigError> {
/// # let builder = Keycloak::builder().server_url("https://sso.example.com").realm("demo");
/// # let keycloak = builder.client_id("demo-api").build()?;
/// let state = Arc::new(AppState { keycloak, letters: Vec::new() });
/// let app: Router = Router::new().route("/letters", get(letters)).with_state(state);
/// # drop(app);
/// # Ok(())
/// # }
/// ```
///
/// Any other pointer to the state is a struct of your own around it, which derives `Clone`, and for
/// which you implement `FromRef` by hand (`impl FromRef<Shared> for Keycloak`).
///
/// Nothing is fetched before the first token comes (or [`ready`](Self::ready) is called). While
/// Keycloak cannot be reached, requests are answered 503 and the keys are retried in the
/// background.
///
/// A caller that one instance authenticated is a stranger to every other one.
#[derive(Clone)]
pub struct Keycloak(Arc<Inner>);

struct Inner {
    /// Tells the users that this instance authenticated from those of any other.
    instance: u64,
    realms: Realms,
}

/// `State<Arc<AppState>>` is how most applications share their state, and only this crate
/// could implement the trait for it.
impl<T> FromRef<Arc<T>> for Keycloak
where
    Self: FromRef<T>,
{
    fn from_ref(state: &Arc<T>) -> Self {
        Self::from_ref(&**state)
    }
}

impl Keycloak {
    /// Collects the settings.
    pub fn builder() -> KeycloakBuilder {
        KeycloakBuilder::new()
    }

    /// Verifies an access token and returns its user.
    ///
    /// # Errors
    /// The token is not acceptable (401), or it cannot be checked now (503).
    ///
    /// ```no_run
    /// # async fn f(keycloak: keycloak::Keycloak, token: &str) -> Result<(), keycloak::AuthError> {
    /// let user = keycloak.authenticate_token(token).await?;
    /// println!("{}", user.subject());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn authenticate_token(&self, token: &str) -> Result<User, AuthError> {
        let accepted = self.authenticate(&Credentials::given(token)).await?;
        Ok(accepted.user)
    }

    /// The caller of `credentials`.
    ///
    /// # Errors
    /// They are not acceptable, or cannot be checked now.
    pub(crate) async fn authenticate(
        &self,
        credentials: &Credentials<'_>,
    ) -> Result<Accepted, AuthError> {
        let trusted = self.trusted();
        let accepted = trusted.authenticator.authenticate(credentials).await;
        accepted.map_err(|refused| trusted.refuse_token(refused))
    }

    /// Until when a check of this moment serves for the rest of its request.
    pub(crate) fn would_ask_again(&self, user: &User) -> Timestamp {
        self.trusted().authenticator.would_ask_again(user)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.trusted().authenticator.now()
    }

    /// What tells the callers that this instance authenticated from those of any other.
    pub(crate) fn instance(&self) -> u64 {
        self.0.instance
    }

    /// Exchanges a refresh token of our own client for new tokens (RFC 6749 section 6). Parallel
    /// calls for the same refresh token share one exchange; nothing is kept after it.
    ///
    /// A route that offers this lends our client's secret to whoever holds a refresh token, which
    /// is why it has to be switched on.
    ///
    /// # Errors
    /// 404 unless [`enable_token_refresh`](KeycloakBuilder::enable_token_refresh) was called, 400
    /// if Keycloak does not accept the refresh token, 503 if it cannot be asked.
    pub async fn refresh_token(&self, refresh_token: &str) -> Result<TokenResponse, AuthError> {
        let realm = self.realm();
        let Some(refresh) = &realm.refresh else {
            return Err(self.refuse(Fault::NotEnabled));
        };
        let watch = realm.telemetry.start();
        let refreshed = refresh.refresh(refresh_token).await.map_err(|cause| {
            let error = self.refuse(cause.fault());
            emit!(
                INFO, "keycloak::refresh", REFRESH_FAILED,
                code = error.code(),
                %cause,
                "token not refreshed"
            );
            error.caused_by(cause)
        });
        let outcome = refreshed.as_ref().map(drop).map_err(AuthError::code);
        realm.telemetry.refresh(watch, outcome);
        refreshed
    }

    /// What Keycloak says about itself (OpenID Connect Discovery section 3); kept for
    /// [`discovery_ttl`](KeycloakBuilder::discovery_ttl).
    ///
    /// # Errors
    /// 503 if it is not available, or contradicts the settings.
    pub async fn provider_metadata(&self) -> Result<ProviderMetadata, AuthError> {
        match self.realm().discovery.document().await {
            Ok(document) => Ok(document.metadata.clone()),
            Err(cause) => Err(self.refuse(cause.fault()).caused_by(cause)),
        }
    }

    /// [`provider_metadata`](Self::provider_metadata) by the name of the Python library.
    ///
    /// # Errors
    /// The same.
    pub async fn oidc_config(&self) -> Result<ProviderMetadata, AuthError> {
        self.provider_metadata().await
    }

    /// Waits until tokens can be checked: fetches keys, or the endpoint to ask, if there are none
    /// yet. Call it at start to fail fast; without it the application starts while Keycloak is
    /// down. While Keycloak stays unreachable it says so at once, so it may be polled.
    ///
    /// # Errors
    /// 503: Keycloak cannot be reached, or cannot be used.
    pub async fn ready(&self) -> Result<(), AuthError> {
        let ready = self.realm().ready().await;
        ready.map_err(|cause| self.refuse(cause.fault()).caused_by(cause))
    }

    /// Ends background work and closes connections to Keycloak, for all clones. Requests in
    /// flight finish; later ones are checked as long as the keys at hand are good, and Keycloak is
    /// not asked any more. Dropping the last clone does the same, without waiting.
    pub async fn close(&self) {
        self.realm().close().await;
    }

    /// A refusal of a request that names no realm.
    pub(crate) fn refuse(&self, fault: Fault) -> AuthError {
        self.trusted().refuse(fault)
    }

    /// The refusal of a verified caller, by the realm that they are of.
    pub(crate) fn refuse_user(&self, user: &User, fault: Fault) -> AuthError {
        self.0.realms.of_user(user).refuse(fault).about(user)
    }

    fn trusted(&self) -> &Trusted {
        self.0.realms.one()
    }

    fn realm(&self) -> &Realm {
        self.trusted().realm()
    }

    /// Whether the application writes the bodies of refusals itself.
    #[cfg(feature = "openapi")]
    pub(crate) fn has_own_error_body(&self) -> bool {
        self.trusted().presentation.body.is_some()
    }

    /// Whether refused callers are told why.
    pub(crate) fn explains(&self) -> bool {
        self.realm().settings.explain_refusals
    }

    #[cfg(any(test, feature = "openapi", feature = "dev-realm", feature = "__fuzz"))]
    pub(crate) fn settings(&self) -> &crate::settings::Settings {
        &self.realm().settings
    }

    #[cfg(feature = "dev-realm")]
    pub(crate) fn rules(&self) -> &Arc<crate::caller::ClaimRules> {
        &self.trusted().authenticator.rules
    }
}

impl fmt::Debug for Keycloak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keycloak")
            .field("server_url", &self.realm().settings.server_url)
            .field("realm", &self.realm().settings.realm)
            .field("client_id", &self.realm().settings.client_id)
            .finish_non_exhaustive()
    }
}
