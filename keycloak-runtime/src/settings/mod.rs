//! The settings after validation: what the rest of the crate works with.
//!
//! Invariant: a [`Settings`] comes from [`KeycloakBuilder::build`](crate::KeycloakBuilder::build)
//! only, so every value in it is in range.

pub(crate) mod error;
pub(crate) mod plausible;
pub(crate) mod proxy;
pub(crate) mod urls;
pub(crate) mod values;

pub use self::{
    error::{ConfigError, Mistake},
    proxy::Proxy,
};

use std::time::Duration;

use url::{Host, Url};

use crate::{
    base::{restriction::Restriction, secret::Secret},
    jose::algorithm::Algorithm,
};

/// How access tokens are checked.
///
/// In every mode a token is a signed JWT in its one spelling (compact JWS, canonical base64url, an
/// algorithm of the allow-list), says that it is an access token, and is not expired, before
/// Keycloak is asked anything. So opaque tokens, and tokens signed with a shared secret (HS256),
/// are refused: Keycloak issues neither to clients by default. Set
/// [`algorithms`](crate::KeycloakBuilder::algorithms) to the realm's also where Keycloak is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TokenCheck {
    /// Signature and claims, with the realm's keys: the default.
    #[default]
    Local,
    /// Keycloak is asked about every token (RFC 7662); needs the client's secret. Its answer must be
    /// about this token: `sub`, `jti`, `azp` and `sid` are the same where both have them.
    Introspect,
    /// Signature and claims first, then Keycloak is asked; needs the client's secret.
    ///
    /// Every rule holds for the token and for the answer, and the answer makes the user: a role
    /// taken away since the token was issued is gone, a role given since counts (after
    /// [`introspection_ttl`](CacheSettings::introspection_ttl) at most).
    /// [`Introspect`](Self::Introspect) admits every caller that this admits.
    LocalThenIntrospect,
}

/// How our client's secret is sent to Keycloak (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `client_secret_basic`: in the `Authorization` header; the default.
    #[default]
    Basic,
    /// `client_secret_post`: in the form.
    Post,
}

/// Lifetimes and sizes of what is kept.
///
/// # Defaults
/// | setting | default | range |
/// |---|---|---|
/// | `discovery_ttl` | 7200 s | 1 s and more |
/// | `jwks_ttl` | 3600 s | 1 s and more |
/// | `stale_keys` | 3600 s | 0 to 24 h |
/// | `refetch_refill` | 10 s | 1 s to 30 s |
/// | `token_cache_bytes` | 16 MiB | 0 switches the cache off |
/// | `introspection_ttl` | 10 s | 0 to 60 s |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    pub(crate) discovery_ttl: Duration,
    pub(crate) jwks_ttl: Duration,
    pub(crate) stale_keys: Duration,
    pub(crate) refetch_refill: Duration,
    pub(crate) token_cache_bytes: usize,
    pub(crate) introspection_ttl: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            discovery_ttl: Duration::from_hours(2),
            jwks_ttl: Duration::from_hours(1),
            stale_keys: Duration::from_hours(1),
            refetch_refill: Duration::from_secs(10),
            token_cache_bytes: 16 * 1024 * 1024,
            introspection_ttl: Duration::from_secs(10),
        }
    }
}

impl CacheSettings {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the discovery document is used before it is fetched anew; default 7200 s.
    #[must_use]
    pub fn discovery_ttl(mut self, ttl: Duration) -> Self {
        self.discovery_ttl = ttl;
        self
    }

    /// How long the realm's keys are used before they are fetched anew (in the background, from
    /// 80 % of the time on); default 3600 s. Keycloak's `Cache-Control: no-cache` is not obeyed.
    #[must_use]
    pub fn jwks_ttl(mut self, ttl: Duration) -> Self {
        self.jwks_ttl = ttl;
        self
    }

    /// How long keys are used past `jwks_ttl` while Keycloak cannot be reached; default 3600 s.
    #[must_use]
    pub fn stale_keys(mut self, bound: Duration) -> Self {
        self.stale_keys = bound;
        self
    }

    /// Tokens with an unknown `kid` make us fetch the keys: twice at once, then once per this
    /// time; default 10 s.
    #[must_use]
    pub fn refetch_refill(mut self, interval: Duration) -> Self {
        self.refetch_refill = interval;
        self
    }

    /// Bound of the verified-token cache in bytes; default 16 MiB, 0 switches it off.
    ///
    /// Remembered tokens and users take at most this much from the allocator, and 64 KiB more; the
    /// allocator's own headers are included. (Callers that a handler still holds are not counted
    /// any more once they are evicted.)
    #[must_use]
    pub fn token_cache_bytes(mut self, bytes: usize) -> Self {
        self.token_cache_bytes = bytes;
        self
    }

    /// How long an answer of the introspection endpoint is used (never past the token's `exp`);
    /// default 10 s, 0 asks every time.
    #[must_use]
    pub fn introspection_ttl(mut self, ttl: Duration) -> Self {
        self.introspection_ttl = ttl;
        self
    }
}

/// How Keycloak is spoken to.
#[derive(Debug, Clone)]
pub(crate) struct HttpSettings {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    /// PEM bundles of additional trust anchors.
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) accept_invalid_certs: bool,
    /// What calls go through; `None` is nothing, whatever the environment says.
    pub(crate) proxy: Option<Proxy>,
}

/// Name and scopes of the OpenAPI security scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemeSettings {
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
}

/// Everything that `build()` found to be right.
#[derive(Debug)]
pub(crate) struct Settings {
    /// In its normal form, without trailing slashes.
    pub(crate) server_url: String,
    pub(crate) realm: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) client_auth: ClientAuth,
    /// Accepted issuers; the first one is the realm's name in challenges. Never empty.
    pub(crate) issuers: Vec<String>,
    /// Accepted audiences; any only by `any_audience()`.
    pub(crate) audiences: Restriction<String>,
    /// Accepted `azp`; any client of the realm where nothing was said, or `any_authorized_party()`.
    pub(crate) authorized_parties: Restriction<String>,
    /// Never empty.
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) leeway: Duration,
    pub(crate) jwks_uri: Option<Url>,
    pub(crate) introspection_endpoint: Option<Url>,
    pub(crate) token_endpoint: Option<Url>,
    /// Base URL for server-to-server calls, without trailing slashes.
    pub(crate) backchannel_url: Option<String>,
    pub(crate) token_check: TokenCheck,
    pub(crate) token_refresh: bool,
    pub(crate) explain_refusals: bool,
    pub(crate) cache: CacheSettings,
    pub(crate) http: HttpSettings,
    #[cfg_attr(
        not(feature = "openapi"),
        allow(
            dead_code,
            reason = "an option of the builder that only documents read"
        )
    )]
    pub(crate) scheme: Option<SchemeSettings>,
}

impl Settings {
    /// The URLs that are configured, each with its option's name.
    fn urls(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let endpoints = [
            ("jwks_uri", &self.jwks_uri),
            ("introspection_endpoint", &self.introspection_endpoint),
            ("token_endpoint", &self.token_endpoint),
        ];
        let endpoints = endpoints
            .into_iter()
            .filter_map(|(name, url)| Some((name, url.as_ref()?.as_str())));
        let backchannel = self.backchannel_url.as_deref();
        std::iter::once(("server_url", self.server_url.as_str()))
            .chain(backchannel.map(|url| ("backchannel_url", url)))
            .chain(endpoints)
    }

    /// Whether any call can need TLS.
    pub(crate) fn uses_tls(&self) -> bool {
        self.urls()
            .map(|(_, url)| url)
            .chain(self.issuers.iter().map(String::as_str))
            .any(|url| {
                url.get(..6)
                    .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
            })
            || self.http.proxy.as_ref().is_some_and(Proxy::may_use_tls)
    }

    /// Options whose URL is plain `http` to another machine: an attacker on the network can answer in
    /// Keycloak's place.
    pub(crate) fn plain_http(&self) -> Vec<&'static str> {
        let plain = |url: &str| {
            Url::parse(url).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
        };
        self.urls()
            .filter(|(_, url)| plain(url))
            .map(|(name, _)| name)
            .collect()
    }
}

/// Whether a URL's host is this machine (RFC 6761 section 6.3 for the names).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address
            .to_ipv4_mapped()
            .map_or(address.is_loopback(), |address| address.is_loopback()),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}
