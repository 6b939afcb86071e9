//! Calls that several callers want at the same time are made once.
//!
//! Invariants: the call runs in a task of its own, so a caller that goes away changes nothing for
//! the others; nothing is kept after the call ended; no guard of the map is held across an await;
//! the number of calls at once is bounded.

use std::{
    collections::hash_map::RandomState,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use dashmap::{DashMap, Entry};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    time::Instant,
};

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
    repeatable: bool,
}

type Calls<T> = DashMap<Box<str>, Flight<T>, RandomState>;

#[derive(Debug)]
struct Flight<T> {
    number: u64,
    began: Instant,
    landed: watch::Receiver<Option<T>>,
}

/// No result: too many calls wait, or the call ended with its async runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFlight {
    Crowded,
    CutOff,
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// `repeatable` says whether a call may be made again while an earlier one hangs.
    pub(crate) fn new(repeatable: bool) -> Self {
        Self {
            calls: Arc::new(DashMap::with_hasher(RandomState::new())),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            numbers: AtomicU64::new(0),
            repeatable,
        }
    }

    /// The result of the call for `key`: of the one in flight, or of a new one.
    pub(crate) async fn join<F>(&self, key: &str, call: impl Fn() -> F) -> Result<T, NoFlight>
    where
        F: Future<Output = T> + Send + 'static,
    {
        // A flight that never began has no result, and neither has one whose runtime ended: then
        // this caller makes a call of its own.
        for _ in 0..2 {
            let mut landed = self.board(key, &call)?;
            // The borrow of the channel ends with the statement.
            let result = landed.wait_for(Option::is_some).await.ok();
            if let Some(result) = result.and_then(|result| result.clone()) {
                return Ok(result);
            }
        }
        Err(NoFlight::CutOff)
    }

    fn board<F>(
        &self,
        key: &str,
        call: &impl Fn() -> F,
    ) -> Result<watch::Receiver<Option<T>>, NoFlight>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| NoFlight::CutOff)?;
        // Outside of the map's lock; may be off by the callers of this very moment.
        let crowded = self.calls.len() >= WAITING;
        let entry = self.calls.entry(key.into());
        if let Entry::Occupied(flight) = &entry {
            let flight = flight.get();
            if !self.repeatable || flight.began.elapsed() < HANGS_AFTER {
                return Ok(flight.landed.clone());
            }
        } else if crowded {
            return Err(NoFlight::Crowded);
        }
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (sender, landed) = watch::channel(None);
        entry.insert(Flight {
            number,
            began: Instant::now(),
            landed: landed.clone(),
        });
        let ticket = Ticket {
            calls: Arc::clone(&self.calls),
            key: key.into(),
            number,
        };
        runtime.spawn(fly(Arc::clone(&self.turns), ticket, sender, call()));
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
    ticket: Ticket<T>,
    sender: watch::Sender<Option<T>>,
    call: impl Future<Output = T>,
) {
    // Never closed, so a turn always comes.
    let turn = turns.acquire().await;
    // The map holds one receiver. If it is alone, all who wanted the result have left.
    if sender.receiver_count() <= 1 {
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

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_hundred_callers_make_one_call_and_nothing_is_kept() {
        let flights = Flights::new(true);
        let calls = Arc::new(AtomicUsize::new(0));
        let one = || {
            flights.join("key", || {
                let calls = Arc::clone(&calls);
                async move {
                    tokio::task::yield_now().await;
                    calls.fetch_add(1, Ordering::SeqCst)
                }
            })
        };
        let results = join_all((0..100).map(|_| one())).await;
        assert!(results.iter().all(|result| *result == Ok(0)));
        assert_eq!(flights.len(), 0);
        assert_eq!(one().await, Ok(1), "no result is kept");
    }

    #[tokio::test]
    async fn a_call_that_hangs_is_repeated_where_it_may_be() {
        tokio::time::pause();
        for repeatable in [true, false] {
            let flights = Arc::new(Flights::new(repeatable));
            let hanging = tokio::spawn({
                let flights = Arc::clone(&flights);
                async move { flights.join("key", std::future::pending::<i32>).await }
            });
            tokio::time::sleep(HANGS_AFTER).await;
            let second = flights.join("key", || async { 8 });
            let second = tokio::time::timeout(HANGS_AFTER, second).await;
            assert_eq!(second.ok(), repeatable.then_some(Ok(8)));
            assert_eq!(flights.len(), usize::from(!repeatable));
            hanging.abort();
        }
    }

    #[tokio::test]
    async fn hanging_calls_do_not_keep_their_turns() {
        tokio::time::pause();
        let flights = Arc::new(Flights::new(true));
        for n in 0..AT_ONCE {
            let flights = Arc::clone(&flights);
            tokio::spawn(async move {
                flights
                    .join(&n.to_string(), std::future::pending::<i32>)
                    .await
            });
        }
        let late = flights.join("late", || async { 1 });
        assert_eq!(tokio::time::timeout(2 * HANGS_AFTER, late).await, Ok(Ok(1)));
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
                flights.join("key", call).await
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
        let go = Arc::new(Notify::new());
        let first = tokio::spawn({
            let (flights, go) = (Arc::clone(&flights), Arc::clone(&go));
            async move {
                let call = || {
                    let go = Arc::clone(&go);
                    async move {
                        go.notified().await;
                        7
                    }
                };
                flights.join("key", call).await
            }
        });
        while flights.len() == 0 {
            tokio::task::yield_now().await;
        }
        let second = flights.join("key", || async { 8 });
        first.abort();
        go.notify_one();
        assert_eq!(second.await, Ok(7));
    }

    #[test]
    fn a_call_that_dies_with_its_runtime_blocks_nobody() {
        let flights = Arc::new(Flights::new(true));
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap()
        };
        let dying = runtime();
        dying.block_on(async {
            let flights = Arc::clone(&flights);
            tokio::spawn(async move { flights.join("key", std::future::pending::<i32>).await });
            tokio::task::yield_now().await;
        });
        assert_eq!(flights.len(), 1);
        drop(dying);
        assert_eq!(flights.len(), 0);
        assert_eq!(
            runtime().block_on(flights.join("key", || async { 1 })),
            Ok(1)
        );
    }
}
