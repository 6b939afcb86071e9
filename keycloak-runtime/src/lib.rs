//! Declarative authorization for axum services that use Keycloak.

mod authenticate;
mod base;
mod caller;
mod classics;
mod config;
mod credentials;
#[cfg(feature = "dev-realm")]
pub mod dev;
pub mod diagnostics;
mod enforce;
mod error;
mod jose;
mod keycloak;
pub mod manifest;
pub mod manual;
#[cfg(feature = "matrix")]
pub mod matrix;
#[cfg(feature = "openapi")]
pub mod openapi;
mod policy;
mod realm;
mod settings;
pub mod telemetry;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
mod transport;

#[cfg(feature = "__fuzz")]
#[doc(hidden)]
#[path = "fuzz.rs"]
pub mod __fuzz;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use self::enforce::routing;
pub use self::{
    base::{
        clock::{Clock, SystemClock},
        fault::Fault,
        secret::Secret,
    },
    caller::{Names, NamesIter, User},
    diagnostics::DiagnosticReport,
    enforce::{AuthLayer, GatedService, GuardLayer, GuardedRouter, Sealed},
    error::{AuthError, Rejection},
    jose::algorithm::{Algorithm, UnknownAlgorithm},
    keycloak::{Keycloak, KeycloakBuilder},
    manifest::policies,
    policy::{answer::Deny, reason::Reason, term::Policy},
    realm::{discovery::ProviderMetadata, tokens::TokenResponse},
    settings::{CacheSettings, ClientAuth, ConfigError, Mistake, Proxy, TokenCheck},
    telemetry::MetricsCollector,
};
pub use keycloak_macros::{config, names_checked, policy, protected, public};
pub use url::Url;

#[cfg(any(test, feature = "test-util"))]
pub use self::base::clock::ManualClock;
