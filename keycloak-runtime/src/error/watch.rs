//! What the operator sees of refused requests: one count, one line in the log, and the classic.
//!
//! Invariants: a request that is refused is noted once, when it is answered. Of what the
//! caller sent only the `sub` of an accepted token is written, as foreign text; everything else is
//! codes, our own configuration and constant text. A flood of
//! refusals cannot flood the log at its usual level.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::{
    base::foreign::Foreign,
    classics::hints::{Classic, Setup},
    error::AuthError,
    realm::Realm,
    telemetry::emit,
};

/// A classic is written at `WARN` at most once in this time.
const WARN_INTERVAL: Duration = Duration::from_mins(1);

/// Watches the refusals of one realm.
pub(crate) struct RefusalWatch {
    since: Instant,
    /// Per classic: milliseconds after `since` from which it may be written at `WARN` again.
    next_warning: [AtomicU64; Classic::ALL.len()],
}

impl RefusalWatch {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
            next_warning: Default::default(),
        }
    }

    /// Notes that a request is being answered with `error` of this realm.
    pub(crate) fn answered(&self, error: &AuthError, realm: &Realm) {
        // A refused token was counted when it was checked; these were refused before or after.
        if error.fault().is_outside_validation() {
            realm.telemetry.refused(error.code());
        }
        let classic = error.looks_like();
        emit!(
            DEBUG,
            "keycloak",
            REFUSED,
            realm = realm.settings.realm,
            code = error.code(),
            status = error.status().as_u16(),
            looks_like = classic.map(Classic::code),
            sub = error
                .subject()
                .map(|sub| tracing::field::display(Foreign(sub))),
            "request refused"
        );
        if let Some(classic) = classic
            && self.may_warn(classic, self.since.elapsed())
        {
            warn(classic, error.code(), realm);
        }
    }

    /// Whether `classic` was not written in the last minute; then it counts as written now.
    fn may_warn(&self, classic: Classic, elapsed: Duration) -> bool {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let now = millis(elapsed);
        let Some(next) = self.next_warning.get(classic as usize) else {
            return false;
        };
        let due = next.load(Ordering::Relaxed);
        let then = now.saturating_add(millis(WARN_INTERVAL));
        // Of several at once only one may write.
        now >= due
            && next
                .compare_exchange(due, then, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

/// The fix is for this realm's setup.
fn warn(classic: Classic, code: &'static str, realm: &Realm) {
    emit!(
        WARN,
        "keycloak",
        LOOKS_LIKE,
        realm = realm.settings.realm,
        code,
        looks_like = classic.code(),
        problem = classic.problem(),
        fix = classic.fix(&Setup::of(&realm.settings)),
        "requests are refused, and it looks like a usual mistake in the setup"
    );
}

impl fmt::Debug for RefusalWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusalWatch").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::response::IntoResponse as _;

    use super::*;
    use crate::{
        base::fault::Fault,
        keycloak::Keycloak,
        telemetry::{MetricsCollector, Tags},
    };

    #[derive(Default)]
    struct Codes(Mutex<Vec<String>>);

    impl MetricsCollector for Codes {
        fn increment_counter(&self, name: &'static str, tags: Tags<'_>, _: u64) {
            assert_eq!(name, crate::telemetry::names::ERRORS_TOTAL);
            self.0.lock().unwrap().push(tags[0].1.to_owned());
        }
        fn observe_histogram(&self, name: &'static str, _: Tags<'_>, _: f64) {
            panic!("{name} is not measured here");
        }
    }

    #[test]
    fn counts_what_no_validation_counted_when_it_is_answered() {
        let codes = Arc::new(Codes::default());
        let keycloak = Keycloak::builder()
            .server_url("https://sso.example.com")
            .realm("demo")
            .client_id("api")
            .metrics_collector(Arc::clone(&codes))
            .build()
            .unwrap();
        let faults = [
            Fault::MissingHeader,
            Fault::InvalidHeader,
            Fault::MalformedToken,
            Fault::TokenExpired,
            Fault::MissingRoles,
            Fault::Forbidden,
            Fault::ProviderConnection,
            Fault::InvalidGrant,
        ];
        for fault in faults {
            let error = keycloak.refuse(fault);
            // Made and not answered, as where the caller may be anonymous: not a refusal.
            drop(error.clone());
            let _ = error.into_response();
        }
        let counted = codes.0.lock().unwrap().join(" ");
        assert_eq!(
            counted,
            "missing_header invalid_header_format missing_roles forbidden"
        );
    }

    #[test]
    fn a_flood_warns_once_a_minute_per_classic() {
        let watch = RefusalWatch::new();
        let at = |seconds| Duration::from_secs(seconds);
        assert!(watch.may_warn(Classic::AudienceAccount, at(5)));
        assert!(!watch.may_warn(Classic::AudienceAccount, at(5)));
        assert!(!watch.may_warn(Classic::AudienceAccount, at(64)));
        assert!(watch.may_warn(Classic::WrongTokenType, at(64)));
        assert!(watch.may_warn(Classic::AudienceAccount, at(65)));
        assert!(!watch.may_warn(Classic::AudienceAccount, at(66)));
    }

    #[test]
    fn every_classic_has_its_own_slot() {
        let slots: std::collections::HashSet<_> = Classic::ALL
            .iter()
            .map(|classic| *classic as usize)
            .collect();
        assert_eq!(slots.len(), Classic::ALL.len());
        assert!(slots.iter().all(|slot| *slot < Classic::ALL.len()));
    }
}
