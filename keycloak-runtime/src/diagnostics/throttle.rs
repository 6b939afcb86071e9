//! Who asks for a diagnosis, and how often one is made.
//!
//! Invariants: at most one diagnosis of each kind of a [`Keycloak`](crate::Keycloak) runs at a time,
//! in a task of its own, whoever asks and goes away again; its result is kept. Strangers start one
//! only with leave of the [door](crate::transport::outbound), and get the last result otherwise.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{
    report::{DiagnosticReport, DiagnosticStatus},
    run::DEADLINE,
};
use crate::{base::background, transport::refresher::NotMade};

/// A report this young is good enough for a health probe.
const FRESH: Duration = Duration::from_secs(1);

/// For so long it is taken for granted that Keycloak accepts our client.
const ACCEPTED: Duration = Duration::from_mins(10);

/// A diagnosis ends by itself before.
const PATIENCE: Duration = DEADLINE.saturating_add(Duration::from_secs(2));

/// What came of one diagnosis.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub(crate) report: DiagnosticReport,
    /// Whether Keycloak accepted our client; `None` if it was not asked.
    pub(crate) client_accepted: Option<bool>,
}

/// The diagnoses that are under way, and the last one that was made.
#[derive(Default)]
pub(crate) struct Throttle {
    counter: Arc<Mutex<Counter>>,
}

#[derive(Default)]
struct Counter {
    numbers: u64,
    full: Option<UnderWay>,
    quick: Option<UnderWay>,
    last: Option<(Instant, DiagnosticReport)>,
    client_accepted_at: Option<Instant>,
}

struct UnderWay {
    number: u64,
    made: watch::Receiver<Option<DiagnosticReport>>,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Everything, for operators.
    Full,
    /// What a probe needs.
    Quick,
}

impl Counter {
    fn slot(&mut self, kind: Kind) -> &mut Option<UnderWay> {
        match kind {
            Kind::Full => &mut self.full,
            Kind::Quick => &mut self.quick,
        }
    }
}

impl Throttle {
    /// The report of the diagnosis under way, or of one that `begin` begins.
    ///
    /// # Errors
    /// None could be made.
    pub(crate) async fn diagnose<F>(
        &self,
        begin: impl FnOnce() -> F,
    ) -> Result<DiagnosticReport, NotMade>
    where
        F: Future<Output = Round> + Send + 'static,
    {
        let under_way = lock(&self.counter)
            .full
            .as_ref()
            .map(|one| one.made.clone());
        let made = match under_way {
            Some(made) => made,
            None => self.start(Kind::Full, begin)?,
        };
        wait(made).await
    }

    /// The status of the last report if it is fresh or if there is no leave for another one,
    /// otherwise of a new one, which `begin` begins; it is told whether to ask if our client is
    /// accepted.
    pub(crate) async fn glance<P, F>(
        &self,
        leave: impl FnOnce() -> Result<P, ()>,
        begin: impl FnOnce(P, bool) -> F,
    ) -> DiagnosticStatus
    where
        F: Future<Output = Round> + Send + 'static,
    {
        let (last, under_way, accepted_at) = {
            let counter = lock(&self.counter);
            let last = counter.last.as_ref();
            (
                last.map(|(made, report)| (*made, report.status)),
                counter.quick.as_ref().map(|one| one.made.clone()),
                counter.client_accepted_at,
            )
        };
        let status = last.map(|(_, status)| status);
        if let Some((made, status)) = last
            && made.elapsed() < FRESH
        {
            return status;
        }
        let made = match under_way {
            Some(made) => Ok(made),
            None => match leave() {
                Ok(leave) => {
                    let ask_client = accepted_at.is_none_or(|at| at.elapsed() >= ACCEPTED);
                    self.start(Kind::Quick, || begin(leave, ask_client))
                }
                Err(()) => return status.unwrap_or(DiagnosticStatus::Error),
            },
        };
        match made {
            Ok(made) => wait(made)
                .await
                .map_or(DiagnosticStatus::Error, |report| report.status),
            Err(_) => DiagnosticStatus::Error,
        }
    }

    fn start<F>(
        &self,
        kind: Kind,
        begin: impl FnOnce() -> F,
    ) -> Result<watch::Receiver<Option<DiagnosticReport>>, NotMade>
    where
        F: Future<Output = Round> + Send + 'static,
    {
        let runtime = background::handle()?;
        let (sender, made) = watch::channel(None);
        let mut counter = lock(&self.counter);
        if let Some(other) = counter.slot(kind) {
            // Begun by another caller in this very moment.
            return Ok(other.made.clone());
        }
        counter.numbers = counter.numbers.saturating_add(1);
        let number = counter.numbers;
        *counter.slot(kind) = Some(UnderWay {
            number,
            made: made.clone(),
        });
        drop(counter);
        let place = Place {
            counter: Arc::clone(&self.counter),
            kind,
            number,
        };
        let diagnosis = begin();
        background::spawn(&runtime, async move {
            let round = diagnosis.await;
            let report = round.report.clone();
            place.keep(round);
            sender.send_replace(Some(report));
        });
        Ok(made)
    }
}

async fn wait(
    mut made: watch::Receiver<Option<DiagnosticReport>>,
) -> Result<DiagnosticReport, NotMade> {
    let report = background::within(PATIENCE, made.wait_for(Option::is_some)).await;
    match report {
        Ok(Ok(report)) => report.clone().ok_or(NotMade::Panicked),
        Ok(Err(_)) => Err(NotMade::Panicked),
        Err(background::Elapsed) => Err(NotMade::Silent),
    }
}

fn lock(counter: &Mutex<Counter>) -> MutexGuard<'_, Counter> {
    counter.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The place of a diagnosis at the throttle: given up when it ends, in whatever way.
struct Place {
    counter: Arc<Mutex<Counter>>,
    kind: Kind,
    number: u64,
}

impl Place {
    fn keep(self, round: Round) {
        let mut counter = lock(&self.counter);
        let now = Instant::now();
        counter.last = Some((now, round.report));
        match round.client_accepted {
            Some(true) => counter.client_accepted_at = Some(now),
            Some(false) => counter.client_accepted_at = None,
            None => {}
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counter = lock(&self.counter);
        let slot = counter.slot(self.kind);
        if slot.as_ref().is_some_and(|one| one.number == self.number) {
            *slot = None;
        }
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;
    use crate::diagnostics::report::tests::report;

    /// Diagnoses that wait for leave to end, and are counted.
    struct Scene {
        throttle: Arc<Throttle>,
        begun: Arc<AtomicUsize>,
        asked_about_client: Arc<AtomicUsize>,
        leave: Arc<Semaphore>,
    }

    impl Scene {
        fn new() -> Self {
            Self {
                throttle: Arc::default(),
                begun: Arc::default(),
                asked_about_client: Arc::default(),
                leave: Arc::new(Semaphore::new(0)),
            }
        }

        fn begin(&self, ask_client: bool) -> impl Future<Output = Round> + Send + 'static {
            self.begun.fetch_add(1, Ordering::SeqCst);
            if ask_client {
                self.asked_about_client.fetch_add(1, Ordering::SeqCst);
            }
            let leave = Arc::clone(&self.leave);
            async move {
                leave.acquire().await.unwrap().forget();
                Round {
                    report: report(),
                    client_accepted: ask_client.then_some(true),
                }
            }
        }

        async fn probe(&self, leave: Result<(), ()>) -> DiagnosticStatus {
            let begin = |(), ask_client| self.begin(ask_client);
            self.throttle.glance(|| leave, begin).await
        }

        fn begun(&self) -> usize {
            self.begun.load(Ordering::SeqCst)
        }

        /// As if the last report were a while ago.
        fn age(&self, by: Duration) {
            let mut counter = lock(&self.throttle.counter);
            let counter = &mut *counter;
            let last = counter.last.as_mut().map(|(made, _)| made);
            for instant in last.into_iter().chain(&mut counter.client_accepted_at) {
                *instant = instant.checked_sub(by).unwrap();
            }
        }
    }

    #[tokio::test]
    async fn all_who_ask_meanwhile_share_one_diagnosis() {
        let scene = Scene::new();
        let asks = (0..100).map(|_| scene.throttle.diagnose(|| scene.begin(true)));
        let asks = futures_util::future::join_all(asks);
        let leave = async { scene.leave.add_permits(1) };
        let (reports, ()) = tokio::join!(asks, leave);
        assert!(reports.iter().all(Result::is_ok));
        assert_eq!(scene.begun(), 1);
    }

    #[tokio::test]
    async fn who_asks_afterwards_gets_a_new_one() {
        let scene = Scene::new();
        scene.leave.add_permits(2);
        scene.throttle.diagnose(|| scene.begin(true)).await.unwrap();
        scene.throttle.diagnose(|| scene.begin(true)).await.unwrap();
        assert_eq!(scene.begun(), 2);
    }

    #[tokio::test]
    async fn callers_who_hang_up_start_nothing_more_and_the_result_is_kept() {
        use futures_util::FutureExt as _;

        let scene = Scene::new();
        for _ in 0..478 {
            assert_eq!(scene.probe(Ok(())).now_or_never(), None);
        }
        assert_eq!(scene.begun(), 1);
        scene.leave.add_permits(1);
        while lock(&scene.throttle.counter).last.is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(scene.probe(Err(())).await, DiagnosticStatus::Ok);
        assert_eq!(scene.begun(), 1);
    }

    #[tokio::test]
    async fn a_probe_takes_a_fresh_report_and_an_older_one_only_without_leave() {
        let scene = Scene::new();
        scene.leave.add_permits(9);
        scene.probe(Ok(())).await;
        scene.probe(Ok(())).await;
        assert_eq!(scene.begun(), 1, "fresh");
        scene.age(FRESH);
        assert_eq!(scene.probe(Err(())).await, DiagnosticStatus::Ok);
        assert_eq!(scene.begun(), 1, "no leave");
        scene.probe(Ok(())).await;
        assert_eq!(scene.begun(), 2);
        assert_eq!(scene.asked_about_client.load(Ordering::SeqCst), 1);
        scene.age(ACCEPTED);
        scene.probe(Ok(())).await;
        assert_eq!(scene.asked_about_client.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn without_leave_and_result_the_answer_is_no() {
        let scene = Scene::new();
        assert_eq!(scene.probe(Err(())).await, DiagnosticStatus::Error);
    }

    #[tokio::test]
    async fn a_diagnosis_that_panics_is_none_and_blocks_nobody() {
        let scene = Scene::new();
        let panics = || async { panic!("a clock of the application") };
        assert_eq!(
            scene.throttle.diagnose(panics).await.err(),
            Some(NotMade::Panicked)
        );
        scene.leave.add_permits(1);
        assert!(scene.throttle.diagnose(|| scene.begin(true)).await.is_ok());
    }
}
