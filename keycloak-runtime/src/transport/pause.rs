//! An endpoint that errs is left alone for a moment: a caller whose token is genuine draws from no
//! bucket, so without this each request would be a call while Keycloak is in trouble.
//!
//! Invariants: what counts is the number of sessions with an error and no answer since, and not the
//! number of errors, so that one session (whose token may be what Keycloak stumbles over) pauses no
//! other; a pause lets one call at a time through; the first answer to any call ends it.

use std::time::Duration;

use crate::{
    base::{clock::Timestamp, fault::Fault},
    transport::refresher::backoff,
};

/// Sessions with an error in a row. Each of them is bounded by a bucket of its own.
const SESSIONS: usize = 8;

/// The next call is made in place of one that is silent for so long: Keycloak may have come back
/// while that one hangs in a dead connection.
const HANGS_AFTER: Duration = Duration::from_millis(1_750);

type Hash = [u8; 32];

/// The pauses of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    erring: Vec<Hash>,
    paused: Option<Paused>,
}

#[derive(Debug)]
struct Paused {
    /// What went wrong last.
    fault: Fault,
    /// How many there were in a row.
    count: u32,
    /// No call before.
    until: Timestamp,
    /// The number of the last call that was let through.
    trial: u32,
}

/// A call that was let through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passed {
    began: Timestamp,
    /// There where it was the one call of a pause.
    trial: Option<u32>,
}

impl Pause {
    /// # Errors
    /// A call would not be made now: what went wrong last.
    pub(crate) fn look(&self, now: Timestamp) -> Result<(), Fault> {
        match &self.paused {
            Some(paused) if now < paused.until => Err(paused.fault.clone()),
            _ => Ok(()),
        }
    }

    /// Leave for one call.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub(crate) fn pass(&mut self, now: Timestamp) -> Result<Passed, Fault> {
        self.look(now)?;
        let trial = self.paused.as_mut().map(|paused| {
            paused.until = now.saturating_add(HANGS_AFTER);
            paused.trial = paused.trial.wrapping_add(1);
            paused.trial
        });
        Ok(Passed { began: now, trial })
    }

    /// Keycloak answered. True where that ended a pause.
    pub(crate) fn answered(&mut self) -> bool {
        self.erring.clear();
        self.paused.take().is_some()
    }

    /// It was not called after all: the next one may be.
    pub(crate) fn not_called(&mut self, passed: Passed) {
        if let Some(paused) = &mut self.paused
            && passed.trial == Some(paused.trial)
        {
            paused.until = passed.began;
        }
    }

    /// A call for `session` brought no answer. True where a pause begins.
    pub(crate) fn erred(&mut self, call: Passed, session: Hash, fault: &Fault) -> bool {
        let Some(paused) = &mut self.paused else {
            if !self.erring.contains(&session) {
                self.erring.push(session);
            }
            if self.erring.len() < SESSIONS {
                return false;
            }
            self.paused = Some(Paused {
                fault: fault.clone(),
                count: 1,
                until: call.began.saturating_add(backoff(1)),
                trial: 0,
            });
            return true;
        };
        // Of a call from before the pause, or one whose place was taken, it is no news.
        if call.trial != Some(paused.trial) {
            return false;
        }
        paused.count = paused.count.saturating_add(1);
        paused.until = call.began.saturating_add(backoff(paused.count));
        paused.fault = fault.clone();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::refresher::MAX_BACKOFF;

    const NOW: Timestamp = Timestamp::from_secs(1_000);
    const FAULT: Fault = Fault::IntrospectionService;

    fn session(number: u8) -> Hash {
        [number; 32]
    }

    /// The endpoint just after the first error of the last session.
    fn paused() -> Pause {
        let mut pause = Pause::default();
        for number in 0..8 {
            let passed = pause.pass(NOW).unwrap();
            assert_eq!(pause.erred(passed, session(number), &FAULT), number == 7);
        }
        pause
    }

    #[test]
    fn one_session_pauses_nobody_and_several_do() {
        let mut pause = Pause::default();
        for _ in 0..100 {
            let passed = pause.pass(NOW).unwrap();
            assert!(!pause.erred(passed, session(0), &FAULT));
        }
        assert!(paused().pass(NOW).is_err());
        assert_eq!(paused().look(NOW), Err(FAULT));
    }

    #[test]
    fn an_answer_between_the_errors_starts_the_count_again() {
        let mut pause = Pause::default();
        for number in 0..100 {
            let passed = pause.pass(NOW).unwrap();
            assert!(!pause.erred(passed, session(number), &FAULT));
            if number % 7 == 6 {
                assert!(!pause.answered());
            }
        }
    }

    #[test]
    fn calls_of_a_pause_are_one_at_a_time_and_ever_rarer() {
        let mut pause = paused();
        let mut calls = 0;
        for millis in 0..60_000 {
            let now = NOW.saturating_add(Duration::from_millis(millis));
            if let Ok(passed) = pause.pass(now) {
                assert!(pause.pass(now).is_err(), "one at a time");
                assert!(pause.erred(passed, session(9), &FAULT));
                calls += 1;
            }
        }
        // At 1.5 s, of which a random half may be missing; and those of the beginning.
        assert!((40..=85).contains(&calls), "{calls}");
    }

    #[test]
    fn the_first_answer_ends_a_pause_at_once() {
        let mut pause = paused();
        let soon = NOW.saturating_add(MAX_BACKOFF);
        assert!(pause.pass(soon).is_ok());
        assert!(pause.look(soon).is_err());
        assert!(pause.answered());
        for _ in 0..100 {
            assert!(pause.pass(soon).is_ok());
        }
    }

    #[test]
    fn a_call_that_hangs_makes_room_and_has_no_say_later() {
        let mut pause = paused();
        let soon = NOW.saturating_add(MAX_BACKOFF);
        let hangs = pause.pass(soon).unwrap();
        let later = soon.saturating_add(HANGS_AFTER);
        let second = pause.pass(later).unwrap();
        assert!(!pause.erred(hangs, session(0), &FAULT));
        assert!(pause.pass(later).is_err());
        assert!(pause.erred(second, session(0), &FAULT));
    }

    #[test]
    fn a_call_that_was_not_made_leaves_its_place() {
        let mut pause = paused();
        let soon = NOW.saturating_add(MAX_BACKOFF);
        let passed = pause.pass(soon).unwrap();
        pause.not_called(passed);
        assert!(pause.pass(soon).is_ok());
    }
}
