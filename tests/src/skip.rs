//! When a suite may be left out: only where the machine lacks a tool, never in CI.
//!
//! The reason goes to the process's own standard error, past libtest's capture, so that a green
//! run still says what it did not try.

use std::{env, io::Write};

/// Tells why a test is skipped; with `CI=true` a skip is a failure.
///
/// # Panics
///
/// With `CI=true`: the check must have all tools.
#[track_caller]
pub fn skip(what: &str, reason: &str) {
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "{what} cannot run, and with CI=true it must: {reason}"
    );
    // A closed standard error loses the notice, not the test.
    let _ = writeln!(std::io::stderr(), "skipped {what}: {reason}");
}
