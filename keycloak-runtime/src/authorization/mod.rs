//! Policies and their decisions.

pub(crate) mod policy;
