//! Sessions, codes and what was revoked: everything that a running realm remembers.
//!
//! Each table has a bound; the oldest entry makes room for a new one.

use std::collections::{BTreeMap, HashMap};

use super::{export::model::RealmSettings, ids, mapper::SignIn, scopes::GrantedScopes};

const MAX_SESSIONS: usize = 20_000;
const MAX_CODES: usize = 1_000;
const MAX_LOGINS: usize = 1_000;
const MAX_REVOKED: usize = 20_000;
const MAX_USED: usize = 100;

/// What one client holds of a session.
#[derive(Debug, Clone)]
pub(crate) struct ClientSession {
    pub(crate) scopes: GrantedScopes,
    pub(crate) acr: &'static str,
    /// The ids of the refresh tokens used so far, the last one at the end, and how often that one
    /// was used; kept only where the realm has `revokeRefreshToken`.
    used: Vec<String>,
    uses: i64,
}

impl ClientSession {
    pub(crate) fn new(scopes: GrantedScopes, acr: &'static str) -> Self {
        Self {
            scopes,
            acr,
            used: Vec::new(),
            uses: 0,
        }
    }

    /// Takes note of a use of the refresh token `id`, which may be used `max_reuse` times more
    /// than once, and not after a newer one.
    pub(crate) fn use_refresh_token(
        &mut self,
        id: &str,
        max_reuse: i64,
    ) -> Result<(), &'static str> {
        if self.used.last().is_some_and(|last| last == id) {
            if self.uses > max_reuse {
                return Err("Maximum allowed refresh token reuse exceeded");
            }
            self.uses = self.uses.saturating_add(1);
            return Ok(());
        }
        if self.used.iter().any(|used| used == id) {
            return Err("Stale token");
        }
        if self.used.len() >= MAX_USED {
            self.used.remove(0);
        }
        self.used.push(id.to_owned());
        self.uses = 1;
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) username: String,
    pub(crate) started: i64,
    pub(crate) last_refresh: i64,
    pub(crate) auth_time: Option<i64>,
    pub(crate) offline: bool,
    pub(crate) clients: HashMap<String, ClientSession>,
}

impl Session {
    /// When the session ends unless it is refreshed; never for offline ones.
    pub(crate) fn ends(&self, settings: &RealmSettings) -> i64 {
        if self.offline {
            return i64::MAX;
        }
        let idle = self.last_refresh.saturating_add(settings.session_idle);
        idle.min(self.started.saturating_add(settings.session_max))
    }
}

/// An authorization code, good once.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) sid: String,
    pub(crate) scopes: GrantedScopes,
    pub(crate) sign_in: SignIn,
    pub(crate) username: String,
    pub(crate) expires: i64,
}

/// PKCE (RFC 7636 section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    S256(String),
    Plain(String),
}

/// An authorization request that waits for the user at the login page.
#[derive(Debug, Clone)]
pub(crate) struct PendingLogin {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) fragment: bool,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) expires: i64,
}

/// A map that forgets what has expired, and the oldest when it is full.
#[derive(Debug)]
pub(crate) struct Table<V> {
    entries: HashMap<String, (u64, V)>,
    /// The keys by age.
    ages: BTreeMap<u64, String>,
    next: u64,
    bound: usize,
}

impl<V> Table<V> {
    fn new(bound: usize) -> Self {
        Self {
            entries: HashMap::new(),
            ages: BTreeMap::new(),
            next: 0,
            bound,
        }
    }

    pub(crate) fn insert(&mut self, key: String, value: V) {
        self.remove(&key);
        if self.entries.len() >= self.bound
            && let Some((_, oldest)) = self.ages.pop_first()
        {
            self.entries.remove(&oldest);
        }
        self.next = self.next.saturating_add(1);
        self.ages.insert(self.next, key.clone());
        self.entries.insert(key, (self.next, value));
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let (age, value) = self.entries.remove(key)?;
        self.ages.remove(&age);
        Some(value)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) -> usize {
        let before = self.entries.len();
        self.entries.retain(|_, (age, value)| {
            let keeps = keep(value);
            if !keeps {
                self.ages.remove(age);
            }
            keeps
        });
        before.saturating_sub(self.entries.len())
    }
}

#[derive(Debug)]
pub(crate) struct Sessions {
    pub(crate) open: Table<Session>,
    pub(crate) codes: Table<Code>,
    pub(crate) logins: Table<PendingLogin>,
    /// Ids of access tokens that were revoked one by one.
    pub(crate) revoked: Table<()>,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self {
            open: Table::new(MAX_SESSIONS),
            codes: Table::new(MAX_CODES),
            logins: Table::new(MAX_LOGINS),
            revoked: Table::new(MAX_REVOKED),
        }
    }

    /// Starts a session and says its id.
    pub(crate) fn start(&mut self, session: Session) -> String {
        let sid = ids::session_id();
        self.open.insert(sid.clone(), session);
        sid
    }

    /// The session, unless it has ended.
    pub(crate) fn active(&self, sid: &str, settings: &RealmSettings, now: i64) -> Option<&Session> {
        self.open
            .get(sid)
            .filter(|session| session.ends(settings) > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_forgets_its_oldest_entry() {
        let mut table = Table::new(2);
        for key in ["a", "b", "c"] {
            table.insert(key.to_owned(), key);
        }
        assert_eq!(table.get("a"), None);
        assert_eq!((table.get("b"), table.get("c")), (Some(&"b"), Some(&"c")));
        table.insert("b".to_owned(), "again");
        assert_eq!(table.get("c"), Some(&"c"));
        assert_eq!(table.remove("b"), Some("again"));
        assert_eq!(table.retain(|_| false), 1);
        assert_eq!((table.entries.len(), table.ages.len()), (0, 0));
    }
}
