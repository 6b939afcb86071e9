//! The builder: collects options and checks none (see [`check`](super::check)).

use std::{fmt, sync::Arc, time::Duration};

use axum::response::Response;

use super::check::check;
use crate::settings::{
    CacheSettings, ClientAuth, ConfigError, HttpSettings, SchemeSettings, TokenCheck,
    proxy::Proxy,
    values::{AlgorithmName, SecretText, Texts},
};
use crate::{
    base::{
        clock::{Clock, SystemClock},
        secret::Secret,
    },
    error::{AuthError, ErrorBody},
    jose::algorithm::Algorithm,
    keycloak::Keycloak,
    telemetry::MetricsCollector,
};

/// Collects the settings of a [`Keycloak`]; [`build`](Self::build) reports every mistake at once.
///
/// # Defaults
/// | option | default |
/// |---|---|
/// | `server_url`, `realm`, `client_id` | required |
/// | `client_secret` | none (needed for introspection and refresh) |
/// | `audience` | our client id |
/// | `issuer` | server URL + `/realms/` + realm |
/// | `algorithms` | `RS256` |
/// | `groups_claim` | `groups` |
/// | `complete_tokens_from` | none: a negated role or group admits no caller |
/// | `leeway` | 10 s |
/// | `authorized_parties` | not restricted |
/// | `http_timeouts` | 5 s to connect, 5 s to read |
/// | `cache_settings` | [`CacheSettings`] |
/// | `token_check` | [`TokenCheck::Local`] |
/// | everything else | off |
///
/// ```
/// # fn main() -> Result<(), keycloak::ConfigError> {
/// let keycloak = keycloak::Keycloak::builder()
///     .server_url("https://sso.example.com")
///     .realm("demo")
///     .client_id("demo-api")
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one option that is on or off"
)]
#[must_use = "a builder does nothing until `build()`"]
pub struct KeycloakBuilder {
    pub(super) server_url: Option<String>,
    pub(super) realm: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<Secret>,
    pub(super) client_auth: ClientAuth,
    pub(super) audiences: Vec<String>,
    pub(super) any_audience: bool,
    pub(super) issuers: Vec<String>,
    pub(crate) authorized_parties: Option<Vec<String>>,
    pub(super) any_authorized_party: bool,
    pub(super) algorithms: Option<Vec<Result<Algorithm, String>>>,
    pub(super) leeway: Duration,
    pub(super) groups_claim: Option<String>,
    pub(super) name_only_groups: bool,
    pub(super) complete_tokens_from: Option<Vec<String>>,
    pub(super) jwks_uri: Option<String>,
    pub(super) introspection_endpoint: Option<String>,
    pub(super) token_endpoint: Option<String>,
    pub(super) backchannel_url: Option<String>,
    pub(super) token_check: Option<TokenCheck>,
    pub(super) use_token_introspection: bool,
    pub(super) token_refresh: bool,
    pub(super) explain_refusals: bool,
    pub(super) cache: CacheSettings,
    pub(super) http: HttpSettings,
    pub(super) scheme: Option<SchemeSettings>,
    pub(crate) error_body: Option<Box<ErrorBody>>,
    pub(crate) metrics: Option<Box<dyn MetricsCollector>>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl KeycloakBuilder {
    pub(crate) fn new() -> Self {
        Self {
            server_url: None,
            realm: None,
            client_id: None,
            client_secret: None,
            client_auth: ClientAuth::Basic,
            audiences: Vec::new(),
            any_audience: false,
            issuers: Vec::new(),
            authorized_parties: None,
            any_authorized_party: false,
            algorithms: None,
            leeway: Duration::from_secs(10),
            groups_claim: None,
            name_only_groups: false,
            complete_tokens_from: None,
            jwks_uri: None,
            introspection_endpoint: None,
            token_endpoint: None,
            backchannel_url: None,
            token_check: None,
            use_token_introspection: false,
            token_refresh: false,
            explain_refusals: false,
            cache: CacheSettings::default(),
            http: HttpSettings {
                connect_timeout: Duration::from_secs(5),
                read_timeout: Duration::from_secs(5),
                roots: Vec::new(),
                accept_invalid_certs: false,
                proxy: None,
            },
            scheme: None,
            error_body: None,
            metrics: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Keycloak's base URL, for example `https://sso.example.com` or, for old paths,
    /// `https://sso.example.com/auth`. Plain `http` is allowed, for development.
    ///
    /// Together with the realm it makes the expected issuer, byte for byte: write it as
    /// Keycloak's `hostname` setting has it. Host names are made lower case and a default port is
    /// dropped, as in every [`Url`](crate::Url); a server that announces itself otherwise needs
    /// [`issuer`](Self::issuer), too.
    pub fn server_url(mut self, url: impl AsRef<str>) -> Self {
        self.server_url = Some(url.as_ref().to_owned());
        self
    }

    /// The realm's name.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Our own client id in that realm. `roles` of a policy mean realm roles or the roles of this
    /// client, and unless [`audience`](Self::audience) says otherwise it must be in `aud`.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// The client's secret, a text or a [`Secret`]: needed for introspection and refresh.
    pub fn client_secret(mut self, secret: impl SecretText) -> Self {
        self.client_secret = secret.into_secret();
        self
    }

    /// How the secret is sent to Keycloak; default [`ClientAuth::Basic`].
    pub fn client_auth(mut self, method: ClientAuth) -> Self {
        self.client_auth = method;
        self
    }

    /// Accepted audiences, one or many: one of them must be in `aud` (RFC 7519 section 4.1.3).
    /// Default, and meaning of an empty list: our client id.
    pub fn audience(mut self, audience: impl Texts) -> Self {
        self.audiences = audience.into_texts();
        self
    }

    /// Accepts tokens for any audience: a token issued for another service of the realm then
    /// opens this one too.
    pub fn any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Accepted issuers, one or many, compared byte for byte; they replace the default, which is
    /// server URL + `/realms/` + realm. An empty list leaves the default.
    pub fn issuer(mut self, issuer: impl Texts) -> Self {
        self.issuers = issuer.into_texts();
        self
    }

    /// Clients whose tokens are accepted (`azp`). Not called: every client of the realm. An empty
    /// list is a mistake: a list that was meant to restrict must not open everything.
    pub fn authorized_parties(mut self, clients: impl Texts) -> Self {
        self.authorized_parties = Some(clients.into_texts());
        self
    }

    /// Accepts the tokens of every client of the realm (`azp`), explicitly: for settings that
    /// have a field `authorized_parties` and are used without a list.
    pub fn any_authorized_party(mut self) -> Self {
        self.any_authorized_party = true;
        self
    }

    /// Accepted signature algorithms, as [`Algorithm`]s or by name; default `RS256`. There is
    /// no symmetric one, and no `none`.
    pub fn algorithms<I>(mut self, algorithms: I) -> Self
    where
        I: IntoIterator,
        I::Item: AlgorithmName,
    {
        let algorithms = algorithms.into_iter().map(AlgorithmName::into_algorithm);
        self.algorithms = Some(algorithms.collect());
        self
    }

    /// Allowed clock skew between Keycloak and us; default 10 s, at most 300 s.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The claim that the realm's group mapper fills, `groups` by default; a path such as
    /// `org.teams` where it is inside another claim.
    pub fn groups_claim(mut self, claim: impl Into<String>) -> Self {
        self.groups_claim = Some(claim.into());
        self
    }

    /// The group mapper is configured without "Full group path": an entry `ops` counts as the
    /// top-level group `/ops`. Off by default, because then a subgroup `/x/ops` is
    /// indistinguishable from it.
    pub fn name_only_groups(mut self) -> Self {
        self.name_only_groups = true;
        self
    }

    /// The clients (`azp`) whose tokens leave out no role and no group of their user; none by
    /// default.
    ///
    /// A caller chooses the client they sign in through, and the client decides what their token
    /// carries: with `fullScopeAllowed` off, as a lightweight token or without a group mapper, the
    /// same user's token lacks names that they have. So `not(..)` and `none[..]` over roles, groups
    /// and values of claims admit only callers of clients that are declared here; with tokens of
    /// other clients the absence is unknown, and the caller refused (403).
    ///
    /// Declare a client only if, in Keycloak, "Full scope allowed" is on, lightweight access
    /// tokens are off, its role mappers add to the access token, and it has a group mapper as a
    /// default where policies negate groups; with introspection, if its mappers add to the answer
    /// of introspection as well; and if "Standard token exchange" is off where policies negate
    /// client roles; and, where policies exclude by a value of a claim, if one mapper writes all values
    /// of that claim whatever scopes are requested. Where Keycloak is asked, token and answer must both
    /// lack the name, and an answer without any role or group while the token has some proves no
    /// absence: a user who lost their only one is refused by negations until their token is renewed.
    ///
    /// The audit (`Manifest::audit`) checks this against a realm export: it makes the
    /// claims of a user who has each negated name, and looks whether they show it.
    ///
    /// An empty list is a mistake: leave the option out.
    pub fn complete_tokens_from(mut self, clients: impl Texts) -> Self {
        self.complete_tokens_from = Some(clients.into_texts());
        self
    }

    /// Where the realm's keys are, instead of what discovery says.
    pub fn jwks_uri(mut self, url: impl AsRef<str>) -> Self {
        self.jwks_uri = Some(url.as_ref().to_owned());
        self
    }

    /// The introspection endpoint, instead of what discovery says.
    pub fn introspection_endpoint(mut self, url: impl AsRef<str>) -> Self {
        self.introspection_endpoint = Some(url.as_ref().to_owned());
        self
    }

    /// The token endpoint (for refresh), instead of what discovery says.
    pub fn token_endpoint(mut self, url: impl AsRef<str>) -> Self {
        self.token_endpoint = Some(url.as_ref().to_owned());
        self
    }

    /// Base URL for our own calls to Keycloak where the public one cannot be reached from here
    /// (containers, split DNS), for example `http://keycloak:8080`. The expected issuer stays the
    /// public one; endpoints that discovery names under the server URL are called here.
    pub fn backchannel_url(mut self, url: impl AsRef<str>) -> Self {
        self.backchannel_url = Some(url.as_ref().to_owned());
        self
    }

    /// How access tokens are checked; default [`TokenCheck::Local`]. The two others ask Keycloak
    /// (RFC 7662), and need the client's secret.
    pub fn token_check(mut self, check: TokenCheck) -> Self {
        self.token_check = Some(check);
        self
    }

    /// The Python library's name for [`token_check`](Self::token_check)`(`[`TokenCheck::Introspect`]`)`.
    /// Setting both is a mistake.
    pub fn use_token_introspection(mut self) -> Self {
        self.use_token_introspection = true;
        self
    }

    /// Allows [`Keycloak::refresh_token`]; needs the client's secret.
    ///
    /// A route that offers it lends the secret to every holder of a refresh token: a stolen refresh
    /// token is then worth as much as it was to the client that it was issued to.
    pub fn enable_token_refresh(mut self) -> Self {
        self.token_refresh = true;
        self
    }

    /// Lifetimes and sizes of what is kept.
    pub fn cache_settings(mut self, settings: CacheSettings) -> Self {
        self.cache = settings;
        self
    }

    /// [`CacheSettings::discovery_ttl`] alone; default 7200 s.
    pub fn discovery_ttl(mut self, ttl: Duration) -> Self {
        self.cache.discovery_ttl = ttl;
        self
    }

    /// [`CacheSettings::jwks_ttl`] alone; default 3600 s.
    pub fn jwks_ttl(mut self, ttl: Duration) -> Self {
        self.cache.jwks_ttl = ttl;
        self
    }

    /// [`CacheSettings::stale_keys`] alone; default 3600 s.
    pub fn stale_keys(mut self, bound: Duration) -> Self {
        self.cache.stale_keys = bound;
        self
    }

    /// [`CacheSettings::refetch_refill`] alone; default 10 s.
    pub fn refetch_refill(mut self, interval: Duration) -> Self {
        self.cache.refetch_refill = interval;
        self
    }

    /// [`CacheSettings::token_cache_bytes`] alone; default 16 MiB.
    pub fn token_cache_bytes(mut self, bytes: usize) -> Self {
        self.cache.token_cache_bytes = bytes;
        self
    }

    /// [`CacheSettings::introspection_ttl`] alone; default 10 s.
    pub fn introspection_ttl(mut self, ttl: Duration) -> Self {
        self.cache.introspection_ttl = ttl;
        self
    }

    /// Deadlines towards Keycloak: for the connection, and for each part of the answer after it;
    /// default 5 s each, at most 60 s. No call takes longer than the sum of both, and no fetch of
    /// keys or metadata longer than 5 s.
    pub fn http_timeouts(mut self, connect: Duration, read: Duration) -> Self {
        self.http.connect_timeout = connect;
        self.http.read_timeout = read;
        self
    }

    /// The connection's deadline alone; default 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// The deadline of each part of the answer alone; default 5 s.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.http.read_timeout = timeout;
        self
    }

    /// Sends our own calls to Keycloak through a proxy: a URL, or [`Proxy::from_env`]. Off by
    /// default, whatever the environment says: a variable of the machine must not decide who sees
    /// where tokens and secrets go. Credentials in the URL are sent to the proxy and shown nowhere.
    pub fn proxy(mut self, proxy: impl Into<Proxy>) -> Self {
        self.http.proxy = Some(proxy.into());
        self
    }

    /// Trusts the certificate authorities of a PEM bundle in addition to the machine's own: the
    /// safe way to a Keycloak with a private certificate. May be called several times.
    pub fn ca_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.http.roots.push(pem.as_ref().to_vec());
        self
    }

    /// Name and scopes of the OpenAPI security scheme; default `keycloak` with `openid`.
    pub fn openapi_security_scheme(mut self, name: impl Into<String>, scopes: impl Texts) -> Self {
        self.scheme = Some(SchemeSettings {
            name: name.into(),
            scopes: scopes.into_texts(),
        });
        self
    }

    /// Receives the metrics.
    pub fn metrics_collector(mut self, collector: impl MetricsCollector) -> Self {
        self.metrics = Some(Box::new(collector));
        self
    }

    /// Writes the body of refusals instead of the crate's JSON; status, `WWW-Authenticate` and
    /// `Retry-After` stay what they are.
    pub fn error_body(
        mut self,
        body: impl Fn(&AuthError) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.error_body = Some(Box::new(body));
        self
    }

    /// Tells refused callers which terms of the policy do not hold, in the body's `details`; off
    /// by default, because it names roles and groups. Only ever after the token was verified.
    pub fn explain_refusals(mut self) -> Self {
        self.explain_refusals = true;
        self
    }

    /// Reads the time elsewhere.
    #[cfg(any(test, feature = "test-util"))]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// **Insecure.** Accepts any TLS certificate from Keycloak, so an attacker on the network can
    /// hand us their own keys and sign tokens with them. Logged once. For a private certificate
    /// authority use [`ca_certificates`](Self::ca_certificates).
    pub fn danger_accept_invalid_certs(mut self) -> Self {
        self.http.accept_invalid_certs = true;
        self
    }

    /// Validates the settings. No network is used and no async runtime is needed: keys are
    /// fetched when the first token comes, or by [`Keycloak::ready`].
    ///
    /// # Errors
    /// Every mistake at once, each with the option's name and the fix.
    pub fn build(self) -> Result<Keycloak, ConfigError> {
        let (settings, rules) = check(&self)?;
        Keycloak::assemble(settings, rules, self)
    }
}

impl Default for KeycloakBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for KeycloakBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeycloakBuilder")
            .field("server_url", &self.server_url)
            .field("realm", &self.realm)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
