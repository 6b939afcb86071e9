//! Refresh of tokens (RFC 6749 section 6).
//!
//! Invariants: one call per refresh token at a time, however many ask, and it is sent once at most;
//! no result is kept after it; each call draws from a bucket, of its session or of all strangers; tokens are in no log and no `Debug`.

mod candidate;
mod client;
mod error;
mod response;
mod sessions;

pub(crate) use self::client::Refresh;
use self::error::RefreshError;
pub use self::response::TokenResponse;
