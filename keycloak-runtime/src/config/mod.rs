//! Settings: the builder that collects them, and the validated form that the crate works with.

mod builder;
mod check;
pub(crate) mod error;
pub(crate) mod settings;
pub(crate) mod values;

pub use self::{
    builder::KeycloakBuilder,
    error::{ConfigError, Mistake},
    settings::{CacheSettings, TokenCheck},
};
