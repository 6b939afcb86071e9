//! Declarative authorization for axum services that use Keycloak.

mod authorization;
mod base64url;
mod clock;
mod config;
pub mod diagnostics;
mod error;
mod extract;
mod guard_layer;
mod json;
mod jwk;
mod jwt;
mod keycloak;
pub mod manifest;
#[cfg(any(test, feature = "test-util"))]
#[doc(hidden)]
pub mod probe;
pub mod routing;
mod secret;
pub mod telemetry;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
mod tls;
mod token_cache;
mod user;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use self::{
    authorization::policy::Policy,
    clock::{Clock, SystemClock},
    config::{CacheSettings, ConfigError, KeycloakBuilder, Mistake, TokenCheck},
    diagnostics::DiagnosticReport,
    error::{AuthError, Fault, Rejection},
    guard_layer::{GuardLayer, GuardService},
    jwt::algorithm::{Algorithm, UnknownAlgorithm},
    keycloak::Keycloak,
    manifest::policies,
    secret::Secret,
    telemetry::MetricsCollector,
    user::{Names, User},
};
pub use keycloak_macros::config;
pub use url::Url;

#[cfg(any(test, feature = "test-util"))]
pub use self::clock::ManualClock;
