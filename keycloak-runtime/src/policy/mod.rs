//! Policies and their decisions.
//!
//! One way from a policy and a user to a decision: [`decision::walk`]. The guard, the layer, the
//! explanation and the tests all go through it.

pub(crate) mod answer;
pub(crate) mod answers;
mod blame;
pub(crate) mod check;
pub(crate) mod constant;
pub(crate) mod decision;
pub(crate) mod declaration;
mod facts;
mod json;
pub(crate) mod meaning;
pub(crate) mod name_in_realm;
#[cfg(all(feature = "matrix", feature = "dev-realm"))]
pub(crate) mod names;
pub(crate) mod parameters;
#[cfg(test)]
mod property;
pub(crate) mod reason;
pub(crate) mod term;
pub(crate) mod text;
pub(crate) mod visit;
