//! Settings: the builder that collects them, and the validated form that the crate works with.

mod builder;
mod check;
#[doc(hidden)]
pub mod env;
pub(crate) mod error;
pub(crate) mod settings;
pub(crate) mod urls;
pub(crate) mod values;

pub use self::{
    builder::KeycloakBuilder,
    error::{ConfigError, Mistake},
    settings::{CacheSettings, ClientAuth, TokenCheck},
};
