//! From a token to the caller it speaks for, and the memory of those judged a moment ago.

pub(crate) mod authenticator;
pub(crate) mod token_cache;
