//! Settings: the builder that collects them, and the validated form that the crate works with.

mod builder;
mod check;
#[doc(hidden)]
pub mod env;
pub(crate) mod error;
pub(crate) mod plausible;
pub(crate) mod proxy;
pub(crate) mod settings;
pub(crate) mod urls;
pub(crate) mod values;

pub use self::{
    builder::KeycloakBuilder,
    error::{ConfigError, Mistake},
    proxy::Proxy,
    settings::{CacheSettings, ClientAuth, TokenCheck},
};
