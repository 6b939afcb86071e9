//! The layers: authentication for a whole router, denied by default, and a policy for a part of one.
//!
//! Invariant: a request reaches the inner service only if the layer admits it: authenticated, or on a
//! path that the application declared public; and satisfying the policy.

pub(crate) mod admit;
mod extract;
mod gate;
pub(crate) mod guard;
mod guard_layer;
pub(crate) mod guarded;
mod layer;
mod public_paths;
pub mod routing;
mod seal;
mod way;

pub use self::{
    gate::GatedService, guard_layer::GuardLayer, guarded::GuardedRouter, layer::AuthLayer,
    seal::Sealed,
};
