//! The discovery document, kept and refreshed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwapOption;
use tracing::Instrument as _;
use url::Url;

use super::{DiscoveryError, Endpoints, ProviderMetadata};
use crate::{
    base::{
        clock::{Clock, Timestamp},
        foreign::Foreign,
    },
    classics::{hints::Setup, recognise},
    settings::{Settings, urls::realm_url},
    telemetry::{Fetch, Telemetry, emit},
    transport::{
        http_client::HttpClient,
        outbound::{Exhausted, Ours, Outbound, Permit, Theirs},
        refresher::{Attempted, Job, NotMade, Refresher, Streak},
    },
};

/// A document that passed its checks.
#[derive(Debug)]
pub(crate) struct Discovered {
    pub(crate) metadata: ProviderMetadata,
    pub(crate) endpoints: Endpoints,
    fetched_at: Timestamp,
}

/// The document and its refresh.
#[derive(Debug)]
pub(crate) struct Discovery {
    refresher: Refresher<FetchDocument>,
}

/// What one attempt needs, and where it leaves the document.
pub(crate) struct FetchDocument {
    settings: Arc<Settings>,
    client: Arc<HttpClient>,
    clock: Arc<dyn Clock>,
    telemetry: Telemetry,
    door: Arc<Outbound>,
    current: ArcSwapOption<Discovered>,
    /// Something that the document pointed to did not answer as it should.
    doubted: AtomicBool,
    streak: Streak,
}

impl Discovery {
    pub(crate) fn new(
        settings: Arc<Settings>,
        client: Arc<HttpClient>,
        clock: Arc<dyn Clock>,
        telemetry: Telemetry,
        door: Arc<Outbound>,
    ) -> Self {
        let job = FetchDocument {
            settings,
            client,
            clock,
            telemetry,
            door,
            current: ArcSwapOption::empty(),
            doubted: AtomicBool::new(false),
            streak: Streak::default(),
        };
        Self {
            refresher: Refresher::new(job),
        }
    }

    /// The document: the one we have while it is fresh, otherwise a new one, otherwise the old
    /// one if Keycloak cannot be reached. While failures are retried in the background, the last
    /// one is the answer, at once.
    ///
    /// # Errors
    /// There is none, or the new one contradicts the settings.
    pub(crate) async fn document(&self) -> Result<Arc<Discovered>, DiscoveryError> {
        let seen = self.refresher.ended();
        self.or_fetched(|| self.refresher.join(seen, || self.on_demand()))
            .await
    }

    /// The same within an attempt to fetch keys, which has a back-off of its own.
    async fn document_for_keys(&self) -> Result<Arc<Discovered>, DiscoveryError> {
        let seen = self.refresher.begun();
        self.or_fetched(|| async move {
            let leave = || Ok(self.refresher.job().retry());
            match self.refresher.attempt_if(seen, leave).await {
                Attempted::Ended { result, .. } => result,
                Attempted::Denied { last } => last,
            }
        })
        .await
    }

    async fn or_fetched<F>(
        &self,
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<Discovered>, DiscoveryError>
    where
        F: Future<Output = Result<(), DiscoveryError>>,
    {
        let job = self.refresher.job();
        let old = job.current.load_full();
        if let Some(document) = &old
            && job.is_fresh(document)
        {
            return Ok(Arc::clone(document));
        }
        match (fetch().await, old) {
            (Ok(()), _) => job.kept(),
            (Err(DiscoveryError::Http(_) | DiscoveryError::NotMade(_)), Some(old)) => Ok(old),
            (Err(error), _) => Err(error),
        }
    }

    fn on_demand(&self) -> Result<Permit, Exhausted> {
        self.refresher.job().door.theirs(Theirs::Discovery)
    }

    /// The document for the request path: never waits while there is one, and asks no more often
    /// than the background does while there is none.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn at_hand(&self) -> Result<Arc<Discovered>, DiscoveryError> {
        let job = self.refresher.job();
        let seen = self.refresher.ended();
        if let Some(document) = job.current.load_full() {
            if !job.is_fresh(&document) || job.is_worth_asking_again(&document) {
                self.refresher.kick(|| job.retry());
            }
            return Ok(document);
        }
        self.refresher.join(seen, || self.on_demand()).await?;
        job.kept()
    }

    /// Where the keys are; makes no call if that is configured.
    ///
    /// # Errors
    /// The document is not available.
    pub(crate) async fn jwks_uri(&self) -> Result<Option<Url>, DiscoveryError> {
        match &self.refresher.job().settings.jwks_uri {
            Some(url) => Ok(Some(url.clone())),
            None => Ok(self.document_for_keys().await?.endpoints.jwks.clone()),
        }
    }

    /// The next [`document`](Self::document) is fetched anew.
    pub(crate) fn doubt(&self) {
        self.refresher.job().doubted.store(true, Ordering::Release);
    }

    pub(crate) async fn close(&self) {
        self.refresher.close().await;
    }
}

/// OpenID Connect Discovery section 4.1, from the back channel where there is one.
pub(crate) fn document_url(settings: &Settings) -> Result<Url, DiscoveryError> {
    let base = settings
        .backchannel_url
        .as_ref()
        .unwrap_or(&settings.server_url);
    let realm = realm_url(base, &settings.realm);
    Url::parse(&format!("{realm}/.well-known/openid-configuration"))
        .map_err(|_| DiscoveryError::Missing { name: "server_url" })
}

/// Checks a document that came as an answer: its form, its issuer, its endpoints.
pub(crate) fn read_document(
    body: &[u8],
    settings: &Settings,
) -> Result<(ProviderMetadata, Endpoints), DiscoveryError> {
    let metadata = ProviderMetadata::parse(body)?;
    // Section 4.3: the issuer must be exactly the one that we asked for, so that no issuer
    // vouches for the tokens of another.
    if let Some(classic) = recognise::issuer(&settings.issuers, &metadata.issuer) {
        return Err(DiscoveryError::IssuerMismatch {
            found: Foreign::copy(&metadata.issuer),
            accepted: settings.issuers.clone(),
            fix: classic.fix(&Setup::of(settings)),
        });
    }
    let endpoints = Endpoints::choose(&metadata, settings)?;
    Ok((metadata, endpoints))
}

impl FetchDocument {
    fn is_fresh(&self, document: &Discovered) -> bool {
        let now = Timestamp::now(&*self.clock);
        let expires_at = document
            .fetched_at
            .saturating_add(self.settings.cache.discovery_ttl);
        document.fetched_at <= now && now < expires_at && !self.doubted.load(Ordering::Acquire)
    }

    /// Whether a document that lacks an endpoint may have been mended, and was not looked at only
    /// a moment ago.
    fn is_worth_asking_again(&self, document: &Discovered) -> bool {
        let complete =
            document.endpoints.introspection.is_some() && document.endpoints.token.is_some();
        let now = Timestamp::now(&*self.clock);
        let pause = self.settings.cache.refetch_refill;
        !complete && now >= document.fetched_at.saturating_add(pause)
    }

    /// The document after a successful attempt.
    fn kept(&self) -> Result<Arc<Discovered>, DiscoveryError> {
        let kept = self.current.load_full();
        kept.ok_or_else(|| NotMade::Silent.into())
    }

    async fn fetch(&self, permit: &Permit) -> Result<Discovered, DiscoveryError> {
        let fetched_at = Timestamp::now(&*self.clock);
        let body = self
            .client
            .get(&document_url(&self.settings)?, permit)
            .await?;
        let (metadata, endpoints) = read_document(&body, &self.settings)?;
        Ok(Discovered {
            metadata,
            endpoints,
            fetched_at,
        })
    }
}

impl Job for FetchDocument {
    type Error = DiscoveryError;

    async fn attempt(&self, permit: Permit) -> Result<(), DiscoveryError> {
        let watch = self.telemetry.start();
        let span = tracing::debug_span!(target: "keycloak::discovery", "keycloak.fetch_discovery");
        let fetched = self.fetch(&permit).instrument(span).await;
        let outcome = fetched.as_ref().map(drop).map_err(|e| e.fault().code());
        self.telemetry.fetch(Fetch::Discovery, watch, outcome).await;
        match fetched {
            Ok(document) => {
                emit!(
                    DEBUG,
                    "keycloak::discovery",
                    DISCOVERY_FETCHED,
                    "fetched the discovery document"
                );
                self.streak.succeeded();
                self.doubted.store(false, Ordering::Release);
                self.current.store(Some(Arc::new(document)));
                Ok(())
            }
            Err(error) => {
                let url = document_url(&self.settings).ok();
                emit!(
                    WARN if self.streak.failed(), else DEBUG, "keycloak::discovery", DISCOVERY_FAILED,
                    url = url.map(|url| tracing::field::display(Foreign::url(&url))),
                    %error,
                    "the discovery document is not available"
                );
                Err(error)
            }
        }
    }

    fn retry(&self) -> Permit {
        self.door.ours(Ours::Scheduled)
    }
}

impl std::fmt::Debug for FetchDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FetchDocument").finish_non_exhaustive()
    }
}
