//! Refresh of tokens (RFC 6749 section 6).
//!
//! Invariants: one call per refresh token at a time, however many ask, and it is sent once at most;
//! no result is kept after it; junk draws from a bucket; tokens are in no log and no `Debug`.

mod candidate;
mod client;
mod error;
mod response;

pub(crate) use self::client::Refresh;
pub use self::response::TokenResponse;
