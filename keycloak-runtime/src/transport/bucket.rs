//! How many calls to Keycloak requests of clients may cause.

use std::time::Duration;

use crate::base::clock::Timestamp;

/// A token bucket, refilled by one per interval.
#[derive(Debug)]
pub(crate) struct Bucket {
    capacity: u32,
    stock: u32,
    interval: Duration,
    /// When the last refill fell due.
    refilled_at: Timestamp,
}

impl Bucket {
    /// `capacity` is what is in stock when nothing was drawn for a while.
    pub(crate) fn new(capacity: u32, interval: Duration, now: Timestamp) -> Self {
        Self {
            capacity,
            stock: capacity,
            interval,
            refilled_at: now,
        }
    }

    /// Takes one, if there is one.
    pub(crate) fn draw(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        match self.stock.checked_sub(1) {
            Some(rest) => {
                self.stock = rest;
                true
            }
            None => false,
        }
    }

    /// Whether there is one; takes none.
    pub(crate) fn has_some(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        self.stock > 0
    }

    /// Takes a draw back.
    pub(crate) fn put_back(&mut self) {
        self.stock = self.stock.saturating_add(1).min(self.capacity);
    }

    /// As if nothing had been drawn.
    pub(crate) fn fill(&mut self) {
        self.stock = self.capacity;
    }

    fn refill(&mut self, now: Timestamp) {
        if now < self.refilled_at {
            // The clock was set back: what was waited for so far does not count.
            self.refilled_at = now;
        }
        while self.stock < self.capacity {
            let due = self.refilled_at.saturating_add(self.interval);
            if due > now {
                return;
            }
            self.refilled_at = due;
            self.stock = self.stock.saturating_add(1);
        }
        // A full bucket gathers nothing.
        self.refilled_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(10);

    #[track_caller]
    fn check(expected: &[(i64, bool)]) {
        let mut bucket = Bucket::new(2, INTERVAL, Timestamp::from_secs(1_000));
        for (second, expected) in expected {
            let found = bucket.draw(Timestamp::from_secs(*second));
            assert_eq!(found, *expected, "at {second}");
        }
    }

    #[test]
    fn two_at_once_then_one_per_interval() {
        check(&[
            (1_000, true),
            (1_000, true),
            (1_000, false),
            (1_009, false),
            (1_010, true),
            (1_010, false),
            (1_020, true),
        ]);
    }

    #[test]
    fn what_is_put_back_can_be_drawn_and_never_more() {
        let mut bucket = Bucket::new(2, INTERVAL, Timestamp::from_secs(1_000));
        let now = Timestamp::from_secs(1_000);
        for _ in 0..10 {
            assert!(bucket.has_some(now));
            assert!(bucket.draw(now));
            bucket.put_back();
        }
        bucket.put_back();
        let drawn = (0..10).filter(|_| bucket.draw(now)).count();
        assert_eq!(drawn, 2);
        assert!(!bucket.has_some(now));
        assert!(bucket.has_some(now.saturating_add(INTERVAL)));
    }

    #[test]
    fn never_holds_more_than_two() {
        check(&[(9_000, true), (9_000, true), (9_000, false)]);
    }

    #[test]
    fn a_clock_set_back_gives_nothing_and_blocks_nothing() {
        check(&[
            (1_000, true),
            (1_000, true),
            (500, false),
            (509, false),
            (510, true),
        ]);
    }

    #[test]
    fn failed_draws_do_not_delay_the_refill() {
        check(&[
            (1_000, true),
            (1_000, true),
            (1_003, false),
            (1_006, false),
            (1_009, false),
            (1_010, true),
        ]);
    }
}
