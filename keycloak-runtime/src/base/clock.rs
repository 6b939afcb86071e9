//! The one door to time: everything that compares instants asks a [`Clock`].
//!
//! Invariant: no other module calls `SystemTime::now`; token checks get `now` passed in.

use std::{
    fmt,
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Where the current time comes from.
///
/// Open for implementation, so that an application can bring its own source (a test clock, a
/// clock disciplined elsewhere). Token times (`exp`, `nbf`, `iat`) and cache lives depend on it.
///
/// It must not block: all calls to Keycloak and all deadlines of the process would wait for it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The current wall-clock time.
    fn now(&self) -> SystemTime;
}

/// The clock of the operating system, and the default.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A clock that stops until it is moved; feature `test-util`.
///
/// Clones share the time, so a test keeps one and gives the other to the builder.
#[cfg(any(test, feature = "test-util"))]
#[derive(Debug, Clone)]
pub struct ManualClock {
    // Nanoseconds since the epoch: enough until the year 2554.
    nanos: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

#[cfg(any(test, feature = "test-util"))]
impl ManualClock {
    /// A clock that shows `now`; times before 1970 become 1970.
    #[must_use]
    pub fn new(now: SystemTime) -> Self {
        Self {
            nanos: std::sync::Arc::new(std::sync::atomic::AtomicU64::new(nanos_since_epoch(now))),
        }
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let add = |nanos: u64| Some(nanos.saturating_add(by));
        // The closure always gives a value, so there is no failure to look at.
        let _ = self.nanos.fetch_update(ORDER, ORDER, add);
    }

    /// Puts the clock to `now`, forward or backward.
    pub fn set(&self, now: SystemTime) {
        self.nanos.store(nanos_since_epoch(now), ORDER);
    }
}

#[cfg(any(test, feature = "test-util"))]
const ORDER: std::sync::atomic::Ordering = std::sync::atomic::Ordering::SeqCst;

#[cfg(any(test, feature = "test-util"))]
fn nanos_since_epoch(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(any(test, feature = "test-util"))]
impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        let nanos = self.nanos.load(ORDER);
        UNIX_EPOCH
            .checked_add(Duration::from_nanos(nanos))
            .unwrap_or(UNIX_EPOCH)
    }
}

/// An instant in microseconds since 1970-01-01T00:00:00Z: exact for every legal `NumericDate`
/// (RFC 7519 section 2) down to the microsecond. Arithmetic saturates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    const PER_SECOND: i64 = 1_000_000;

    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self::from(clock.now())
    }

    /// An instant of a clock that cannot be set, back or forward; only to be compared with others
    /// of its kind.
    pub(crate) fn monotonic() -> Self {
        static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
        Self(i64::try_from(BEGAN.elapsed().as_micros()).unwrap_or(i64::MAX))
    }

    pub(crate) const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub(crate) const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(Self::PER_SECOND))
    }

    /// Whole seconds since the epoch, rounded down.
    #[cfg(any(test, feature = "dev-realm"))]
    pub(crate) const fn as_secs(self) -> i64 {
        self.0.div_euclid(Self::PER_SECOND)
    }

    #[must_use]
    pub(crate) fn saturating_add(self, by: Duration) -> Self {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// The time from `earlier` to `self`, zero if `earlier` is later.
    pub(crate) fn saturating_since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
            // A clock before 1970: every token is then from the future and refused.
            Err(_) => Self(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_clock_moves_only_when_told() {
        let start = UNIX_EPOCH + Duration::from_secs(1_000);
        let clock = ManualClock::new(start);
        let other = clock.clone();
        assert_eq!(clock.now(), start);
        other.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now(), start + Duration::from_millis(1_500));
        other.set(start);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn timestamps_saturate_instead_of_wrapping() {
        let end = Timestamp::from_secs(i64::MAX);
        assert_eq!(end.saturating_add(Duration::MAX), end);
        assert_eq!(
            Timestamp::from_secs(1).saturating_since(Timestamp::from_secs(2)),
            Duration::ZERO
        );
        assert_eq!(Timestamp::from_micros(-1).as_secs(), -1);
    }

    #[test]
    fn a_clock_before_the_epoch_reads_as_the_epoch() {
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Timestamp::from(before), Timestamp::from_secs(0));
    }
}
