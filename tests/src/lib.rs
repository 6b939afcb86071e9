//! Support for the test suites.

pub mod real;
mod skip;

pub use skip::skip;
