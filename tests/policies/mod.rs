//! Policies in a running router: annotated handlers, guarded routers, the manifest, explanations.

mod declared;
mod explanations;
mod extractors;
mod guards;
mod impl_blocks;
mod manifest;
mod matrix;
mod realm;
mod remembered;
mod routers;
mod rules_that_fail;
