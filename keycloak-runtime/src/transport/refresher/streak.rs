//! Which of the failures in a row are worth a warning.

use std::sync::atomic::{AtomicU32, Ordering};

/// At the longest pause between attempts, about a minute.
const EVERY: u32 = 40;

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(crate) struct Streak(AtomicU32);

impl Streak {
    /// True for the first failure, and from then on for one in about a minute: an outage must be
    /// seen in the log, and must not fill it.
    pub(crate) fn failed(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(EVERY)
    }

    /// The next failure is a first one.
    pub(crate) fn succeeded(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_and_then_few_are_told() {
        let streak = Streak::default();
        let told = (0..=EVERY).filter(|_| streak.failed()).count();
        assert_eq!(told, 2);
        assert!(!streak.failed());
        streak.succeeded();
        assert!(streak.failed());
    }
}
