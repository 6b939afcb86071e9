//! The way out of this process: where calls run, and who may make them.

pub(crate) mod background;
pub(crate) mod outbound;
