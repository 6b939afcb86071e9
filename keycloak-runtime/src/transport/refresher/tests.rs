use std::sync::atomic::AtomicUsize;

use futures_util::{FutureExt as _, future::join_all};
use tokio::sync::Semaphore;

use super::*;

/// Each attempt takes a permit, then ends as scripted.
struct Scripted {
    attempts: AtomicUsize,
    go: Semaphore,
    fails: AtomicBool,
    panics: AtomicBool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Failure {
    Scripted(usize),
    NotMade(NotMade),
}

impl From<NotMade> for Failure {
    fn from(why: NotMade) -> Self {
        Self::NotMade(why)
    }
}

/// Leave, as the door gives it.
fn leave() -> Permit {
    use crate::{base::clock::SystemClock, keycloak::Keycloak, transport::outbound};

    let keycloak = Keycloak::builder()
        .server_url("https://kc.example")
        .realm("demo")
        .client_id("api")
        .build()
        .unwrap();
    let door = outbound::Outbound::new(keycloak.settings(), Arc::new(SystemClock));
    door.ours(outbound::Ours::StartUp)
}

impl Job for Scripted {
    type Error = Failure;

    async fn attempt(&self, _: Permit) -> Result<(), Failure> {
        let before = self.attempts.fetch_add(1, Ordering::SeqCst);
        let number = before.saturating_add(1);
        self.go.acquire().await.expect("never closed").forget();
        assert!(!self.panics.load(Ordering::SeqCst), "as the script says");
        if self.fails.load(Ordering::SeqCst) {
            Err(Failure::Scripted(number))
        } else {
            Ok(())
        }
    }

    fn retry(&self) -> Permit {
        leave()
    }
}

/// A refresher whose first `permits` attempts end at once.
fn refresher(permits: usize, fails: bool) -> Refresher<Scripted> {
    let job = Scripted {
        attempts: AtomicUsize::new(0),
        go: Semaphore::new(permits),
        fails: AtomicBool::new(fails),
        panics: AtomicBool::new(false),
    };
    Refresher::new(job)
}

fn ended(number: u64) -> Attempted<Failure> {
    Attempted::Ended {
        number,
        result: Ok(()),
    }
}

fn denied(failure: Failure) -> Attempted<Failure> {
    Attempted::Denied { last: Err(failure) }
}

impl Refresher<Scripted> {
    async fn join_anew(&self) -> Result<(), Failure> {
        self.join(u64::MAX, || Ok(leave())).await
    }

    fn attempts(&self) -> usize {
        self.job().attempts.load(Ordering::SeqCst)
    }

    async fn until_attempts(&self, number: usize) {
        while self.attempts() < number {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn all_who_join_share_one_attempt() {
    let refresher = refresher(1, false);
    let seen = refresher.ended();
    let results = join_all((0..100).map(|_| refresher.join(seen, || Ok(leave())))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(refresher.attempts(), 1);
}

#[tokio::test]
async fn failures_are_retried_without_being_asked() {
    let refresher = refresher(3, true);
    assert_eq!(refresher.join_anew().await, Err(Failure::Scripted(1)));
    assert!(refresher.failing());
    assert_eq!(
        refresher.join_anew().await,
        Err(Failure::Scripted(1)),
        "at once, while the retry waits"
    );
    refresher.until_attempts(4).await;
    refresher.job().fails.store(false, Ordering::SeqCst);
    refresher.job().go.add_permits(1);
    while refresher.failing() {
        tokio::task::yield_now().await;
    }
    assert_eq!(refresher.attempts(), 4, "ends with the first success");
}

#[tokio::test]
async fn an_attempt_that_ended_meanwhile_is_the_answer() {
    let refresher = refresher(10, false);
    let seen = refresher.begun();
    refresher.join_anew().await.unwrap();
    let attempted = refresher.attempt_if(seen, || panic!("not asked")).await;
    assert_eq!(attempted, ended(1));
    let attempted = refresher
        .attempt_if(refresher.begun(), || Ok(leave()))
        .await;
    assert_eq!(attempted, ended(2));
    assert_eq!(refresher.attempts(), 2);
}

#[tokio::test]
async fn without_permission_the_last_result_is_the_answer() {
    let refresher = refresher(1, true);
    let attempted = refresher.attempt_if(0, || Err(Exhausted)).await;
    assert_eq!(
        attempted,
        denied(NotMade::Exhausted.into()),
        "there is no result"
    );
    assert_eq!(refresher.attempts(), 0);
    refresher.join_anew().await.unwrap_err();
    let attempted = refresher
        .attempt_if(refresher.begun(), || Err(Exhausted))
        .await;
    assert_eq!(attempted, denied(Failure::Scripted(1)));
}

#[tokio::test]
async fn permission_ends_the_pause_after_a_failure() {
    let refresher = refresher(2, true);
    refresher.join_anew().await.unwrap_err();
    refresher.job().fails.store(false, Ordering::SeqCst);
    let attempted = refresher
        .attempt_if(refresher.begun(), || Ok(leave()))
        .await;
    assert_eq!(attempted, ended(2));
    assert!(!refresher.failing());
}

#[tokio::test]
async fn close_ends_the_pause_and_refuses_new_attempts() {
    let refresher = refresher(1, true);
    refresher.join_anew().await.unwrap_err();
    refresher.close().await;
    assert!(!refresher.shared.is_driving());
    assert_eq!(refresher.join_anew().await, Err(NotMade::Closed.into()));
    refresher.kick(leave);
    assert_eq!(refresher.attempts(), 1);
}

#[tokio::test]
async fn close_gives_up_an_attempt_that_nobody_waits_for() {
    let refresher = refresher(0, false);
    refresher.kick(leave);
    refresher.until_attempts(1).await;
    refresher.close().await;
    assert!(!refresher.shared.is_driving());
}

#[tokio::test]
async fn close_lets_an_attempt_finish_that_somebody_waits_for() {
    let refresher = Arc::new(refresher(0, false));
    let waiting = tokio::spawn({
        let refresher = Arc::clone(&refresher);
        async move { refresher.join_anew().await }
    });
    refresher.until_attempts(1).await;
    let closing = tokio::spawn({
        let refresher = Arc::clone(&refresher);
        async move { refresher.close().await }
    });
    while !refresher.shared.lock().closed {
        tokio::task::yield_now().await;
    }
    refresher.job().go.add_permits(1);
    assert_eq!(waiting.await.unwrap(), Ok(()));
    closing.await.unwrap();
}

#[tokio::test]
async fn a_panic_is_a_failure_that_is_answered_once_and_retried_after_a_pause() {
    let refresher = refresher(100, false);
    refresher.job().panics.store(true, Ordering::SeqCst);
    let panicked = Err(NotMade::Panicked.into());
    for _ in 0..1_000 {
        assert_eq!(refresher.join_anew().await, panicked);
    }
    assert!(refresher.failing());
    assert!(refresher.attempts() < 50, "{}", refresher.attempts());
    refresher.job().panics.store(false, Ordering::SeqCst);
    while refresher.failing() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_driver_that_is_dropped_before_its_first_poll_undoes_its_promise() {
    let refresher = refresher(1, false);
    {
        let mut control = refresher.shared.lock();
        control.begun = 1;
        control.permit = Some(leave());
        refresher.shared.driving.send_replace(true);
    }
    let task = driver::drive(Driving::new(Arc::clone(&refresher.shared)));
    let mut waiting = Box::pin(refresher.join(0, || panic!("promised already")));
    assert_eq!(waiting.as_mut().now_or_never(), None);
    drop(task);
    assert_eq!(waiting.await, Err(NotMade::Panicked.into()));
    assert_eq!(refresher.join_anew().await, Ok(()));
    refresher.close().await;
}

#[test]
fn an_attempt_goes_on_when_the_runtime_of_its_caller_ends() {
    let refresher = Arc::new(refresher(0, false));
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let dying = runtime();
    dying.block_on(async {
        refresher.kick(leave);
        refresher.until_attempts(1).await;
    });
    drop(dying);
    refresher.job().go.add_permits(1);
    let joined = runtime().block_on(refresher.join(0, || panic!("made already")));
    assert_eq!(joined, Ok(()));
    assert_eq!(refresher.attempts(), 1);
}

#[test]
fn an_attempt_needs_no_runtime_of_the_caller() {
    let refresher = refresher(1, false);
    refresher.kick(leave);
    while refresher.shared.is_driving() {
        std::thread::yield_now();
    }
    assert_eq!(refresher.attempts(), 1);
}
