//! Support for the test suites.

pub mod browser;
mod hundred;
pub mod issuer;
pub mod mint;
pub mod quickstart;
pub mod real;
mod serve;
mod skip;
pub mod tls;

pub use hundred::HUNDRED;
pub use serve::serve;
pub use skip::skip;

/// The README's Rust blocks, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
