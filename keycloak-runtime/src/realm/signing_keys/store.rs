//! The keys and their refresh: which keys a token may be verified by, and when to wait for others.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tracing::Instrument as _;
use url::Url;

use super::{JwksError, Keys, keys::Age};
use crate::{
    base::{
        background,
        clock::{Clock, Timestamp},
        foreign::Foreign,
    },
    jose::jwk::KeySet,
    realm::discovery::Discovery,
    settings::CacheSettings,
    telemetry::{Fetch, Telemetry, emit},
    transport::{
        http_client::{HttpClient, MAX_FETCH},
        outbound::{Exhausted, Ours, Outbound, Permit, Theirs},
        refresher::{Attempted, Job, MAX_BACKOFF, Refresher, Streak},
    },
};

/// The realm's keys.
#[derive(Debug)]
pub(crate) struct Jwks {
    refresher: Refresher<FetchKeys>,
}

/// What one attempt needs, and where it leaves the keys.
pub(crate) struct FetchKeys {
    pub(crate) discovery: Arc<Discovery>,
    pub(crate) client: Arc<HttpClient>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Telemetry,
    pub(crate) door: Arc<Outbound>,
    pub(crate) cache: CacheSettings,
    /// Told about each new set, after it is in place.
    pub(crate) on_new_keys: Box<dyn Fn(&KeySet) + Send + Sync>,
    pub(crate) current: ArcSwapOption<Keys>,
    pub(crate) streak: Streak,
}

impl Jwks {
    pub(crate) fn new(job: FetchKeys) -> Self {
        Self {
            refresher: Refresher::new(job),
        }
    }

    /// Whether the keys are good without a second thought. Takes no lock.
    pub(crate) fn are_fresh(&self, now: Timestamp) -> bool {
        let keys = self.refresher.job().current.load();
        keys.as_ref().is_some_and(|keys| keys.is_fresh(now))
    }

    /// The newest keys, if they may be used at all. Takes no lock.
    pub(crate) fn latest(&self, now: Timestamp) -> Option<Arc<Keys>> {
        let keys = self.refresher.job().current.load_full()?;
        (keys.freshness(now) != Age::Dead).then_some(keys)
    }

    /// Whether there are none that may be used, and the last attempt to get them failed; sees to it
    /// that there is another one.
    pub(crate) fn are_out_of_reach(&self, now: Timestamp) -> bool {
        let out_of_reach = self.latest(now).is_none() && self.refresher.failing();
        if out_of_reach {
            self.refresher.kick(|| self.refresher.job().retry());
        }
        out_of_reach
    }

    /// The keys to verify a token by; waits only where there are none that may be used.
    ///
    /// # Errors
    /// There are none, and none are available.
    pub(crate) async fn usable(&self, now: Timestamp) -> Result<Arc<Keys>, JwksError> {
        // First the number, then the keys: an attempt that ends in between is the answer.
        let seen = self.refresher.ended();
        let Some(keys) = self.latest(now) else {
            self.join(seen).await?;
            return self.latest(now).ok_or(JwksError::Pending);
        };
        match keys.freshness(now) {
            Age::Fresh => Ok(keys),
            Age::Aging => {
                self.refresher.kick(|| self.refresher.job().retry());
                Ok(keys)
            }
            // New ones would be better, but an outage must not refuse callers.
            Age::Stale | Age::Dead if self.refresher.failing() => Ok(keys),
            Age::Stale | Age::Dead => {
                let fetched = background::within(MAX_BACKOFF, self.join(seen)).await;
                match fetched {
                    Ok(Ok(())) => Ok(self.latest(now).unwrap_or(keys)),
                    Ok(Err(_)) | Err(_) => Ok(keys),
                }
            }
        }
    }

    /// The keys once they contain what `wanted` looks for: an unknown `kid` is either junk or a
    /// key that was added since the last fetch. All who ask share one fetch, and there are only
    /// so many.
    ///
    /// # Errors
    /// `None` in the error: Keycloak was asked and does not know it (or was asked a moment ago).
    /// Otherwise it could not be asked.
    pub(crate) async fn find(
        &self,
        wanted: impl Fn(&Keys) -> bool,
    ) -> Result<Arc<Keys>, Option<JwksError>> {
        // A fetch that had begun by now may have been answered before the key was added.
        let arrival = self.refresher.begun();
        let search = async {
            loop {
                let now = self.now();
                if let Some(keys) = self.latest(now).filter(|keys| wanted(keys)) {
                    return Ok(keys);
                }
                match self.refresher.attempt_if(arrival, || self.draw()).await {
                    Attempted::Ended { number, .. } if number <= arrival => {}
                    Attempted::Ended { result: Ok(()), .. } => {
                        return self.latest(now).filter(|keys| wanted(keys)).ok_or(None);
                    }
                    Attempted::Ended {
                        result: Err(error), ..
                    } => return Err(Some(error)),
                    Attempted::Denied { last } => {
                        return Err(last.err());
                    }
                }
            }
        };
        background::within(MAX_FETCH, search)
            .await
            .unwrap_or(Err(Some(JwksError::Pending)))
    }

    /// Waits until there are keys.
    ///
    /// # Errors
    /// They are not available.
    pub(crate) async fn ready(&self) -> Result<(), JwksError> {
        self.usable(self.now()).await.map(drop)
    }

    pub(crate) async fn close(&self) {
        self.refresher.close().await;
    }

    fn now(&self) -> Timestamp {
        Timestamp::now(&*self.refresher.job().clock)
    }

    async fn join(&self, seen: u64) -> Result<(), JwksError> {
        let door = &self.refresher.job().door;
        let leave = || Ok(door.ours(Ours::StartUp));
        self.refresher.join(seen, leave).await
    }

    fn draw(&self) -> Result<Permit, Exhausted> {
        let drawn = self.refresher.job().door.theirs(Theirs::UnknownKey);
        if drawn.is_err() {
            emit!(
                DEBUG,
                "keycloak::jwks",
                REFETCH_DENIED,
                "unknown key id, and fetches of the keys are rate limited"
            );
        }
        drawn
    }
}

impl FetchKeys {
    /// Leaves in `asked` where the keys are.
    async fn fetch(&self, asked: &mut Option<Url>, permit: &Permit) -> Result<Keys, JwksError> {
        let began = Timestamp::now(&*self.clock);
        let Some(url) = self.discovery.jwks_uri().await? else {
            self.discovery.doubt();
            return Err(JwksError::NoJwksUri);
        };
        let url = asked.insert(url);
        let watch = self.telemetry.start();
        let set = match self.client.get(url, permit).await {
            Ok(body) => KeySet::parse(&body).map_err(JwksError::from),
            Err(error) => Err(error.into()),
        };
        let outcome = set.as_ref().map(drop).map_err(|e| e.fault().code());
        self.telemetry.fetch(Fetch::Keys, watch, outcome).await;
        if set.is_err() {
            // The next attempt asks anew where the keys are.
            self.discovery.doubt();
        }
        Ok(Keys::new(set?, began, &self.cache))
    }
}

impl Job for FetchKeys {
    type Error = JwksError;

    async fn attempt(&self, permit: Permit) -> Result<(), JwksError> {
        let span = tracing::debug_span!(target: "keycloak::jwks", "keycloak.fetch_keys");
        let mut asked = None;
        let fetched =
            tokio::time::timeout(MAX_FETCH, self.fetch(&mut asked, &permit).instrument(span))
                .await
                .unwrap_or(Err(JwksError::Pending));
        match fetched {
            Ok(keys) => {
                let keys = Arc::new(keys);
                emit!(
                    DEBUG,
                    "keycloak::jwks",
                    KEYS_FETCHED,
                    keys = keys.set().len(),
                    skipped = keys.set().skipped(),
                    "fetched the realm's keys"
                );
                self.streak.succeeded();
                self.current.store(Some(Arc::clone(&keys)));
                (self.on_new_keys)(keys.set());
                Ok(())
            }
            Err(error) => {
                let age = self
                    .current
                    .load()
                    .as_ref()
                    .map(|keys| keys.age(Timestamp::now(&*self.clock)));
                emit!(
                    WARN if self.streak.failed(), else DEBUG, "keycloak::jwks", KEYS_FAILED,
                    url = asked.map(|url| tracing::field::display(Foreign::url(&url))),
                    %error,
                    age_of_keys = ?age,
                    "the realm's keys could not be fetched; trying again"
                );
                Err(error)
            }
        }
    }

    fn retry(&self) -> Permit {
        self.door.ours(Ours::Scheduled)
    }
}

impl std::fmt::Debug for FetchKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FetchKeys").finish_non_exhaustive()
    }
}
