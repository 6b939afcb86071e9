//! The realm's clock: the machine's time, moved by tests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use crate::base::clock::{Clock, SystemClock, Timestamp};

/// The time of an embedded realm: the machine's clock plus what tests added to it.
///
/// Clones share the shift. [`RunningRealm::keycloak`](super::RunningRealm::keycloak) gives it to
/// the builder, so that the service under test and the realm agree on the time.
#[derive(Debug, Clone, Default)]
pub struct RealmClock {
    shift_ms: Arc<AtomicI64>,
}

impl RealmClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.shift(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    pub(crate) fn rewind(&self, by: Duration) {
        self.shift(
            i64::try_from(by.as_millis())
                .unwrap_or(i64::MAX)
                .saturating_neg(),
        );
    }

    fn shift(&self, by: i64) {
        let add = |shift: i64| Some(shift.saturating_add(by));
        // The closure always gives a value, so there is no failure to look at.
        let _ = self
            .shift_ms
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, add);
    }

    /// Whole seconds since the epoch.
    pub(crate) fn seconds(&self) -> i64 {
        Timestamp::now(self).as_secs()
    }
}

impl Clock for RealmClock {
    fn now(&self) -> SystemTime {
        let shift = self.shift_ms.load(Ordering::SeqCst);
        let by = Duration::from_millis(shift.unsigned_abs());
        let now = SystemClock.now();
        let moved = if shift < 0 {
            now.checked_sub(by)
        } else {
            now.checked_add(by)
        };
        moved.unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_move_together_and_back() {
        let clock = RealmClock::default();
        let other = clock.clone();
        let hour = Duration::from_hours(1);
        clock.advance(hour);
        let ahead = other.now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        other.rewind(hour * 2);
        let behind = clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let between = ahead.checked_sub(behind).unwrap();
        assert!(between > hour && between <= hour * 2, "{between:?}");
    }
}
