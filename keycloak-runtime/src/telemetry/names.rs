//! Names, tags and units of the metrics: stable, like any other public name.

/// Time from a token in hand to the verdict on it, in milliseconds.
pub const TOKEN_VALIDATION_LATENCY_MS: &str = "fc_kc_token_validation_latency_ms";
/// Tokens judged.
pub const TOKEN_VALIDATION_TOTAL: &str = "fc_kc_token_validation_total";
/// Tokens accepted.
pub const TOKEN_VALIDATION_SUCCESS_TOTAL: &str = "fc_kc_token_validation_success_total";
/// Tokens refused, or not judged because Keycloak could not be asked.
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

/// Tag: how a token was judged: `jwt`, `introspection` or `cache`.
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
        "Time to judge an access token, in milliseconds",
    ),
    counter(TOKEN_VALIDATION_TOTAL, "Access tokens judged"),
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
