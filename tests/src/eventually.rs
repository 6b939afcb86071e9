//! Waiting for what happens by itself: the one place of the suites that pauses between two looks.

use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Far more than anything takes that is waited for, also the start of the real Keycloak on a busy
/// machine: it decides when a test is given up, never how long one takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Looks until `holds` is true, for what the crate or a server does without being asked.
///
/// What a test can be told of, it should be told of instead: a notification comes at once, and in the
/// order of things.
///
/// # Panics
///
/// When it is not so after two minutes, with `what` as the reason.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let looks = async {
        while !holds().await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let given_up = tokio::time::timeout(PATIENCE, looks).await.is_err();
    assert!(!given_up, "it never happened: {what}");
}
