//! All that belongs to one trusted issuer, put together; nothing is started and nothing is fetched.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwapOption;

use super::{
    discovery::{Discovery, DiscoveryError},
    introspection::Introspection,
    signing_keys::{FetchKeys, Jwks, JwksError},
    tokens::Refresh,
};
use crate::{
    base::{clock::Clock, fault::Fault},
    jose::{jwk::KeySet, jwt::ValidationPolicy},
    settings::{ConfigError, Mistake, Settings, TokenCheck},
    telemetry::Telemetry,
    transport::{http_client::HttpClient, outbound::Outbound, refresher::Streak},
};

/// One trusted issuer: where it is, what it is asked, what is kept of its answers, and what its tokens
/// must say.
pub(crate) struct Realm {
    pub(crate) settings: Arc<Settings>,
    pub(crate) policy: ValidationPolicy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Telemetry,
    pub(crate) client: Arc<HttpClient>,
    pub(crate) door: Arc<Outbound>,
    pub(crate) discovery: Arc<Discovery>,
    pub(crate) keys: Jwks,
    /// There exactly when the settings ask for it.
    pub(crate) introspection: Option<Introspection>,
    /// There exactly when it was switched on.
    pub(crate) refresh: Option<Refresh>,
}

/// Why the tokens of a realm cannot be checked yet.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum NotReady {
    #[error(transparent)]
    Keys(#[from] JwksError),
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
}

impl NotReady {
    /// How the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Keys(error) => error.fault(),
            Self::Discovery(error) => error.fault(),
        }
    }
}

impl Realm {
    /// From settings that were checked. `on_new_keys` is told about each new set, after it is in place.
    ///
    /// # Errors
    /// The certificates are not usable.
    pub(crate) fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        telemetry: Telemetry,
        on_new_keys: Box<dyn Fn(&KeySet) + Send + Sync>,
    ) -> Result<Self, ConfigError> {
        let settings = Arc::new(settings);
        let client = Arc::new(http_client(&settings)?);
        let door = Arc::new(Outbound::new(&settings, Arc::clone(&clock)));
        let discovery = Arc::new(Discovery::new(
            Arc::clone(&settings),
            Arc::clone(&client),
            Arc::clone(&clock),
            telemetry.clone(),
            Arc::clone(&door),
        ));
        let keys = Jwks::new(FetchKeys {
            discovery: Arc::clone(&discovery),
            client: Arc::clone(&client),
            clock: Arc::clone(&clock),
            telemetry: telemetry.clone(),
            door: Arc::clone(&door),
            cache: settings.cache,
            on_new_keys,
            current: ArcSwapOption::empty(),
            streak: Streak::default(),
        });
        let policy = validation_policy(&settings);
        let introspection = Introspection::new(
            Arc::clone(&settings),
            &discovery,
            &client,
            Arc::clone(&door),
            policy.clone(),
            Arc::clone(&clock),
        );
        let refresh = Refresh::new(
            Arc::clone(&settings),
            &discovery,
            &client,
            Arc::clone(&door),
            Arc::clone(&clock),
        );
        Ok(Self {
            settings,
            policy,
            clock,
            telemetry,
            client,
            door,
            discovery,
            keys,
            introspection,
            refresh,
        })
    }

    /// Waits until its tokens can be checked: fetches the keys, or the endpoint to ask, if there are none
    /// yet.
    ///
    /// # Errors
    /// They are not available.
    pub(crate) async fn ready(&self) -> Result<(), NotReady> {
        let check = self.settings.token_check;
        if check != TokenCheck::Introspect {
            self.keys.ready().await?;
        }
        if check != TokenCheck::Local && self.settings.introspection_endpoint.is_none() {
            self.discovery.at_hand().await?;
        }
        Ok(())
    }

    /// Ends background work and closes connections; the keys at hand stay.
    pub(crate) async fn close(&self) {
        self.keys.close().await;
        self.discovery.close().await;
        self.client.close();
    }
}

fn http_client(settings: &Settings) -> Result<HttpClient, ConfigError> {
    let asks = settings.token_check != TokenCheck::Local;
    HttpClient::new(&settings.http, settings.uses_tls(), asks).map_err(|_| {
        ConfigError::new(vec![if settings.http.roots.is_empty() {
            Mistake::new(
                "server_url",
                "`https`, but this machine has no usable certificate authorities",
                "install them (package `ca-certificates`), or give your own by `ca_certificates`",
            )
        } else {
            Mistake::new(
                "ca_certificates",
                "contains something that is not a certificate authority's certificate",
                "give the PEM text of the authority that signed Keycloak's certificate",
            )
        }])
    })
}

fn validation_policy(settings: &Settings) -> ValidationPolicy {
    ValidationPolicy {
        issuers: settings.issuers.clone(),
        audiences: settings.audiences.clone(),
        authorized_parties: settings.authorized_parties.clone(),
        algorithms: settings.algorithms.clone(),
        leeway: settings.leeway,
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realm").finish_non_exhaustive()
    }
}
