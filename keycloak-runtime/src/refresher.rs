//! One attempt at a time: the machinery behind everything that is fetched and kept.
//!
//! A [`Refresher`] runs its [`Job`] in a task of its own, so a caller that goes away (a client
//! that hangs up, a timeout) changes nothing for the others. Whoever comes while an attempt runs
//! waits for that one. After a failure it tries again by itself until it succeeds, at most
//! [`MAX_BACKOFF`] after the last attempt began.
//!
//! Invariants: attempts never overlap, so a newer result is never replaced by an older one; the
//! lock is held for a few assignments and never across an await; nothing is started before it is
//! asked for, and nothing runs on after [`Refresher::close`] or when the refresher is dropped.

mod backoff;
mod driver;
mod streak;
#[cfg(test)]
mod tests;

pub(crate) use self::{backoff::MAX_BACKOFF, streak::Streak};

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    task::JoinHandle,
};

/// What is fetched.
pub(crate) trait Job: Send + Sync + Sized + 'static {
    /// Why an attempt failed.
    type Error: Clone + Send + Sync + 'static;

    /// One attempt; keeps its result itself, before it returns. Must end by itself.
    fn attempt(&self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The failure when no attempt is made any more.
    fn closed() -> Self::Error;

    /// The failure when an attempt ended with its async runtime.
    fn cut_off() -> Self::Error;
}

/// Runs one job, one attempt at a time.
pub(crate) struct Refresher<J: Job> {
    shared: Arc<Shared<J>>,
}

struct Shared<J: Job> {
    job: J,
    /// Whether a failure is retried without being asked.
    retries: bool,
    control: Mutex<Control<J::Error>>,
    /// Whether the last attempt failed; for readers that must not lock.
    failing: AtomicBool,
    /// Number of the newest attempt that ended.
    ended: watch::Sender<u64>,
    /// Ends the pause between attempts.
    wake: Notify,
    closing: watch::Sender<bool>,
}

struct Control<E> {
    /// Number of the newest attempt that began or was promised; attempts count from 1.
    begun: u64,
    /// Number of the newest attempt that ended.
    ended: u64,
    /// How it ended; `None` when it was cut off.
    last: Option<Result<(), E>>,
    /// Whether the driver runs.
    driving: bool,
    driver: Option<JoinHandle<()>>,
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
    /// None was made, and this is how the last one ended, if there was one.
    Denied { last: Option<Result<(), E>> },
}

enum Wait<E> {
    For(u64),
    Not(Attempted<E>),
}

impl<J: Job> Refresher<J> {
    /// Starts nothing.
    pub(crate) fn new(job: J, retries: bool) -> Self {
        Self {
            shared: Arc::new(Shared {
                job,
                retries,
                control: Mutex::new(Control {
                    begun: 0,
                    ended: 0,
                    last: None,
                    driving: false,
                    driver: None,
                    closed: false,
                }),
                failing: AtomicBool::new(false),
                ended: watch::Sender::new(0),
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

    /// Sees to it that an attempt is made; waits for nothing.
    pub(crate) fn kick(&self) {
        let mut control = self.shared.lock();
        if !control.closed && !control.driving {
            self.shared.start(&mut control);
        }
    }

    /// Waits for the attempt that runs, or for a new one. While failures are retried, the last
    /// failure is the answer, at once.
    pub(crate) async fn join(&self) -> Result<(), J::Error> {
        let attempted = self
            .attempt(u64::MAX, |control| match &control.last {
                Some(Err(error)) if control.driving => Some(Err(error.clone())),
                _ => None,
            })
            .await;
        match attempted {
            Attempted::Ended { result, .. } => result,
            Attempted::Denied { last } => last.unwrap_or_else(|| Err(J::closed())),
        }
    }

    /// Waits for an attempt that began after the one of number `seen`: for the one that runs, or
    /// for a new one if `may` says so, also while failures are retried, whose pause it ends. If
    /// one has ended meanwhile, that is the answer. The attempt that runs may be an older one.
    pub(crate) async fn attempt_if(
        &self,
        seen: u64,
        may: impl Fn() -> bool,
    ) -> Attempted<J::Error> {
        let mut asked = false;
        self.attempt(seen, move |control| {
            // Asked once: an attempt that was cut off is repeated on the same permission.
            if asked || may() {
                asked = true;
                None
            } else {
                let last = control.last.clone();
                Some(last.unwrap_or_else(|| Err(J::cut_off())))
            }
        })
        .await
    }

    /// `deny` is asked when no attempt is in flight and none ended after `seen`: an answer denies
    /// a new one.
    async fn attempt(
        &self,
        seen: u64,
        mut deny: impl FnMut(&Control<J::Error>) -> Option<Result<(), J::Error>>,
    ) -> Attempted<J::Error> {
        loop {
            let wait = self.shared.wait_for(seen, &mut deny);
            let number = match wait {
                Wait::For(number) => number,
                Wait::Not(attempted) => return attempted,
            };
            let mut ended = self.shared.ended.subscribe();
            // The sender lives as long as `self`.
            let _ = ended.wait_for(|ended| *ended >= number).await;
            if let Some(result) = self.shared.lock().last.clone() {
                return Attempted::Ended { number, result };
            }
            // Cut off with the runtime that it ran on, which need not be ours.
        }
    }

    /// Ends the pause between attempts, or the attempt nobody waits for; returns when nothing of
    /// it runs any more. An attempt that somebody waits for is let finish.
    pub(crate) async fn close(&self) {
        let driver = {
            let mut control = self.shared.lock();
            control.closed = true;
            control.driver.take()
        };
        self.shared.closing.send_replace(true);
        if let Some(driver) = driver {
            // An error would be a panic in the job, which is reported where it happened.
            let _ = driver.await;
        }
        // Somebody else who closes has the driver: wait for its last word.
        let mut ended = self.shared.ended.subscribe();
        while self.shared.lock().driving {
            // The sender lives as long as `self`.
            let _ = ended.changed().await;
        }
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

    fn wait_for(
        self: &Arc<Self>,
        seen: u64,
        deny: &mut impl FnMut(&Control<J::Error>) -> Option<Result<(), J::Error>>,
    ) -> Wait<J::Error> {
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
            return Wait::Not(Attempted::Denied {
                last: Some(Err(J::closed())),
            });
        }
        if let Some(last) = deny(&control) {
            return Wait::Not(Attempted::Denied { last: Some(last) });
        }
        if control.driving {
            // In the pause after a failure: promise the next attempt now.
            control.begun = control.begun.saturating_add(1);
            self.wake.notify_one();
        } else if !self.start(&mut control) {
            return Wait::Not(Attempted::Denied {
                last: Some(Err(J::cut_off())),
            });
        }
        Wait::For(control.begun)
    }

    /// Promises an attempt and starts the driver; false outside of an async runtime.
    fn start(self: &Arc<Self>, control: &mut Control<J::Error>) -> bool {
        let Ok(runtime) = Handle::try_current() else {
            return false;
        };
        control.driving = true;
        control.begun = control.begun.saturating_add(1);
        control.driver = Some(runtime.spawn(driver::drive(Arc::clone(self))));
        true
    }
}
