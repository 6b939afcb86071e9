//! What operators see of us: thirteen metrics and a handful of `tracing` events.
//!
//! Invariants: names, tags and units are stable (they are part of the API and follow semantic
//! versioning). Every tag value is fixed at `build()` or one of a closed set of our own words, so
//! no caller can grow the number of series. No token, secret or claim value is ever in a tag, a
//! span or an event. Without a collector nothing is measured and nothing is allocated.
//!
//! # Metrics
//!
//! | name | kind, unit | tags |
//! |---|---|---|
//! | `fc_kc_token_validation_latency_ms` | histogram, milliseconds | `method`, `client_id`, `realm`, on failure `error_code` |
//! | `fc_kc_token_validation_total` | counter | `method`, `client_id`, `realm` |
//! | `fc_kc_token_validation_success_total` | counter | `method`, `client_id`, `realm` |
//! | `fc_kc_token_validation_failure_total` | counter | `method`, `client_id`, `realm`, `error_code` |
//! | `fc_kc_token_refresh_latency_ms` | histogram, milliseconds | `client_id`, `realm`, on failure `error_code` |
//! | `fc_kc_token_refresh_total` | counter | `client_id`, `realm` |
//! | `fc_kc_token_refresh_success_total` | counter | `client_id`, `realm` |
//! | `fc_kc_token_refresh_failure_total` | counter | `client_id`, `realm`, `error_code` |
//! | `fc_kc_jwks_fetch_latency_ms` | histogram, milliseconds | `client_id`, `realm`, on failure `error_code` |
//! | `fc_kc_oidc_fetch_latency_ms` | histogram, milliseconds | `client_id`, `realm`, on failure `error_code` |
//! | `fc_kc_jwks_cache_hits_total` | counter | `client_id`, `realm` |
//! | `fc_kc_jwks_cache_misses_total` | counter | `client_id`, `realm` |
//! | `fc_kc_errors_total` | counter | `error_code`, `client_id`, `realm` |
//!
//! - `method` is `jwt` (signature and claims checked here), `introspection` (Keycloak was asked)
//!   or `cache` (the same token was verified a moment ago).
//! - `error_code` is the `error.code` of the answer, for example `token_expired`.
//! - A validation is counted once a token is there to be checked, so total = success + failure.
//!   Requests without a usable header, and callers that are known but not admitted (403), count in
//!   `fc_kc_errors_total` alone.
//! - `fc_kc_errors_total` counts each refused request once, each failed refresh once and each
//!   failed fetch of discovery or keys once.
//! - A key lookup is a hit when the key was there, and one miss otherwise, whatever the refetch
//!   brings. A token from the verified-token cache looks up no key.
//!
//! # Spans and events
//!
//! All of them have the target `keycloak` or one below it, and these names; an event has its name
//! also in the field `event`, for formats that leave the metadata out. Spans are at `DEBUG`; a token
//! that the cache knows opens none.
//!
//! | span | around |
//! |---|---|
//! | `keycloak.validate_token` | the check of a token that the cache does not know |
//! | `keycloak.fetch_discovery`, `keycloak.fetch_keys` | one attempt to fetch |
//! | `keycloak.introspect`, `keycloak.refresh_token` | one question to Keycloak, whoever shares it |
//!
//! | event | level | fields | when |
//! |---|---|---|---|
//! | `keycloak.refused` | `DEBUG` | `realm`, `code`, `status`, `looks_like`, `sub` | a request was answered with a refusal |
//! | `keycloak.looks_like` | `WARN` | `realm`, `code`, `looks_like`, `problem`, `fix` | as above, and it looks like a usual mistake in the setup; once a minute for each |
//! | `keycloak.token_refused` | `DEBUG` | `code`, `cause` | a token was not accepted |
//! | `keycloak.policy_denied` | `DEBUG` | `policy`, `sub`, `path`, `reason` | a caller is known and not admitted; `path` has the path parameters, where the policy names some |
//! | `keycloak.rule_failed` | `ERROR` | `error` | a `check` or `require` answered with an error |
//! | `keycloak.unknown_parameter` | `ERROR` | `policy`, `parameter`, `route` | a policy names a path parameter that the route does not have; once for each |
//! | `keycloak.refresh_failed` | `INFO` | `code`, `cause` | a refresh failed |
//! | `keycloak.discovery_fetched`, `keycloak.discovery_failed` | `DEBUG`, `WARN` | `url`, `error` | an attempt ended; failures in a row are warned of about once a minute |
//! | `keycloak.keys_fetched`, `keycloak.keys_failed` | `DEBUG`, `WARN` | `keys`, `skipped`; `url`, `error`, `age_of_keys` | as above, for the keys |
//! | `keycloak.key_skipped` | `DEBUG` | `reason` | a published key is of no use here |
//! | `keycloak.refetch_denied` | `DEBUG` | | an unknown key id came too soon after the last |
//! | `keycloak.endpoint_paused` | `WARN` | `endpoint`, `code` | calls for several sessions in a row brought no answer, so that requests are answered 503 for a moment; once per pause, warned of about once a minute |
//! | `keycloak.insecure_tls` | `WARN` | `realm` | TLS verification was switched off |
//! | `keycloak.plain_http` | `WARN` | `realm`, `options` | an option is a plain `http` URL of another machine |
//! | `keycloak.unread_variable` | `WARN` | `variable`, `did_you_mean` | a variable that nothing reads looks like a setting |
//! | `keycloak.layer_outside_of_router` | `ERROR` | | a layer is outside of the router, its public paths stay closed |
//! | `keycloak.bad_public_path` | `ERROR` | `path` | a public path is not a pattern |
//! | `keycloak.embedded_realm` | `WARN` | `issuer` | an embedded realm starts (feature `dev-realm`) |
//! | `keycloak.embedded_realm_note` | `WARN` | `realm` | a remark on its export |
//!
//! Events and spans of calls to Keycloak come from the one thread that all calls and all deadlines of
//! the process are on: a `tracing` subscriber must not block, there as anywhere.
//!
//! `looks_like` is the code of a [`Classic`](crate::classics::Classic). `url` is without user info
//! and query.
//!
//! Two events are about the caller. `sub` is the subject of a caller whose token was accepted and
//! who is not admitted; other callers are unknown. The `reason` of `keycloak.policy_denied` names
//! the roles, groups and scopes that the caller has, so that a refusal can be understood; switch the
//! target `keycloak::authorization` off where logs must not hold them. No event holds values of other
//! claims.
//!
//! Texts of a token or of Keycloak are written with control characters, line separators and the like
//! as escapes, and at most 256 characters of them: they cannot begin a line of their own.

mod collector;
mod emit;
#[cfg(feature = "metrics")]
mod facade;
pub mod names;
mod recorder;

pub use self::collector::{MetricsCollector, Tags};
pub(crate) use self::emit::emit;
#[cfg(feature = "metrics")]
pub use self::facade::MetricsFacade;
pub(crate) use self::recorder::{Fetch, Method, Telemetry};
