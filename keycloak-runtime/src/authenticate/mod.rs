//! From a token to its caller, and the memory of those verified a moment ago.

pub(crate) mod authenticator;
pub(crate) mod token_cache;
