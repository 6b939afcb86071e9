//! Where calls to Keycloak run: one thread of our own, with an async runtime that lives as long as
//! the process.
//!
//! A caller's runtime may be dropped before a task on it is polled, be kept and not driven, have no
//! timers or no I/O, or have its time paused. So nothing that others wait for runs there: every call
//! to Keycloak, every pooled connection and every deadline belongs to this runtime, and a caller
//! waits for a channel, which any executor can do.
//!
//! Invariants: no other module spawns a task or waits for a timer on the runtime of a caller; the
//! waker of a caller is code of others, so a panic in it ends nothing here; a thread that died all
//! the same is replaced by the next call.

use std::{
    future::{pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    task::{Context, Wake, Waker},
    thread::{self, ThreadId},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::runtime::{Builder, Handle};
use tracing::instrument::WithSubscriber as _;

/// There is no runtime: the system refused us a thread, or the runtime its sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the background thread for calls to Keycloak cannot be started: raise this process's limits of \
     threads and open files"
)]
pub(crate) struct NoRuntime;

/// The time was over first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elapsed;

static RUNTIME: Background = Background(Mutex::new(None));

/// The runtime, started when it is first needed.
struct Background(Mutex<Option<Running>>);

struct Running {
    /// Threads do not survive a fork, so it counts for one process.
    process: u32,
    thread: ThreadId,
    handle: Handle,
}

/// The runtime to spawn on; to be taken before anything is promised to a caller.
///
/// # Errors
/// There is none. The next call tries again.
pub(crate) fn handle() -> Result<Handle, NoRuntime> {
    RUNTIME.handle()
}

/// Runs `task` to its end, whatever becomes of the caller; its events go where the caller's go.
pub(crate) fn spawn(runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
    // The task itself tells those who wait for its end.
    drop(runtime.spawn(task.with_current_subscriber()));
}

/// `future`, for `limit` at most. Works on every executor, and by real time.
///
/// # Errors
/// The time is over, or cannot be measured.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, Elapsed> {
    let timer = {
        let runtime = handle().map_err(|_| Elapsed)?;
        // The timer belongs to the runtime that it is made on, wherever it is polled.
        let _on = runtime.enter();
        tokio::time::sleep(limit)
    };
    // It panics when its runtime ends: then the time cannot be measured.
    let timer = AssertUnwindSafe(timer).catch_unwind();
    shielded(async {
        tokio::select! {
            biased;
            output = future => Ok(output),
            _ = timer => Err(Elapsed),
        }
    })
    .await
}

/// `future`, which hands wakers to the runtime: wakers that do not panic.
async fn shielded<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let waker = Arc::new(Shielded(Some(context.waker().clone()))).into();
        future.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .await
}

/// A caller's waker; there until it is dropped.
struct Shielded(Option<Waker>);

impl Wake for Shielded {
    fn wake(self: Arc<Self>) {
        if let Some(waker) = &self.0 {
            // A task that cannot be woken is not waited for.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake_by_ref()));
        }
    }
}

impl Drop for Shielded {
    fn drop(&mut self) {
        let waker = self.0.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(waker)));
    }
}

impl Background {
    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&'static self) -> Result<Handle, NoRuntime> {
        let process = std::process::id();
        let mut running = self.lock();
        if let Some(running) = &*running
            && running.process == process
        {
            return Ok(running.handle.clone());
        }
        let (thread, handle) = self.start()?;
        *running = Some(Running {
            process,
            thread,
            handle: handle.clone(),
        });
        Ok(handle)
    }

    fn start(&'static self) -> Result<(ThreadId, Handle), NoRuntime> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let body = move || {
            // Made here, because a runtime may not be dropped where a caller's runtime is.
            let runtime = Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            // Dropped before the runtime: what fails with its tasks and is tried again at once
            // gets a new one.
            let _ends = Ends(self);
            if sender.send(runtime.handle().clone()).is_ok() {
                runtime.block_on(pending::<()>());
            }
        };
        let thread = thread::Builder::new().name("keycloak".to_owned());
        // Detached: it lives as long as the process.
        let started = thread.spawn(body).map_err(|_| NoRuntime)?;
        let handle = receiver.recv().map_err(|_| NoRuntime)?;
        Ok((started.thread().id(), handle))
    }
}

/// Takes the thread that ends out of its place.
struct Ends(&'static Background);

impl Drop for Ends {
    fn drop(&mut self) {
        let this = thread::current().id();
        // Never in the middle of a start: that holds the lock until the runtime is in its place.
        drop(self.0.lock().take_if(|running| running.thread == this));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The waker of an executor that is gone.
    struct Gone;

    impl Wake for Gone {
        fn wake(self: Arc<Self>) {
            panic!("the executor is gone");
        }
    }

    /// Polls a future with no runtime at all.
    fn alone<F: Future>(future: F) -> F::Output {
        futures_util::pin_mut!(future);
        loop {
            if let Some(output) = (&mut future).now_or_never() {
                return output;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn a_deadline_holds_without_any_runtime() {
        let late = alone(within(Duration::from_millis(1), pending::<()>()));
        assert_eq!(late, Err(Elapsed));
        let early = alone(within(Duration::from_mins(1), async { 7 }));
        assert_eq!(early, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_is_real_time_where_time_is_paused() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        thread::spawn(move || sender.send(7));
        let answer = within(Duration::from_mins(1), receiver).await;
        assert_eq!(answer, Ok(Ok(7)));
    }

    #[test]
    fn a_task_ends_after_its_callers_runtime() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let caller = Builder::new_current_thread().build().unwrap();
        caller.block_on(async {
            spawn(&handle().unwrap(), async {
                tokio::task::yield_now().await;
                let _ = sender.send(7);
            });
        });
        drop(caller);
        assert_eq!(alone(receiver), Ok(7));
    }

    fn poll_and_leave(future: impl Future) {
        let mut future = Box::pin(future);
        let waker = Arc::new(Gone).into();
        let mut context = Context::from_waker(&waker);
        assert!(future.as_mut().poll(&mut context).is_pending());
        // Still registered when its time comes.
        std::mem::forget(future);
    }

    #[test]
    fn a_waker_that_panics_ends_nothing_here() {
        let before = handle().unwrap();
        poll_and_leave(within(Duration::from_millis(1), pending::<()>()));
        let later = within(Duration::from_millis(20), pending::<()>());
        assert_eq!(alone(later), Err(Elapsed));
        let (sender, receiver) = tokio::sync::oneshot::channel();
        spawn(&before, async {
            let _ = sender.send(7);
        });
        assert_eq!(alone(receiver), Ok(7), "the runtime is the same one");
    }

    #[test]
    fn a_thread_that_died_is_replaced() {
        static MORTAL: Background = Background(Mutex::new(None));
        let thread = || MORTAL.lock().as_ref().map(|running| running.thread);
        let first = MORTAL.handle().unwrap();
        let died = thread();
        let timer = {
            let _on = first.enter();
            tokio::time::sleep(Duration::from_millis(1))
        };
        // Nothing shields the runtime from this one.
        poll_and_leave(timer);
        while thread() == died {
            thread::yield_now();
        }
        let (sender, receiver) = tokio::sync::oneshot::channel();
        spawn(&MORTAL.handle().unwrap(), async {
            let _ = sender.send(7);
        });
        assert_eq!(alone(receiver), Ok(7));
    }
}
