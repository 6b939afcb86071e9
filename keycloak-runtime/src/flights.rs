//! Calls that several callers want at the same time are made once.
//!
//! Invariants: the call runs in a task of its own on the
//! [background runtime](crate::transport::background), so a caller that goes away, or whose runtime
//! ends, changes nothing for the others; a call that may not be repeated is made once at most;
//! nothing is kept after the call ended; no guard of the map is held across an await; the number of
//! calls at once is bounded.

use std::{
    collections::hash_map::RandomState,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::{DashMap, Entry};
use tokio::sync::{Semaphore, watch};

use crate::transport::background::{self, NoRuntime};

/// Calls at once; more wait for their turn, within their own deadline.
const AT_ONCE: usize = 64;

/// Calls that run or wait; whoever comes then is turned away.
const WAITING: usize = 1_024;

/// A call that is silent for so long hangs: it gives up its turn, and where calls may be repeated,
/// whoever comes now makes a new one. Keycloak may have come back since.
const HANGS_AFTER: Duration = Duration::from_millis(1_750);

/// The calls in flight, by what they are made for.
#[derive(Debug)]
pub(crate) struct Flights<T> {
    calls: Arc<Calls<T>>,
    turns: Arc<Semaphore>,
    numbers: AtomicU64,
    /// After which silence a call may be made again; `None` for one that must not be repeated.
    hangs_after: Option<Duration>,
}

type Calls<T> = DashMap<Box<str>, Flight<T>, RandomState>;

#[derive(Debug)]
struct Flight<T> {
    number: u64,
    began: Instant,
    landed: watch::Receiver<Option<T>>,
}

/// No result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFlight {
    /// Too many calls wait; none was made for this caller.
    Crowded,
    /// There is nothing to run a call on; none was made.
    NoRuntime,
    /// The call ended without a result; it may have been made.
    CutOff,
    /// No result within the deadline; it may have been made.
    Late,
}

impl From<NoRuntime> for NoFlight {
    fn from(_: NoRuntime) -> Self {
        Self::NoRuntime
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// `repeatable` says whether a call may be made again while an earlier one hangs.
    pub(crate) fn new(repeatable: bool) -> Self {
        Self::hanging_after(repeatable.then_some(HANGS_AFTER))
    }

    fn hanging_after(hangs_after: Option<Duration>) -> Self {
        Self {
            calls: Arc::new(DashMap::with_hasher(RandomState::new())),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            numbers: AtomicU64::new(0),
            hangs_after,
        }
    }

    /// The result of the call for `key`, of the one in flight or of a new one, within `limit`:
    /// waiting for a turn included.
    pub(crate) async fn join<F>(
        &self,
        key: &str,
        limit: Duration,
        call: impl FnOnce() -> F,
    ) -> Result<T, NoFlight>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut landed = self.board(key, call)?;
        let result = background::within(limit, landed.wait_for(Option::is_some)).await;
        match result {
            Ok(Ok(result)) => result.clone().ok_or(NoFlight::CutOff),
            Ok(Err(_)) => Err(NoFlight::CutOff),
            Err(background::Elapsed) => Err(NoFlight::Late),
        }
    }

    fn board<F>(
        &self,
        key: &str,
        call: impl FnOnce() -> F,
    ) -> Result<watch::Receiver<Option<T>>, NoFlight>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let runtime = background::handle()?;
        // Outside of the map's lock; may be off by the callers of this very moment.
        let crowded = self.calls.len() >= WAITING;
        let entry = self.calls.entry(key.into());
        if let Entry::Occupied(flight) = &entry {
            let flight = flight.get();
            if self
                .hangs_after
                .is_none_or(|limit| flight.began.elapsed() < limit)
            {
                return Ok(flight.landed.clone());
            }
        } else if crowded {
            return Err(NoFlight::Crowded);
        }
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (sender, landed) = watch::channel(None);
        let in_the_map = entry.insert(Flight {
            number,
            began: Instant::now(),
            landed: landed.clone(),
        });
        // The ticket takes the same lock, and a task may be dropped at once.
        drop(in_the_map);
        let ticket = Ticket {
            calls: Arc::clone(&self.calls),
            key: key.into(),
            number,
        };
        let turns = Arc::clone(&self.turns);
        background::spawn(&runtime, fly(turns, sender, ticket, call()));
        Ok(landed)
    }

    /// How many calls are in flight.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }
}

/// Waits for a turn, then makes the call.
async fn fly<T: Clone>(
    turns: Arc<Semaphore>,
    sender: watch::Sender<Option<T>>,
    // Dropped before the sender: nobody finds a flight that ended.
    ticket: Ticket<T>,
    call: impl Future<Output = T>,
) {
    // Never closed, so a turn always comes.
    let turn = turns.acquire().await;
    if ticket.nobody_waits(&sender) {
        return;
    }
    let mut call = std::pin::pin!(call);
    let soon = tokio::time::timeout(HANGS_AFTER, &mut call).await;
    drop(turn);
    let value = match soon {
        Ok(value) => value,
        Err(_) => call.await,
    };
    // First out of the map, then the result: who comes later makes a call of its own, and nobody
    // finds a flight that has landed.
    drop(ticket);
    sender.send_replace(Some(value));
}

/// Takes the call out of the map, also when its task is dropped.
struct Ticket<T> {
    calls: Arc<Calls<T>>,
    key: Box<str>,
    number: u64,
}

impl<T> Ticket<T> {
    /// Whether all who wanted the result have left; the call is then out of the map, so that who
    /// comes now makes one of its own.
    fn nobody_waits(&self, sender: &watch::Sender<Option<T>>) -> bool {
        // The map holds one receiver, and others are made with its lock held.
        self.calls
            .remove_if(&self.key, |_, flight| {
                flight.number == self.number && sender.receiver_count() <= 1
            })
            .is_some()
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        // A newer call may stand in its place.
        self.calls
            .remove_if(&self.key, |_, flight| flight.number == self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

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
}
