//! Generated code trips no lint that a strict crate turns on.
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, elided_lifetimes_in_paths)]
#![deny(missing_debug_implementations, single_use_lifetimes, unused_results)]
#![forbid(unsafe_code)]

use std::time::Duration;

/// Settings.
#[keycloak::config(prefix = "JUDGE")]
#[derive(Debug, Clone)]
pub(crate) struct Auth {
    /// Where Keycloak is.
    pub(crate) server_url: String,
    /// Its realm.
    pub(crate) realm: String,
    /// Our client.
    pub(crate) client_id: String,
    #[keycloak(default = Duration::from_secs(3))]
    leeway: Duration,
}

pub(crate) fn main() {
    let auth = Auth::from_vars([("JUDGE_REALM", "demo")]);
    assert!(auth.is_err());
}
