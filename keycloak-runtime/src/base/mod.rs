//! The ground floor: time, secrets, bytes, JSON, three-valued truth, restrictions. Uses nothing above it.

pub(crate) mod background;
pub(crate) mod base64url;
pub(crate) mod clock;
pub(crate) mod digest;
pub(crate) mod fault;
pub(crate) mod foreign;
pub(crate) mod json;
pub(crate) mod restriction;
pub(crate) mod secret;
pub(crate) mod truth;
