//! Names, tags and units of the metrics, names of the events: stable, like any other public name.

/// Time to verify a token and validate its claims, in milliseconds.
pub const TOKEN_VALIDATION_LATENCY_MS: &str = "fc_kc_token_validation_latency_ms";
/// Tokens checked.
pub const TOKEN_VALIDATION_TOTAL: &str = "fc_kc_token_validation_total";
/// Tokens accepted.
pub const TOKEN_VALIDATION_SUCCESS_TOTAL: &str = "fc_kc_token_validation_success_total";
/// Tokens refused, or not checked because Keycloak could not be asked.
pub const TOKEN_VALIDATION_FAILURE_TOTAL: &str = "fc_kc_token_validation_failure_total";
/// Duration of a refresh, in milliseconds.
pub const TOKEN_REFRESH_LATENCY_MS: &str = "fc_kc_token_refresh_latency_ms";
/// Refreshes asked for.
pub const TOKEN_REFRESH_TOTAL: &str = "fc_kc_token_refresh_total";
/// Refreshes that brought new tokens.
pub const TOKEN_REFRESH_SUCCESS_TOTAL: &str = "fc_kc_token_refresh_success_total";
/// Refreshes that failed.
pub const TOKEN_REFRESH_FAILURE_TOTAL: &str = "fc_kc_token_refresh_failure_total";
/// Duration of one fetch of the key set, in milliseconds.
pub const JWKS_FETCH_LATENCY_MS: &str = "fc_kc_jwks_fetch_latency_ms";
/// Duration of one fetch of the discovery document, in milliseconds.
pub const OIDC_FETCH_LATENCY_MS: &str = "fc_kc_oidc_fetch_latency_ms";
/// Key lookups that found the key.
pub const JWKS_CACHE_HITS_TOTAL: &str = "fc_kc_jwks_cache_hits_total";
/// Key lookups that did not find the key at once.
pub const JWKS_CACHE_MISSES_TOTAL: &str = "fc_kc_jwks_cache_misses_total";
/// Requests refused, refreshes and fetches failed, by `error_code`.
pub const ERRORS_TOTAL: &str = "fc_kc_errors_total";

/// Tag: how a token was checked: `jwt`, `introspection` or `cache`.
pub const TAG_METHOD: &str = "method";
/// Tag: our own client id, as configured.
pub const TAG_CLIENT_ID: &str = "client_id";
/// Tag: the realm, as configured.
pub const TAG_REALM: &str = "realm";
/// Tag: the `error.code` of the answer.
pub const TAG_ERROR_CODE: &str = "error_code";

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Observations in milliseconds.
    HistogramMs,
}

/// One metric: what a dashboard or a `describe` call needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// The stable name.
    pub name: &'static str,
    /// Counter, or histogram in milliseconds.
    pub kind: Kind,
    /// One sentence for the exporter's help line.
    pub help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    let kind = Kind::Counter;
    Metric { name, kind, help }
}

const fn histogram(name: &'static str, help: &'static str) -> Metric {
    let kind = Kind::HistogramMs;
    Metric { name, kind, help }
}

/// All thirteen metrics.
pub const ALL: &[Metric] = &[
    histogram(
        TOKEN_VALIDATION_LATENCY_MS,
        "Time to check an access token, in milliseconds",
    ),
    counter(TOKEN_VALIDATION_TOTAL, "Access tokens checked"),
    counter(TOKEN_VALIDATION_SUCCESS_TOTAL, "Access tokens accepted"),
    counter(TOKEN_VALIDATION_FAILURE_TOTAL, "Access tokens not accepted"),
    histogram(
        TOKEN_REFRESH_LATENCY_MS,
        "Duration of token refreshes, in milliseconds",
    ),
    counter(TOKEN_REFRESH_TOTAL, "Token refreshes asked for"),
    counter(
        TOKEN_REFRESH_SUCCESS_TOTAL,
        "Token refreshes that succeeded",
    ),
    counter(TOKEN_REFRESH_FAILURE_TOTAL, "Token refreshes that failed"),
    histogram(
        JWKS_FETCH_LATENCY_MS,
        "Duration of key set fetches, in milliseconds",
    ),
    histogram(
        OIDC_FETCH_LATENCY_MS,
        "Duration of discovery fetches, in milliseconds",
    ),
    counter(JWKS_CACHE_HITS_TOTAL, "Key lookups that found the key"),
    counter(
        JWKS_CACHE_MISSES_TOTAL,
        "Key lookups that did not find the key at once",
    ),
    counter(
        ERRORS_TOTAL,
        "Requests refused, refreshes and fetches failed",
    ),
];

/// One event of the log: its name is in the event's metadata and in its field `event`, so that it
/// is also in lines of formats that leave the metadata out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The stable name.
    pub name: &'static str,
    /// When it is written, in one sentence.
    pub help: &'static str,
}

const fn event(name: &'static str, help: &'static str) -> Event {
    Event { name, help }
}

/// A request was answered with a refusal.
pub const REFUSED: Event = event("keycloak.refused", "A request was answered with a refusal");
/// Refusals look like a usual mistake in the setup.
pub const LOOKS_LIKE: Event = event(
    "keycloak.looks_like",
    "Requests are refused, and it looks like a usual mistake in the setup",
);
/// A token was not accepted.
pub const TOKEN_REFUSED: Event = event("keycloak.token_refused", "A token was not accepted");
/// A caller is known and not admitted.
pub const POLICY_DENIED: Event = event(
    "keycloak.policy_denied",
    "A caller is known and not admitted",
);
/// A refresh failed.
pub const REFRESH_FAILED: Event = event("keycloak.refresh_failed", "A refresh failed");
/// A policy names a path parameter that the route does not have.
pub const UNKNOWN_PARAMETER: Event = event(
    "keycloak.unknown_parameter",
    "A policy names a path parameter that the route does not have",
);
/// A rule of the application failed.
pub const RULE_FAILED: Event = event("keycloak.rule_failed", "A rule of the application failed");
/// The discovery document was fetched.
pub const DISCOVERY_FETCHED: Event = event(
    "keycloak.discovery_fetched",
    "The discovery document was fetched",
);
/// An attempt to fetch the discovery document failed.
pub const DISCOVERY_FAILED: Event = event(
    "keycloak.discovery_failed",
    "An attempt to fetch the discovery document failed",
);
/// The realm's keys were fetched.
pub const KEYS_FETCHED: Event = event("keycloak.keys_fetched", "The realm's keys were fetched");
/// An attempt to fetch the realm's keys failed.
pub const KEYS_FAILED: Event = event(
    "keycloak.keys_failed",
    "An attempt to fetch the realm's keys failed",
);
/// A published key is of no use here.
pub const KEY_SKIPPED: Event = event("keycloak.key_skipped", "A published key is of no use here");
/// An unknown key id came too soon after the last one.
pub const REFETCH_DENIED: Event = event(
    "keycloak.refetch_denied",
    "An unknown key id came too soon after the last one",
);
/// An endpoint errs for several sessions, and is left alone for a moment.
pub const ENDPOINT_PAUSED: Event = event(
    "keycloak.endpoint_paused",
    "An endpoint errs for several sessions, and is left alone for a moment",
);
/// TLS verification is switched off.
pub const INSECURE_TLS: Event = event("keycloak.insecure_tls", "TLS verification is switched off");
/// Keycloak is called by plain `http` on another machine.
pub const PLAIN_HTTP: Event = event(
    "keycloak.plain_http",
    "Keycloak is called by plain http on another machine",
);
/// A variable of the environment that nothing reads looks like one of the settings.
pub const UNREAD_VARIABLE: Event = event(
    "keycloak.unread_variable",
    "A variable that nothing reads looks like one of the settings",
);
/// A layer cannot see the matched route.
pub const LAYER_OUTSIDE_OF_ROUTER: Event = event(
    "keycloak.layer_outside_of_router",
    "A layer cannot see the matched route",
);
/// A public path is not a pattern.
pub const BAD_PUBLIC_PATH: Event =
    event("keycloak.bad_public_path", "A public path is not a pattern");
/// An embedded realm starts.
pub const EMBEDDED_REALM: Event = event("keycloak.embedded_realm", "An embedded realm starts");
/// Something of a realm export is not modelled by the embedded realm.
pub const EMBEDDED_REALM_NOTE: Event = event(
    "keycloak.embedded_realm_note",
    "A remark on the realm export of an embedded realm",
);

/// All events.
pub const EVENTS: &[Event] = &[
    REFUSED,
    LOOKS_LIKE,
    TOKEN_REFUSED,
    POLICY_DENIED,
    UNKNOWN_PARAMETER,
    RULE_FAILED,
    REFRESH_FAILED,
    DISCOVERY_FETCHED,
    DISCOVERY_FAILED,
    KEYS_FETCHED,
    KEYS_FAILED,
    KEY_SKIPPED,
    REFETCH_DENIED,
    ENDPOINT_PAUSED,
    INSECURE_TLS,
    PLAIN_HTTP,
    UNREAD_VARIABLE,
    BAD_PUBLIC_PATH,
    LAYER_OUTSIDE_OF_ROUTER,
    EMBEDDED_REALM,
    EMBEDDED_REALM_NOTE,
];
