//! Calls that several callers want at the same time are made once.
//!
//! Invariants: the call runs in a task of its own on the
//! [background runtime](crate::base::background), so a caller that goes away, or whose runtime
//! ends, changes nothing for the others; a call that may not be repeated is made once at most;
//! nothing is kept after the call ended; no guard of the map is held across an await; the number of
//! calls at once is bounded, and that of tasks; a call that no caller waits for is not made.

mod shares;

use std::{
    collections::hash_map::RandomState,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::{DashMap, Entry};
use tokio::sync::{Semaphore, watch};

pub(crate) use self::shares::Shares;
use crate::base::background::{self, NoRuntime};

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
    /// Tasks, of calls that were replaced too.
    tasks: Arc<AtomicUsize>,
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
            tasks: Arc::new(AtomicUsize::new(0)),
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
        let mut landed = self.board(key, limit, call)?;
        let result = background::within(limit, landed.wait_for(Option::is_some)).await;
        match result {
            Ok(Ok(result)) => result.clone().ok_or(NoFlight::CutOff),
            Ok(Err(_)) => Err(NoFlight::CutOff),
            Err(background::Elapsed) => Err(NoFlight::Late),
        }
    }

    /// Whether a call for `key` is in flight, which costs who joins it nothing.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.calls.contains_key(key)
    }

    fn board<F>(
        &self,
        key: &str,
        limit: Duration,
        call: impl FnOnce() -> F,
    ) -> Result<watch::Receiver<Option<T>>, NoFlight>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let runtime = background::handle()?;
        // May be off by the callers of this very moment.
        let crowded = self.tasks.load(Ordering::Relaxed) >= WAITING;
        let entry = self.calls.entry(key.into());
        if let Entry::Occupied(flight) = &entry {
            let flight = flight.get();
            let hangs = self
                .hangs_after
                .is_some_and(|limit| flight.began.elapsed() >= limit);
            if crowded || !hangs {
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
        self.tasks.fetch_add(1, Ordering::Relaxed);
        let ticket = Ticket {
            calls: Arc::clone(&self.calls),
            tasks: Arc::clone(&self.tasks),
            key: key.into(),
            number,
        };
        let turns = Arc::clone(&self.turns);
        background::spawn(&runtime, fly(turns, limit, sender, ticket, call()));
        Ok(landed)
    }

    /// How many calls are in flight.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }
}

/// Waits for a turn, then makes the call. No caller waits for longer than `limit`, so it looks after
/// that time whether one still does.
async fn fly<T: Clone>(
    turns: Arc<Semaphore>,
    limit: Duration,
    sender: watch::Sender<Option<T>>,
    // Dropped before the sender, so that no caller joins a call that has ended.
    ticket: Ticket<T>,
    call: impl Future<Output = T>,
) {
    // Never closed, so a turn always comes; asked for once, so that it keeps its place.
    let mut turn = std::pin::pin!(turns.acquire());
    let turn = loop {
        match tokio::time::timeout(limit, &mut turn).await {
            Ok(turn) => break turn,
            Err(_) if ticket.nobody_waits(&sender) => return,
            Err(_) => {}
        }
    };
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
    // First out of the map, then the result: a later caller makes a call of its own, and none joins
    // a call that has ended.
    drop(ticket);
    sender.send_replace(Some(value));
}

/// Takes the call out of the map, also when its task is dropped.
struct Ticket<T> {
    calls: Arc<Calls<T>>,
    tasks: Arc<AtomicUsize>,
    key: Box<str>,
    number: u64,
}

impl<T> Ticket<T> {
    /// Whether all who wanted the result have left; the call is then out of the map, so that the
    /// next caller makes one of its own.
    fn nobody_waits(&self, sender: &watch::Sender<Option<T>>) -> bool {
        let mut replaced = true;
        // The map holds one receiver, and others are made with its lock held.
        let removed = self.calls.remove_if(&self.key, |_, flight| {
            replaced = flight.number != self.number;
            !replaced && sender.receiver_count() <= 1
        });
        // One that was replaced is found by no caller, so only those who wait have receivers.
        removed.is_some() || (replaced && sender.receiver_count() == 0)
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        // A newer call may be in its place.
        self.calls
            .remove_if(&self.key, |_, flight| flight.number == self.number);
        self.tasks.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
