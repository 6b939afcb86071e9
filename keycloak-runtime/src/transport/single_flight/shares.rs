//! How many of the calls that run or wait are one session's.
//!
//! Invariant: no session alone leaves others no room, however many good tokens it has.

use std::{collections::hash_map::RandomState, sync::Arc};

use dashmap::{DashMap, Entry};

use super::WAITING;

/// Calls of one session that run or wait.
const OF_ONE: usize = WAITING / 2;

type Hash = [u8; 32];

/// The sessions with calls now.
#[derive(Debug, Default)]
pub(crate) struct Shares(Arc<Counts>);

type Counts = DashMap<Hash, usize, RandomState>;

/// The place of one call; to be kept until it ends.
#[derive(Debug)]
pub(crate) struct Share {
    counts: Arc<Counts>,
    session: Hash,
}

impl Shares {
    /// A place for one more call of `session`, if it has not too many.
    pub(crate) fn take(&self, session: Hash) -> Option<Share> {
        let mut count = self.0.entry(session).or_default();
        if *count >= OF_ONE {
            return None;
        }
        *count = count.saturating_add(1);
        drop(count);
        Some(Share {
            counts: Arc::clone(&self.0),
            session,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.counts.entry(self.session) {
            match count.get().checked_sub(1) {
                None | Some(0) => drop(count.remove()),
                Some(rest) => drop(count.insert(rest)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_session_leaves_room_for_others() {
        let shares = Shares::default();
        let taken: Vec<_> = (0..WAITING).map_while(|_| shares.take([1; 32])).collect();
        assert_eq!(taken.len(), WAITING / 2);
        assert!(shares.take([2; 32]).is_some());
        drop(taken);
        assert!(shares.take([1; 32]).is_some());
    }

    #[test]
    fn nothing_is_kept_of_a_session_without_calls() {
        let shares = Shares::default();
        for session in 0..=u8::MAX {
            drop((shares.take([session; 32]), shares.take([session; 32])));
        }
        assert!(shares.0.is_empty());
    }
}
