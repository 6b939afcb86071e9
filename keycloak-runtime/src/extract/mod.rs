//! Extractors: from a request to the verified caller.

pub(crate) mod bearer;
