//! One attempt at a time: the machinery of everything that is fetched and kept.
//!
//! A [`Refresher`] runs its [`Job`] in a task of its own on the
//! [background runtime](crate::base::background), so a caller that goes away (a client that
//! hangs up, a timeout, a runtime that ends or is not driven) changes nothing for the others.
//! A caller who comes while an attempt runs waits for that one. After a failure it tries again by itself
//! until it succeeds, at most [`MAX_BACKOFF`] after the last attempt began.
//!
//! Invariants: attempts never overlap, so a newer result is never replaced by an older one; every
//! end of an attempt, a panic included, is a result that waiters get and that the back-off follows;
//! no wait is without a deadline; the lock is held for a few assignments and never across an await;
//! nothing is started before it is asked for, and nothing runs on after [`Refresher::close`] or when
//! the refresher is dropped.

mod backoff;
mod driver;
mod streak;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    backoff::{MAX_BACKOFF, backoff},
    streak::Streak,
};

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, watch};

use self::driver::Driving;
use crate::{
    base::background,
    transport::{
        http_client::MAX_FETCH,
        outbound::{Exhausted, Permit},
    },
};

/// An attempt is given up by then, if it does not end by itself.
const LONGEST_ATTEMPT: Duration = MAX_FETCH.saturating_add(Duration::from_secs(1));

/// No caller waits longer for one.
const LONGEST_WAIT: Duration = LONGEST_ATTEMPT.saturating_add(Duration::from_secs(1));

/// What is fetched.
pub(crate) trait Job: Send + Sync + Sized + 'static {
    /// Why an attempt failed.
    type Error: Clone + Send + Sync + From<NotMade> + 'static;

    /// One attempt; keeps its result itself, before it returns. Must end by itself.
    fn attempt(&self, permit: Permit) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Leave for an attempt that no caller asked for: after a failure.
    fn retry(&self) -> Permit;
}

/// Why no attempt was made, or nothing came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotMade {
    #[error("closed")]
    Closed,
    #[error("calls to Keycloak are rate limited, and there were too many in the last moments")]
    Exhausted,
    #[error(transparent)]
    NoRuntime(#[from] background::NoRuntime),
    #[error("the attempt ended in a panic, which is a bug (or one of a clock of the application)")]
    Panicked,
    #[error("the attempt does not end")]
    Silent,
}

impl From<Exhausted> for NotMade {
    fn from(_: Exhausted) -> Self {
        Self::Exhausted
    }
}

/// Runs one job, one attempt at a time.
pub(crate) struct Refresher<J: Job> {
    shared: Arc<Shared<J>>,
}

struct Shared<J: Job> {
    job: J,
    control: Mutex<Control<J::Error>>,
    /// Whether the last attempt failed; for readers that must not lock.
    failing: AtomicBool,
    /// Number of the newest attempt that ended.
    ended: watch::Sender<u64>,
    /// Whether the driver runs; changed with the lock held.
    driving: watch::Sender<bool>,
    /// Ends the pause between attempts.
    wake: Notify,
    closing: watch::Sender<bool>,
}

struct Control<E> {
    /// Number of the newest attempt that began or was promised; attempts count from 1.
    begun: u64,
    /// Number of the newest attempt that ended.
    ended: u64,
    /// How it ended; `None` before the first one.
    last: Option<Result<(), E>>,
    /// What the promised attempt is made with.
    permit: Option<Permit>,
    closed: bool,
}

impl<E> Control<E> {
    fn in_flight(&self) -> bool {
        self.begun > self.ended
    }
}

/// What came of asking for an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Attempted<E> {
    /// The attempt of this number ended.
    Ended { number: u64, result: Result<(), E> },
    /// None was made: how the last one ended, or why there was none.
    Denied { last: Result<(), E> },
}

enum Wait<E> {
    For(u64),
    Not(Attempted<E>),
}

impl<J: Job> Refresher<J> {
    /// Starts nothing.
    pub(crate) fn new(job: J) -> Self {
        Self {
            shared: Arc::new(Shared {
                job,
                control: Mutex::new(Control {
                    begun: 0,
                    ended: 0,
                    last: None,
                    permit: None,
                    closed: false,
                }),
                failing: AtomicBool::new(false),
                ended: watch::Sender::new(0),
                driving: watch::Sender::new(false),
                wake: Notify::new(),
                closing: watch::Sender::new(false),
            }),
        }
    }

    pub(crate) fn job(&self) -> &J {
        &self.shared.job
    }

    /// Whether the last attempt failed.
    pub(crate) fn failing(&self) -> bool {
        self.shared.failing.load(Ordering::Acquire)
    }

    /// Number of the newest attempt that began: one with a higher number began after this call.
    pub(crate) fn begun(&self) -> u64 {
        self.shared.lock().begun
    }

    /// Number of the newest attempt that ended; to be taken before a look at what attempts leave, and
    /// given to [`join`](Self::join) after it.
    pub(crate) fn ended(&self) -> u64 {
        *self.shared.ended.borrow()
    }

    /// Sees to it that an attempt is made; waits for nothing.
    pub(crate) fn kick(&self, permit: impl FnOnce() -> Permit) {
        let control = self.shared.lock();
        if !control.closed && !self.shared.is_driving() {
            // A caller who needs the result will be told why there is none.
            let _ = self.shared.start(control, permit());
        }
    }

    /// Waits for the attempt that runs, or for a new one. If one has ended after the one of number
    /// `seen`, that is the answer. While failures are retried, the last failure is the answer, at
    /// once.
    pub(crate) async fn join(
        &self,
        seen: u64,
        permit: impl Fn() -> Result<Permit, Exhausted>,
    ) -> Result<(), J::Error> {
        let attempted = self
            .attempt(seen, |control| match &control.last {
                Some(Err(error)) if self.shared.is_driving() => Err(Err(error.clone())),
                _ => permit().map_err(|exhausted| Err(NotMade::from(exhausted).into())),
            })
            .await;
        match attempted {
            Attempted::Ended { result, .. } => result,
            Attempted::Denied { last } => last,
        }
    }

    /// Waits for an attempt that began after the one of number `seen`: for the one that runs, or
    /// for a new one if `permit` gives leave, also while failures are retried, whose pause it ends.
    /// If one has ended meanwhile, that is the answer. The attempt that runs may be an older one.
    pub(crate) async fn attempt_if(
        &self,
        seen: u64,
        permit: impl Fn() -> Result<Permit, Exhausted>,
    ) -> Attempted<J::Error> {
        self.attempt(seen, move |control| {
            permit().map_err(|exhausted| match &control.last {
                Some(last) => last.clone(),
                None => Err(NotMade::from(exhausted).into()),
            })
        })
        .await
    }

    /// `permit` is asked when no attempt is in flight and none ended after `seen`: an error denies
    /// a new one.
    async fn attempt(
        &self,
        seen: u64,
        permit: impl FnOnce(&Control<J::Error>) -> Result<Permit, Result<(), J::Error>>,
    ) -> Attempted<J::Error> {
        // Before the promise, so that its end is not missed.
        let mut ended = self.shared.ended.subscribe();
        let number = match self.shared.wait_for(seen, permit) {
            Wait::For(number) => number,
            Wait::Not(attempted) => return attempted,
        };
        let wait = ended.wait_for(|ended| *ended >= number);
        let result = match background::within(LONGEST_WAIT, wait).await {
            // An error cannot be: the sender lives as long as `self`.
            Ok(_) => self.shared.lock().last.clone(),
            Err(background::Elapsed) => None,
        };
        let result = result.unwrap_or_else(|| Err(NotMade::Silent.into()));
        Attempted::Ended { number, result }
    }

    /// Ends the pause between attempts, or an attempt that no caller waits for; returns when nothing
    /// of it runs any more. An attempt that a caller waits for may finish.
    pub(crate) async fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.closing.send_replace(true);
        let mut driving = self.shared.driving.subscribe();
        let idle = driving.wait_for(|driving| !driving);
        // An attempt that has not ended by then ends with the process.
        let _ = background::within(LONGEST_WAIT, idle).await;
    }
}

impl<J: Job> Drop for Refresher<J> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.closing.send_replace(true);
    }
}

impl<J: Job> std::fmt::Debug for Refresher<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refresher")
            .field("failing", &self.failing())
            .finish_non_exhaustive()
    }
}

impl<J: Job> Shared<J> {
    fn lock(&self) -> MutexGuard<'_, Control<J::Error>> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_driving(&self) -> bool {
        *self.driving.borrow()
    }

    fn wait_for(
        self: &Arc<Self>,
        seen: u64,
        permit: impl FnOnce(&Control<J::Error>) -> Result<Permit, Result<(), J::Error>>,
    ) -> Wait<J::Error> {
        let denied = |last| Wait::Not(Attempted::Denied { last });
        let mut control = self.lock();
        if control.in_flight() {
            return Wait::For(control.begun);
        }
        if control.ended > seen
            && let Some(result) = control.last.clone()
        {
            let number = control.ended;
            return Wait::Not(Attempted::Ended { number, result });
        }
        if control.closed {
            return denied(Err(NotMade::Closed.into()));
        }
        let permit = match permit(&control) {
            Ok(permit) => permit,
            Err(last) => return denied(last),
        };
        if self.is_driving() {
            // In the pause after a failure: promise the next attempt now.
            control.begun = control.begun.saturating_add(1);
            control.permit = Some(permit);
            self.wake.notify_one();
            return Wait::For(control.begun);
        }
        match self.start(control, permit) {
            Ok(number) => Wait::For(number),
            Err(error) => denied(Err(NotMade::from(error).into())),
        }
    }

    /// Promises an attempt and starts the driver; the number of the attempt.
    ///
    /// # Errors
    /// There is nothing to run it on; then nothing is promised.
    fn start(
        self: &Arc<Self>,
        mut control: MutexGuard<'_, Control<J::Error>>,
        permit: Permit,
    ) -> Result<u64, background::NoRuntime> {
        let runtime = background::handle()?;
        self.driving.send_replace(true);
        control.begun = control.begun.saturating_add(1);
        control.permit = Some(permit);
        let number = control.begun;
        // The guard takes the lock when it is dropped, which may be before the first poll.
        drop(control);
        let driving = Driving::new(Arc::clone(self));
        background::spawn(&runtime, driver::drive(driving));
        Ok(number)
    }
}
