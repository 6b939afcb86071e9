//! Settings: the builder that collects them, and the validated form that the crate works with.

#[doc(hidden)]
pub mod env;
