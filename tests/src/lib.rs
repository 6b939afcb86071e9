//! Support for the test suites.

pub mod browser;
pub mod issuer;
pub mod mint;
pub mod quickstart;
pub mod real;
mod skip;
pub mod tls;

pub use skip::skip;
