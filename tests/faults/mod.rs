//! Keycloak misbehaves, the application does not.
//!
//! A scripted Keycloak does everything that a server can do wrong while good, bad and forged
//! tokens come in at a steady rate. Every single answer is checked; the table is for reading:
//! `cargo test -p keycloak-tests --test hostile faults -- --nocapture`.
//!
//! `FAULTS_SECONDS=30` makes each load that long, `FAULTS_ROTATION=100000` makes the rotation that
//! many requests, `FAULTS_STRICT=1` also asserts that recovery took at most two seconds.

mod gzip;
mod herd;
mod introspection;
mod load;
mod order;
mod outage;
mod pauses;
mod replays;
mod rotation;
mod scripted;
mod strangers;
mod table;
mod tls;

/// A number from the environment, for the long form.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}
