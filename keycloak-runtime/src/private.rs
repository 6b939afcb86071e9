//! The only door for generated code. Not part of the public API.

pub use crate::authorization::policy::{CheckFn, Mode, Policy, Set, Term};
