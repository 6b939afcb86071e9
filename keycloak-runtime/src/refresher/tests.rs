use std::sync::atomic::AtomicUsize;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::*;

/// Each attempt takes a permit, then ends as scripted.
struct Scripted {
    attempts: AtomicUsize,
    go: Semaphore,
    fails: AtomicBool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Failure {
    Scripted(usize),
    Closed,
    CutOff,
}

impl Job for Scripted {
    type Error = Failure;

    async fn attempt(&self) -> Result<(), Failure> {
        let before = self.attempts.fetch_add(1, Ordering::SeqCst);
        let number = before.saturating_add(1);
        self.go.acquire().await.expect("never closed").forget();
        if self.fails.load(Ordering::SeqCst) {
            Err(Failure::Scripted(number))
        } else {
            Ok(())
        }
    }

    fn closed() -> Failure {
        Failure::Closed
    }

    fn cut_off() -> Failure {
        Failure::CutOff
    }
}

/// A refresher whose first `permits` attempts end at once.
fn refresher(permits: usize, fails: bool, retries: bool) -> Refresher<Scripted> {
    let job = Scripted {
        attempts: AtomicUsize::new(0),
        go: Semaphore::new(permits),
        fails: AtomicBool::new(fails),
    };
    Refresher::new(job, retries)
}

fn ended(number: u64) -> Attempted<Failure> {
    Attempted::Ended {
        number,
        result: Ok(()),
    }
}

fn denied(failure: Failure) -> Attempted<Failure> {
    Attempted::Denied {
        last: Some(Err(failure)),
    }
}

impl Refresher<Scripted> {
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
    let refresher = refresher(1, false, true);
    let results = join_all((0..100).map(|_| refresher.join())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(refresher.attempts(), 1);
}

#[tokio::test]
async fn failures_are_retried_without_being_asked() {
    let refresher = refresher(3, true, true);
    assert_eq!(refresher.join().await, Err(Failure::Scripted(1)));
    assert!(refresher.failing());
    assert_eq!(
        refresher.join().await,
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
async fn failures_are_left_alone_where_that_is_wanted() {
    let refresher = refresher(2, true, false);
    assert_eq!(refresher.join().await, Err(Failure::Scripted(1)));
    assert!(!refresher.shared.lock().driving);
    assert_eq!(refresher.join().await, Err(Failure::Scripted(2)));
}

#[tokio::test]
async fn an_attempt_that_ended_meanwhile_is_the_answer() {
    let refresher = refresher(10, false, true);
    let seen = refresher.begun();
    refresher.join().await.unwrap();
    let attempted = refresher.attempt_if(seen, || panic!("not asked")).await;
    assert_eq!(attempted, ended(1));
    let attempted = refresher.attempt_if(refresher.begun(), || true).await;
    assert_eq!(attempted, ended(2));
    assert_eq!(refresher.attempts(), 2);
}

#[tokio::test]
async fn without_permission_the_last_result_is_the_answer() {
    let refresher = refresher(1, true, true);
    let attempted = refresher.attempt_if(0, || false).await;
    assert_eq!(attempted, denied(Failure::CutOff), "there is no result");
    assert_eq!(refresher.attempts(), 0);
    refresher.join().await.unwrap_err();
    let attempted = refresher.attempt_if(refresher.begun(), || false).await;
    assert_eq!(attempted, denied(Failure::Scripted(1)));
}

#[tokio::test]
async fn permission_ends_the_pause_after_a_failure() {
    let refresher = refresher(2, true, true);
    refresher.join().await.unwrap_err();
    refresher.job().fails.store(false, Ordering::SeqCst);
    let attempted = refresher.attempt_if(refresher.begun(), || true).await;
    assert_eq!(attempted, ended(2));
    assert!(!refresher.failing());
}

#[tokio::test]
async fn close_ends_the_pause_and_refuses_new_attempts() {
    let refresher = refresher(1, true, true);
    refresher.join().await.unwrap_err();
    refresher.close().await;
    assert!(!refresher.shared.lock().driving);
    assert_eq!(refresher.join().await, Err(Failure::Closed));
    refresher.kick();
    assert_eq!(refresher.attempts(), 1);
}

#[tokio::test]
async fn close_gives_up_an_attempt_that_nobody_waits_for() {
    let refresher = refresher(0, false, true);
    refresher.kick();
    refresher.until_attempts(1).await;
    refresher.close().await;
    assert!(!refresher.shared.lock().driving);
}

#[tokio::test]
async fn close_lets_an_attempt_finish_that_somebody_waits_for() {
    let refresher = Arc::new(refresher(0, false, true));
    let waiting = tokio::spawn({
        let refresher = Arc::clone(&refresher);
        async move { refresher.join().await }
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

#[test]
fn an_attempt_that_dies_with_its_runtime_is_made_again_on_another() {
    let refresher = Arc::new(refresher(0, false, true));
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let dying = runtime();
    dying.block_on(async {
        refresher.kick();
        refresher.until_attempts(1).await;
    });
    // Somebody waits for it on a runtime of his own.
    let waiting = std::thread::spawn({
        let (refresher, runtime) = (Arc::clone(&refresher), runtime());
        move || runtime.block_on(refresher.join())
    });
    while refresher.shared.ended.receiver_count() == 0 {
        std::thread::yield_now();
    }
    drop(dying);
    refresher.job().go.add_permits(1);
    assert_eq!(waiting.join().unwrap(), Ok(()));
    assert_eq!(refresher.attempts(), 2);
}

#[test]
fn outside_of_a_runtime_nothing_is_started() {
    let refresher = refresher(1, false, true);
    refresher.kick();
    assert!(!refresher.shared.lock().driving);
    let joined = futures_util::FutureExt::now_or_never(refresher.join());
    assert_eq!(joined, Some(Err(Failure::CutOff)));
}
