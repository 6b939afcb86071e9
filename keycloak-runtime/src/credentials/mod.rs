//! What a request brings to say who its caller is.

pub(crate) mod bearer;
