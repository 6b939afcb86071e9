//! The real things: Keycloak 26.7.3 as it is downloaded, Chromium, the examples as processes of their
//! own.
//!
//! Where a tool is missing the tests say so and pass; with `CI=true` they fail.

mod browser;
mod live;
mod outage;
mod quickstart;
