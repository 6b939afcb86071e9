use futures_util::{FutureExt as _, future::join_all};
use tokio::sync::Notify;

use super::*;

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_hundred_callers_make_one_call_and_nothing_is_kept() {
    let flights = Flights::new(true);
    let calls = Arc::new(AtomicUsize::new(0));
    let go = Arc::new(Notify::new());
    let one = || {
        flights.join("key", LONG, || {
            let (calls, go) = (Arc::clone(&calls), Arc::clone(&go));
            async move {
                go.notified().await;
                calls.fetch_add(1, Ordering::SeqCst)
            }
        })
    };
    let all_wait = async { go.notify_one() };
    let (results, ()) = tokio::join!(join_all((0..100).map(|_| one())), all_wait);
    assert!(results.iter().all(|result| *result == Ok(0)));
    assert_eq!(flights.len(), 0);
    go.notify_one();
    assert_eq!(one().await, Ok(1), "no result is kept");
}

#[tokio::test]
async fn a_call_that_hangs_is_repeated_where_it_may_be() {
    let flights = Arc::new(Flights::hanging_after(Some(Duration::ZERO)));
    let hanging = tokio::spawn({
        let flights = Arc::clone(&flights);
        async move { flights.join("key", LONG, std::future::pending::<i32>).await }
    });
    while flights.len() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(flights.join("key", LONG, || async { 8 }).await, Ok(8));
    hanging.abort();
}

#[tokio::test]
async fn a_call_that_hangs_is_not_repeated_where_it_must_not_be() {
    let flights = Arc::new(Flights::new(false));
    let wait = flights.join("key", Duration::ZERO, std::future::pending::<i32>);
    assert_eq!(wait.await, Err(NoFlight::Late));
    let second = flights.join("key", Duration::ZERO, || async { panic!("made twice") });
    assert_eq!(second.await, Err(NoFlight::Late));
    assert_eq!(flights.len(), 1);
}

#[tokio::test]
async fn a_call_that_panics_has_no_result_and_is_not_made_again() {
    for repeatable in [true, false] {
        let flights = Flights::<i32>::new(repeatable);
        let panics = || async { panic!("a clock of the application") };
        assert_eq!(
            flights.join("key", LONG, panics).await,
            Err(NoFlight::CutOff)
        );
        assert_eq!(flights.len(), 0);
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_not_made() {
    let flights = Arc::new(Flights::new(true));
    let all_turns = flights.turns.acquire_many(64).await.unwrap();
    let made = Arc::new(AtomicUsize::new(0));
    let leaver = tokio::spawn({
        let (flights, made) = (Arc::clone(&flights), Arc::clone(&made));
        async move {
            let call = || {
                let made = Arc::clone(&made);
                async move { made.fetch_add(1, Ordering::SeqCst) }
            };
            flights.join("key", LONG, call).await
        }
    });
    while flights.len() == 0 {
        tokio::task::yield_now().await;
    }
    leaver.abort();
    let _ = leaver.await;
    drop(all_turns);
    while flights.len() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(made.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_call_that_was_replaced_is_not_made_for_nobody() {
    let flights = Arc::new(Flights::hanging_after(Some(Duration::ZERO)));
    let all_turns = flights.turns.acquire_many(64).await.unwrap();
    let made = Arc::new(AtomicUsize::new(0));
    let ask = || {
        let (flights, made) = (Arc::clone(&flights), Arc::clone(&made));
        async move {
            let call = || async move { made.fetch_add(1, Ordering::SeqCst) };
            flights.join("key", LONG, call).await
        }
    };
    for _ in 0..10 {
        assert_eq!(ask().now_or_never(), None);
    }
    let mut last = Box::pin(ask());
    assert_eq!((&mut last).now_or_never(), None);
    assert_eq!(flights.tasks.load(Ordering::SeqCst), 11);
    drop(all_turns);
    assert_eq!(last.await, Ok(0));
    while flights.tasks.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_number_of_tasks_is_bounded() {
    let flights = Arc::new(Flights::hanging_after(Some(Duration::ZERO)));
    let all_turns = flights.turns.acquire_many(64).await.unwrap();
    let ask = |key: &'static str| flights.join(key, LONG, || async { 1 });
    for _ in 0..WAITING + 10 {
        assert_eq!(ask("key").now_or_never(), None);
    }
    assert_eq!(flights.tasks.load(Ordering::SeqCst), WAITING);
    assert_eq!(ask("other").await, Err(NoFlight::Crowded));
    drop(all_turns);
    while flights.tasks.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(ask("other").await, Ok(1));
}

#[tokio::test]
async fn the_first_caller_may_leave() {
    let flights = Arc::new(Flights::new(true));
    let (go, begun) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = tokio::spawn({
        let (flights, go, begun) = (Arc::clone(&flights), Arc::clone(&go), Arc::clone(&begun));
        async move {
            let call = || async move {
                begun.notify_one();
                go.notified().await;
                7
            };
            flights.join("key", LONG, call).await
        }
    });
    begun.notified().await;
    let mut second = Box::pin(flights.join("key", LONG, || async { 8 }));
    assert_eq!((&mut second).now_or_never(), None);
    first.abort();
    go.notify_one();
    assert_eq!(second.await, Ok(7));
}

#[test]
fn a_call_outlives_the_runtime_of_its_caller() {
    let flights = Arc::new(Flights::new(false));
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let (go, begun) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let dying = runtime();
    dying.block_on(async {
        let (flights, go) = (Arc::clone(&flights), Arc::clone(&go));
        let begun = Arc::clone(&begun);
        let call = || async move {
            begun.notify_one();
            go.notified().await;
            1
        };
        tokio::spawn(async move { flights.join("key", LONG, call).await });
    });
    dying.block_on(begun.notified());
    drop(dying);
    let mut again = Box::pin(flights.join("key", LONG, || async { panic!("made twice") }));
    assert_eq!((&mut again).now_or_never(), None);
    go.notify_one();
    assert_eq!(runtime().block_on(again), Ok(1));
}
