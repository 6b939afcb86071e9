//! Settings: the builder that collects them, and the validated form that the crate works with.

mod builder;
pub(crate) mod check;
#[doc(hidden)]
pub mod env;
pub(crate) mod error;
pub(crate) mod settings;
pub(crate) mod values;

pub use self::{
    builder::KeycloakBuilder,
    error::{ConfigError, Mistake},
    settings::{CacheSettings, ClientAuth, TokenCheck},
};
