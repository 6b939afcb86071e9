//! The house itself: what holds for the sources, whatever they do.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod direction;
mod fuzz;
mod patience;
mod rules;
