//! Where calls to Keycloak run: one thread of our own, with an async runtime that lives as long as
//! the process.
//!
//! A caller's runtime may be dropped before a task on it is polled, be kept and not driven, have no
//! timers or no I/O, or have its time paused. So nothing that others wait for runs there: every call
//! to Keycloak, every pooled connection and every deadline belongs to this runtime, and a caller
//! waits for a channel, which any executor can do.
//!
//! Invariant: no other module spawns a task or waits for a timer on the runtime of a caller.

use std::{
    future::pending,
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

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

/// The runtime, started when it is first needed; threads do not survive a fork, so it counts for
/// one process.
static RUNTIME: Mutex<Option<(u32, Handle)>> = Mutex::new(None);

/// The runtime to spawn on; to be taken before anything is promised to anybody.
///
/// # Errors
/// There is none. The next call tries again.
pub(crate) fn handle() -> Result<Handle, NoRuntime> {
    let process = std::process::id();
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, handle)) = &*runtime
        && *of == process
    {
        return Ok(handle.clone());
    }
    let handle = start()?;
    *runtime = Some((process, handle.clone()));
    Ok(handle)
}

/// Runs `task` to its end, whatever becomes of the caller; its events go where the caller's go.
pub(crate) fn spawn(runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
    // Whoever cares for the end is told by the task itself.
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
    tokio::select! {
        biased;
        output = future => Ok(output),
        () = timer => Err(Elapsed),
    }
}

fn start() -> Result<Handle, NoRuntime> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let body = move || {
        // Made here, because a runtime may not be dropped where a caller's runtime is.
        let runtime = Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        if sender.send(runtime.handle().clone()).is_ok() {
            runtime.block_on(pending::<()>());
        }
    };
    let thread = thread::Builder::new().name("keycloak".to_owned());
    let started = thread.spawn(body).map_err(|_| NoRuntime)?;
    // Detached: it lives as long as the process.
    drop(started);
    receiver.recv().map_err(|_| NoRuntime)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

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
}
