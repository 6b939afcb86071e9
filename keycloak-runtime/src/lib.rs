//! Declarative authorization for axum services that use Keycloak.

mod authenticator;
mod authorization;
mod base64url;
mod client_auth;
mod clock;
mod config;
#[cfg(feature = "dev-realm")]
pub mod dev;
pub mod diagnostics;
mod discovery;
mod error;
mod extract;
mod flights;
mod foreign;
mod http_client;
mod introspection;
mod json;
mod jwk;
mod jwks;
mod jwt;
mod keycloak;
pub mod manifest;
pub mod manual;
#[cfg(feature = "matrix")]
pub mod matrix;
mod middleware;
#[cfg(feature = "openapi")]
pub mod openapi;
#[cfg(any(test, feature = "test-util"))]
#[doc(hidden)]
pub mod probe;
mod refresh;
mod refresher;
mod restriction;
pub mod routing;
mod secret;
pub mod telemetry;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
mod tls;
mod token_cache;
mod transport;
mod user;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use self::{
    authorization::{policy::Policy, reason::Reason},
    clock::{Clock, SystemClock},
    config::{CacheSettings, ClientAuth, ConfigError, KeycloakBuilder, Mistake, Proxy, TokenCheck},
    diagnostics::DiagnosticReport,
    discovery::ProviderMetadata,
    error::{AuthError, Fault, Rejection},
    jwt::algorithm::{Algorithm, UnknownAlgorithm},
    keycloak::Keycloak,
    manifest::policies,
    middleware::{AuthLayer, GatedService, GuardLayer, GuardedRouter, Sealed},
    refresh::TokenResponse,
    secret::Secret,
    telemetry::MetricsCollector,
    user::{Names, User},
};
pub use keycloak_macros::{config, names_checked, policy, protected, public};
pub use url::Url;

#[cfg(any(test, feature = "test-util"))]
pub use self::clock::ManualClock;
