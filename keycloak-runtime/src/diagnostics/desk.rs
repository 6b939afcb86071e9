//! Who asks for a diagnosis, and how often one is made.
//!
//! Invariant: at most one diagnosis of a [`Keycloak`](crate::Keycloak) runs at a time, whoever
//! asks. A health route is public, and must not let its callers multiply requests to Keycloak.

use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{FutureExt as _, Shared, WeakShared};
use tokio::time::Instant;

use super::report::DiagnosticReport;

/// A report this young is good enough for a health probe.
const FRESH: Duration = Duration::from_secs(1);

type Diagnosis = Pin<Box<dyn Future<Output = DiagnosticReport> + Send>>;

/// The diagnosis that is under way, and the last one that was made.
#[derive(Default)]
pub(crate) struct Desk {
    counter: Mutex<Counter>,
}

#[derive(Default)]
struct Counter {
    /// Weak, so that a diagnosis ends with the last one who waits for it.
    under_way: Option<WeakShared<Diagnosis>>,
    last: Option<(Instant, DiagnosticReport)>,
}

impl Desk {
    /// The report of the diagnosis under way, or of one that `begin` begins.
    pub(crate) async fn diagnose<F>(&self, begin: impl FnOnce() -> F) -> DiagnosticReport
    where
        F: Future<Output = DiagnosticReport> + Send + 'static,
    {
        let diagnosis = self.join(begin);
        let report = diagnosis.await;
        self.lock().last = Some((Instant::now(), report.clone()));
        report
    }

    /// The last report if it is fresh, otherwise a new one.
    pub(crate) async fn glance<F>(&self, begin: impl FnOnce() -> F) -> DiagnosticReport
    where
        F: Future<Output = DiagnosticReport> + Send + 'static,
    {
        let last = self.lock().last.clone();
        match last {
            Some((made, report)) if made.elapsed() < FRESH => report,
            _ => self.diagnose(begin).await,
        }
    }

    fn join<F>(&self, begin: impl FnOnce() -> F) -> Shared<Diagnosis>
    where
        F: Future<Output = DiagnosticReport> + Send + 'static,
    {
        let mut counter = self.lock();
        let under_way = counter.under_way.as_ref().and_then(WeakShared::upgrade);
        if let Some(diagnosis) = under_way.filter(|diagnosis| diagnosis.peek().is_none()) {
            return diagnosis;
        }
        let made: Diagnosis = Box::pin(begin());
        let diagnosis = made.shared();
        counter.under_way = diagnosis.downgrade();
        diagnosis
    }

    fn lock(&self) -> MutexGuard<'_, Counter> {
        self.counter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::sync::Semaphore;

    use super::*;
    use crate::diagnostics::report::tests::report;

    /// Diagnoses that wait for leave to end, and are counted.
    struct Scene {
        desk: Arc<Desk>,
        begun: Arc<AtomicUsize>,
        leave: Arc<Semaphore>,
    }

    impl Scene {
        fn new() -> Self {
            Self {
                desk: Arc::default(),
                begun: Arc::default(),
                leave: Arc::new(Semaphore::new(0)),
            }
        }

        fn begin(&self) -> impl Future<Output = DiagnosticReport> + Send + 'static {
            self.begun.fetch_add(1, Ordering::SeqCst);
            let leave = Arc::clone(&self.leave);
            async move {
                leave.acquire().await.unwrap().forget();
                report()
            }
        }

        fn begun(&self) -> usize {
            self.begun.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn all_who_ask_meanwhile_share_one_diagnosis() {
        let scene = Scene::new();
        let asks = (0..100).map(|_| scene.desk.diagnose(|| scene.begin()));
        let asks = futures_util::future::join_all(asks);
        let leave = async { scene.leave.add_permits(1) };
        let (reports, ()) = tokio::join!(asks, leave);
        assert_eq!(reports.len(), 100);
        assert_eq!(scene.begun(), 1);
    }

    #[tokio::test]
    async fn who_asks_afterwards_gets_a_new_one() {
        let scene = Scene::new();
        scene.leave.add_permits(2);
        scene.desk.diagnose(|| scene.begin()).await;
        scene.desk.diagnose(|| scene.begin()).await;
        assert_eq!(scene.begun(), 2);
    }

    #[tokio::test]
    async fn the_first_one_may_go_away() {
        let scene = Scene::new();
        let mut first = Box::pin(scene.desk.diagnose(|| scene.begin()));
        let mut second = Box::pin(scene.desk.diagnose(|| scene.begin()));
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        scene.leave.add_permits(1);
        second.await;
        assert_eq!(scene.begun(), 1);
    }

    #[tokio::test]
    async fn a_diagnosis_that_nobody_waits_for_ends() {
        let scene = Scene::new();
        let mut only = Box::pin(scene.desk.diagnose(|| scene.begin()));
        assert!((&mut only).now_or_never().is_none());
        assert_eq!(Arc::strong_count(&scene.leave), 2);
        drop(only);
        assert_eq!(Arc::strong_count(&scene.leave), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_takes_a_fresh_report_and_no_older_one() {
        let scene = Scene::new();
        scene.leave.add_permits(2);
        scene.desk.glance(|| scene.begin()).await;
        tokio::time::advance(Duration::from_millis(999)).await;
        scene.desk.glance(|| scene.begin()).await;
        assert_eq!(scene.begun(), 1);
        tokio::time::advance(Duration::from_millis(1)).await;
        scene.desk.glance(|| scene.begin()).await;
        assert_eq!(scene.begun(), 2);
    }
}
