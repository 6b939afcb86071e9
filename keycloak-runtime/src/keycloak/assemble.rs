//! Puts the parts of a [`Keycloak`] together; nothing is started and nothing is fetched.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{
    Inner, Keycloak,
    trusted::{Realms, Trusted},
};
use crate::{
    authenticate::{authenticator::Authenticator, token_cache::TokenCache},
    caller::ClaimRules,
    diagnostics::throttle::Throttle,
    error::{Presentation, watch::RefusalWatch},
    keycloak::KeycloakBuilder,
    realm::Realm,
    settings::{ConfigError, Settings},
    telemetry::{Telemetry, emit},
};

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
        let telemetry = match metrics {
            Some(collector) => Telemetry::new(collector, &settings.realm, &settings.client_id),
            None => Telemetry::off(),
        };
        let cache = Arc::new(TokenCache::new(settings.cache.token_cache_bytes));
        // New keys end what is remembered by those that are gone.
        let remembered = Arc::clone(&cache);
        let on_new_keys = Box::new(move |keys: &_| remembered.retain_keys(keys));
        let realm = Arc::new(Realm::new(settings, clock, telemetry, on_new_keys)?);
        Ok(Self(Arc::new(Inner {
            instance: INSTANCES.fetch_add(1, Ordering::Relaxed),
            realms: Realms::of(Trusted {
                presentation: Arc::new(Presentation {
                    realm: Arc::clone(&realm),
                    body: error_body,
                    watch: RefusalWatch::new(),
                }),
                authenticator: Authenticator {
                    realm,
                    rules: Arc::new(rules),
                    cache,
                },
                throttle: Throttle::default(),
            }),
        })))
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
