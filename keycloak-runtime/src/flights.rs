//! Calls that several callers want at the same time are made once.
//!
//! Invariants: the call runs in a task of its own, so a caller that goes away changes nothing for
//! the others; nothing is kept after the call ended; no guard of the map is held across an await;
//! the number of calls at once is bounded.

use std::{collections::hash_map::RandomState, sync::Arc};

use dashmap::{DashMap, Entry};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
};

/// Calls at once; more wait for their turn, within their own deadline.
const AT_ONCE: usize = 64;

/// Calls that run or wait; whoever comes then is turned away.
const WAITING: usize = 1_024;

/// The calls in flight, by what they are made for.
#[derive(Debug)]
pub(crate) struct Flights<T> {
    calls: Arc<DashMap<Box<str>, watch::Receiver<Option<T>>, RandomState>>,
    turns: Arc<Semaphore>,
}

/// No result: too many calls wait, or the call ended with its async runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFlight {
    Crowded,
    CutOff,
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    pub(crate) fn new() -> Self {
        Self {
            calls: Arc::new(DashMap::with_hasher(RandomState::new())),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The result of the call for `key`: of the one in flight, or of a new one.
    pub(crate) async fn join<F>(&self, key: &str, call: impl FnOnce() -> F) -> Result<T, NoFlight>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut result = self.board(key, call)?;
        // The borrow of the channel ends with the statement.
        let landed = result.wait_for(Option::is_some).await;
        landed
            .ok()
            .and_then(|landed| landed.clone())
            .ok_or(NoFlight::CutOff)
    }

    fn board<F>(
        &self,
        key: &str,
        call: impl FnOnce() -> F,
    ) -> Result<watch::Receiver<Option<T>>, NoFlight>
    where
        F: Future<Output = T> + Send + 'static,
    {
        // Outside of the map's lock; may be off by the callers of this very moment.
        let crowded = self.calls.len() >= WAITING;
        match self.calls.entry(key.into()) {
            Entry::Occupied(flight) => Ok(flight.get().clone()),
            Entry::Vacant(_) if crowded => Err(NoFlight::Crowded),
            Entry::Vacant(free) => {
                let runtime = Handle::try_current().map_err(|_| NoFlight::CutOff)?;
                let (landed, result) = watch::channel(None);
                let ticket = Ticket {
                    calls: Arc::clone(&self.calls),
                    key: key.into(),
                };
                let turns = Arc::clone(&self.turns);
                let call = call();
                free.insert(result.clone());
                runtime.spawn(async move {
                    // Never closed, so a turn always comes.
                    let turn = turns.acquire().await;
                    let value = call.await;
                    drop(turn);
                    // First out of the map, then the result: who comes later makes a call of its
                    // own, and nobody finds a flight that has landed.
                    drop(ticket);
                    landed.send_replace(Some(value));
                });
                Ok(result)
            }
        }
    }

    /// How many calls are in flight.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }
}

/// Takes the call out of the map, also when its task is dropped.
struct Ticket<T> {
    calls: Arc<DashMap<Box<str>, watch::Receiver<Option<T>>, RandomState>>,
    key: Box<str>,
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        self.calls.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_hundred_callers_make_one_call_and_nothing_is_kept() {
        let flights = Flights::new();
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
    async fn the_first_caller_may_leave() {
        let flights = Arc::new(Flights::new());
        let go = Arc::new(Notify::new());
        let first = tokio::spawn({
            let (flights, go) = (Arc::clone(&flights), Arc::clone(&go));
            async move {
                let call = || async move {
                    go.notified().await;
                    7
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
        let flights = Arc::new(Flights::new());
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
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
