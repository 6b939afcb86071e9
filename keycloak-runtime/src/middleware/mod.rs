//! The layer for a whole router: deny by default.
//!
//! Invariant: a request reaches the inner service only authenticated, or on a path that the
//! application declared public.

mod layer;
mod public_paths;

pub use self::layer::{AuthLayer, AuthService};
