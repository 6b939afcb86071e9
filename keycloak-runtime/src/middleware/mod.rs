//! The layers: authentication for a whole router, denied by default, and a policy for a part of one.
//!
//! Invariant: a request reaches the inner service only if the layer admits it: authenticated, or on a
//! path that the application declared public; and satisfying the policy.

mod gate;
mod guard_layer;
pub(crate) mod guarded;
mod layer;
mod public_paths;
mod seal;
mod way;

pub use self::{
    gate::GatedService, guard_layer::GuardLayer, guarded::GuardedRouter, layer::AuthLayer,
    seal::Sealed,
};
