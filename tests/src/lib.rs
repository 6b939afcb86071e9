//! Support for the test suites.

pub mod browser;
mod eventually;
mod hundred;
pub mod issuer;
pub mod mint;
pub mod quickstart;
pub mod real;
mod serve;
mod skip;
mod target;
pub mod tls;
pub mod world;

pub use eventually::eventually;
pub use hundred::HUNDRED;
pub use serve::serve;
pub use skip::skip;
pub use target::target_folder;

/// The README's Rust blocks, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
