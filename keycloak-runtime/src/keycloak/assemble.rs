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
    error::Presentation,
    error::watch::RefusalWatch,
    jose::jwt::ValidationPolicy,
    keycloak::KeycloakBuilder,
    realm::{
        discovery::Discovery,
        introspection::Introspection,
        signing_keys::{FetchKeys, Jwks},
        tokens::Refresh,
    },
    settings::{ConfigError, Mistake, Settings, TokenCheck},
    telemetry::{Telemetry, emit},
    transport::{http_client::HttpClient, outbound::Outbound, refresher::Streak},
};

impl Keycloak {
    /// From settings that were judged.
    ///
    /// # Errors
    /// The certificates are not usable.
    pub(crate) fn assemble(
        settings: Settings,
        rules: ClaimRules,
        builder: KeycloakBuilder,
    ) -> Result<Self, ConfigError> {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        let settings = Arc::new(settings);
        let KeycloakBuilder {
            metrics,
            clock,
            error_body,
            ..
        } = builder;
        if settings.http.accept_invalid_certs {
            emit!(
                WARN,
                "keycloak",
                INSECURE_TLS,
                realm = settings.realm,
                "INSECURE: any TLS certificate is accepted from Keycloak (`dangerous`); whoever is \
                 on the way can make tokens"
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
                "plain http to a host that is not this machine: whoever is on the way reads what \
                 is sent there and can answer in Keycloak's place; use https"
            );
        }
        let telemetry = match metrics {
            Some(collector) => Telemetry::new(collector, &settings.realm, &settings.client_id),
            None => Telemetry::off(),
        };
        let client = Arc::new(http_client(&settings)?);
        let door = Arc::new(Outbound::new(&settings, Arc::clone(&clock)));
        let discovery = Arc::new(Discovery::new(
            Arc::clone(&settings),
            Arc::clone(&client),
            Arc::clone(&clock),
            telemetry.clone(),
            Arc::clone(&door),
        ));
        let cache = Arc::new(TokenCache::new(settings.cache.token_cache_bytes));
        let jwks = Jwks::new(FetchKeys {
            discovery: Arc::clone(&discovery),
            client: Arc::clone(&client),
            clock: Arc::clone(&clock),
            telemetry: telemetry.clone(),
            door: Arc::clone(&door),
            cache: settings.cache,
            on_new_keys: {
                let cache = Arc::clone(&cache);
                Box::new(move |keys| cache.retain_keys(keys))
            },
            current: ArcSwapOption::empty(),
            streak: Streak::default(),
        });
        let introspection = introspection(&settings, &discovery, &client, &door, &clock);
        let refresh = Refresh::new(
            Arc::clone(&settings),
            Arc::clone(&discovery),
            Arc::clone(&client),
            Arc::clone(&door),
            Arc::clone(&clock),
        );
        let presentation = Arc::new(Presentation {
            realm: settings.realm.clone(),
            body: error_body,
            watch: RefusalWatch::new(
                telemetry.clone(),
                &settings.realm,
                &settings.client_id,
                &settings.issuers,
            ),
        });
        let authenticator = Authenticator {
            settings: Arc::clone(&settings),
            policy: validation_policy(&settings),
            rules: Arc::new(rules),
            cache,
            jwks,
            introspection,
            clock,
            telemetry: telemetry.clone(),
        };
        Ok(Self(Arc::new(Inner {
            instance: INSTANCES.fetch_add(1, Ordering::Relaxed),
            settings,
            presentation,
            telemetry,
            client,
            discovery,
            authenticator,
            refresh,
            throttle: Throttle::default(),
            door,
        })))
    }
}

/// `None` where the settings do not ask for it.
fn introspection(
    settings: &Arc<Settings>,
    discovery: &Arc<Discovery>,
    client: &Arc<HttpClient>,
    door: &Arc<Outbound>,
    clock: &Arc<dyn Clock>,
) -> Option<Introspection> {
    if settings.token_check == TokenCheck::Local {
        return None;
    }
    Introspection::new(
        Arc::clone(settings),
        Arc::clone(discovery),
        Arc::clone(client),
        Arc::clone(door),
        validation_policy(settings),
        Arc::clone(clock),
    )
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
                "contains something that is no certificate authority's certificate",
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
