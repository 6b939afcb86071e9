//! Declarative authorization for axum services that use Keycloak.

mod authorization;
mod error;
pub mod telemetry;
mod tls;
mod user;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use self::{
    authorization::policy::Policy,
    error::{AuthError, Fault, Rejection},
    telemetry::MetricsCollector,
    user::User,
};
