//! Whole pieces together, on the public API: no network but loopback, no sleeping.

mod config;
mod keys;
