//! The task that makes the attempts.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{Job, LONGEST_ATTEMPT, NotMade, Shared, backoff::backoff};
use crate::transport::outbound::Permit;

/// Between two attempts there is at least this pause, however long the first one took.
const LEAST_PAUSE: Duration = Duration::from_millis(50);

/// Makes attempts until one succeeds.
pub(super) async fn drive<J: Job>(mut driving: Driving<J>) {
    let shared = Arc::clone(&driving.shared);
    let mut closing = shared.closing.subscribe();
    let mut failures: u32 = 0;
    loop {
        let began = Instant::now();
        let (number, permit) = shared.begin();
        let Some(result) = attempt(&shared, permit, &mut closing).await else {
            return;
        };
        failures = match &result {
            Ok(()) => 0,
            Err(_) => failures.saturating_add(1),
        };
        if shared.end(number, result) {
            driving.ended_well = true;
            return;
        }
        let pause = began
            .checked_add(backoff(failures))
            .unwrap_or(began)
            .max(Instant::now().checked_add(LEAST_PAUSE).unwrap_or(began));
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => return,
            () = shared.wake.notified() => {}
            () = sleep_until(pause) => {}
        }
    }
}

/// One attempt; `None` when it was given up because no caller waits for it and none ever will.
async fn attempt<J: Job>(
    shared: &Shared<J>,
    permit: Permit,
    closing: &mut watch::Receiver<bool>,
) -> Option<Result<(), J::Error>> {
    // A panic in the job (of a clock of the application, for example) is a failure as any other:
    // the next attempt comes after the pause.
    let attempt = AssertUnwindSafe(shared.job.attempt(permit)).catch_unwind();
    let mut attempt = std::pin::pin!(timeout(LONGEST_ATTEMPT, attempt));
    let result = tokio::select! {
        biased;
        result = &mut attempt => Some(result),
        _ = closing.wait_for(|closing| *closing) => None,
    };
    let result = match result {
        Some(result) => result,
        None if shared.ended.receiver_count() == 0 => return None,
        None => attempt.await,
    };
    Some(match result {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(NotMade::Panicked.into()),
        Err(_) => Err(NotMade::Silent.into()),
    })
}

impl<J: Job> Shared<J> {
    /// The attempt that begins now: one that was promised, or the next one.
    fn begin(&self) -> (u64, Permit) {
        let mut control = self.lock();
        if !control.in_flight() {
            control.begun = control.begun.saturating_add(1);
        }
        let promised = control.permit.take();
        let number = control.begun;
        drop(control);
        (number, promised.unwrap_or_else(|| self.job.retry()))
    }

    /// Writes down how an attempt ended; true when the driver's work is done.
    fn end(&self, number: u64, result: Result<(), J::Error>) -> bool {
        let failed = result.is_err();
        let mut control = self.lock();
        control.ended = number;
        control.last = Some(result);
        let done = !failed || control.closed;
        if done {
            self.driving.send_replace(false);
        }
        self.failing.store(failed, Ordering::Release);
        drop(control);
        self.ended.send_replace(number);
        done
    }
}

/// The driver's promise to end its attempts. Made where the promise is made and moved into the task,
/// so that waiters are told when the task ends in the middle, or is dropped before its first poll.
pub(super) struct Driving<J: Job> {
    shared: Arc<Shared<J>>,
    ended_well: bool,
}

impl<J: Job> Driving<J> {
    pub(super) fn new(shared: Arc<Shared<J>>) -> Self {
        Self {
            shared,
            ended_well: false,
        }
    }
}

impl<J: Job> Drop for Driving<J> {
    fn drop(&mut self) {
        if self.ended_well {
            return;
        }
        let mut control = self.shared.lock();
        if control.in_flight() {
            control.ended = control.begun;
            let why = if control.closed {
                NotMade::Closed
            } else {
                NotMade::Panicked
            };
            control.last = Some(Err(why.into()));
            control.permit = None;
            self.shared.failing.store(true, Ordering::Release);
        }
        self.shared.driving.send_replace(false);
        let ended = control.ended;
        drop(control);
        self.shared.ended.send_replace(ended);
    }
}
