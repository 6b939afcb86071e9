//! The library against the real Keycloak, which this binary starts once for all of its tests.
//!
//! Where Java 17 or Maven are missing the tests say so and pass; with `CI=true` they fail.

mod server;

mod claims;
mod classics;
mod endpoints;
mod local;
mod negation;
mod parity;
mod policies;
mod quickstart;
mod tokens;
