//! The house itself: what holds for the sources, whatever they do.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod direction;
