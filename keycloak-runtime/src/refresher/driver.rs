//! The task that makes the attempts.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{Job, Shared, backoff::backoff};

/// Between two attempts there is at least this pause, however long the first one took.
const LEAST_PAUSE: Duration = Duration::from_millis(50);

/// Makes attempts until one succeeds (or fails, where failures are not retried).
pub(super) async fn drive<J: Job>(shared: Arc<Shared<J>>) {
    let mut driving = Driving {
        shared: Arc::clone(&shared),
        ended_well: false,
    };
    let mut closing = shared.closing.subscribe();
    let mut failures: u32 = 0;
    loop {
        let began = Instant::now();
        let number = shared.begin();
        let Some(result) = attempt(&shared, &mut closing).await else {
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

/// One attempt; `None` when it was given up because nobody waits for it and nobody ever will.
async fn attempt<J: Job>(
    shared: &Shared<J>,
    closing: &mut watch::Receiver<bool>,
) -> Option<Result<(), J::Error>> {
    let mut attempt = std::pin::pin!(shared.job.attempt());
    tokio::select! {
        biased;
        result = &mut attempt => return Some(result),
        _ = closing.wait_for(|closing| *closing) => {}
    }
    if shared.ended.receiver_count() == 0 {
        return None;
    }
    Some(attempt.await)
}

impl<J: Job> Shared<J> {
    /// The number of the attempt that begins now: one that was promised, or the next one.
    fn begin(&self) -> u64 {
        let mut control = self.lock();
        if !control.in_flight() {
            control.begun = control.begun.saturating_add(1);
        }
        control.begun
    }

    /// Writes down how an attempt ended; true when the driver's work is done.
    fn end(&self, number: u64, result: Result<(), J::Error>) -> bool {
        let failed = result.is_err();
        let mut control = self.lock();
        control.ended = number;
        control.last = Some(result);
        let done = !failed || !self.retries || control.closed;
        if done {
            control.driving = false;
        }
        self.failing.store(failed, Ordering::Release);
        drop(control);
        self.ended.send_replace(number);
        done
    }
}

/// Tells waiters when the driver ends in the middle: with its runtime, or by closing.
struct Driving<J: Job> {
    shared: Arc<Shared<J>>,
    ended_well: bool,
}

impl<J: Job> Drop for Driving<J> {
    fn drop(&mut self) {
        if self.ended_well {
            return;
        }
        let mut control = self.shared.lock();
        control.driving = false;
        if control.in_flight() {
            control.ended = control.begun;
            // Waiters then start anew, on their own runtime.
            control.last = None;
            self.shared.failing.store(false, Ordering::Release);
        }
        let ended = control.ended;
        drop(control);
        self.shared.ended.send_replace(ended);
    }
}
