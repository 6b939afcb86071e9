//! Puts the parts of a [`Keycloak`] together; nothing is started and nothing is fetched.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwapOption;

use super::{Inner, Keycloak};
use crate::{
    authenticate::{authenticator::Authenticator, token_cache::TokenCache},
    base::clock::Clock,
    caller::ClaimRules,
    diagnostics::throttle::Throttle,
    error::{ErrorBody, Presentation, watch::RefusalWatch},
    jose::jwt::ValidationPolicy,
    keycloak::KeycloakBuilder,
    realm::{
        discovery::Discovery,
        introspection::Introspection,
        signing_keys::{FetchKeys, Jwks},
        tokens::Refresh,
    },
    settings::{ConfigError, Mistake, Settings, TokenCheck},
    telemetry::{MetricsCollector, Telemetry, emit},
    transport::{http_client::HttpClient, outbound::Outbound, refresher::Streak},
};

/// What every part that calls Keycloak shares.
struct Shared {
    settings: Arc<Settings>,
    client: Arc<HttpClient>,
    door: Arc<Outbound>,
    clock: Arc<dyn Clock>,
    telemetry: Telemetry,
}

impl Keycloak {
    /// From settings that were checked.
    ///
    /// # Errors
    /// The certificates are not usable.
    pub(crate) fn assemble(
        settings: Settings,
        rules: ClaimRules,
        builder: KeycloakBuilder,
    ) -> Result<Self, ConfigError> {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        let KeycloakBuilder {
            metrics,
            clock,
            error_body,
            ..
        } = builder;
        warn_of_weak_transport(&settings);
        let shared = Shared::new(settings, clock, metrics)?;
        let discovery = Arc::new(shared.discovery());
        let cache = Arc::new(TokenCache::new(shared.settings.cache.token_cache_bytes));
        let authenticator = Authenticator {
            settings: Arc::clone(&shared.settings),
            policy: validation_policy(&shared.settings),
            rules: Arc::new(rules),
            jwks: shared.keys(&discovery, &cache),
            introspection: shared.introspection(&discovery),
            cache,
            clock: Arc::clone(&shared.clock),
            telemetry: shared.telemetry.clone(),
        };
        Ok(Self(Arc::new(Inner {
            instance: INSTANCES.fetch_add(1, Ordering::Relaxed),
            presentation: Arc::new(shared.presentation(error_body)),
            refresh: shared.refresh(&discovery),
            discovery,
            authenticator,
            throttle: Throttle::default(),
            settings: shared.settings,
            telemetry: shared.telemetry,
            client: shared.client,
            door: shared.door,
        })))
    }
}

impl Shared {
    fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        metrics: Option<Box<dyn MetricsCollector>>,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Arc::new(http_client(&settings)?),
            door: Arc::new(Outbound::new(&settings, Arc::clone(&clock))),
            telemetry: match metrics {
                Some(collector) => Telemetry::new(collector, &settings.realm, &settings.client_id),
                None => Telemetry::off(),
            },
            settings: Arc::new(settings),
            clock,
        })
    }

    fn discovery(&self) -> Discovery {
        Discovery::new(
            Arc::clone(&self.settings),
            Arc::clone(&self.client),
            Arc::clone(&self.clock),
            self.telemetry.clone(),
            Arc::clone(&self.door),
        )
    }

    /// The realm's keys; new ones end what `cache` remembers by those that are gone.
    fn keys(&self, discovery: &Arc<Discovery>, cache: &Arc<TokenCache>) -> Jwks {
        let cache = Arc::clone(cache);
        Jwks::new(FetchKeys {
            discovery: Arc::clone(discovery),
            client: Arc::clone(&self.client),
            clock: Arc::clone(&self.clock),
            telemetry: self.telemetry.clone(),
            door: Arc::clone(&self.door),
            cache: self.settings.cache,
            on_new_keys: Box::new(move |keys| cache.retain_keys(keys)),
            current: ArcSwapOption::empty(),
            streak: Streak::default(),
        })
    }

    /// `None` where the settings do not ask for it.
    fn introspection(&self, discovery: &Arc<Discovery>) -> Option<Introspection> {
        if self.settings.token_check == TokenCheck::Local {
            return None;
        }
        Introspection::new(
            Arc::clone(&self.settings),
            discovery,
            &self.client,
            Arc::clone(&self.door),
            validation_policy(&self.settings),
            Arc::clone(&self.clock),
        )
    }

    fn refresh(&self, discovery: &Arc<Discovery>) -> Option<Refresh> {
        Refresh::new(
            Arc::clone(&self.settings),
            discovery,
            &self.client,
            Arc::clone(&self.door),
            Arc::clone(&self.clock),
        )
    }

    fn presentation(&self, body: Option<Box<ErrorBody>>) -> Presentation {
        let settings = &self.settings;
        Presentation {
            realm: settings.realm.clone(),
            body,
            watch: RefusalWatch::new(
                self.telemetry.clone(),
                &settings.realm,
                &settings.client_id,
                &settings.issuers,
            ),
        }
    }
}

/// Logs once what an attacker on the network could do because of these settings.
fn warn_of_weak_transport(settings: &Settings) {
    if settings.http.accept_invalid_certs {
        emit!(
            WARN,
            "keycloak",
            INSECURE_TLS,
            realm = settings.realm,
            "INSECURE: any TLS certificate is accepted from Keycloak \
             (`danger_accept_invalid_certs`); an attacker on the network can make tokens"
        );
    }
    let plain = settings.plain_http();
    if !plain.is_empty() {
        emit!(
            WARN,
            "keycloak",
            PLAIN_HTTP,
            realm = settings.realm,
            options = plain.join(", "),
            "plain http to a host that is not this machine: an attacker on the network can read \
             what is sent there and answer in Keycloak's place; use https"
        );
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
