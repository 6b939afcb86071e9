//! The vocabulary: every field name that `#[config]` knows, which is every option of the builder
//! that can sensibly come from the environment.
//!
//! The runtime has one function of the same name for each (`__private::config::options`); a test
//! of the workspace builds a struct with all of them, so the two lists cannot drift apart.

/// Options with a value of their own.
pub(crate) const OPTIONS: &[&str] = &[
    "server_url",
    "realm",
    "client_id",
    "client_secret",
    "audience",
    "any_audience",
    "issuer",
    "authorized_parties",
    "any_authorized_party",
    "algorithms",
    "leeway",
    "groups_claim",
    "name_only_groups",
    "complete_tokens_from",
    "jwks_uri",
    "introspection_endpoint",
    "token_endpoint",
    "backchannel_url",
    "token_check",
    "use_token_introspection",
    "enable_token_refresh",
    "explain_refusals",
    "discovery_ttl",
    "jwks_ttl",
    "stale_keys",
    "refetch_refill",
    "token_cache_bytes",
    "introspection_ttl",
    "connect_timeout",
    "read_timeout",
    "proxy",
];

/// Without these no `Keycloak` can be built.
pub(crate) const REQUIRED: &[&str] = &["server_url", "realm", "client_id"];

/// Names of the builder that cannot be fields, and what to write instead.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    (
        "http_timeouts",
        "it takes two durations; write the fields `connect_timeout` and `read_timeout`",
    ),
    (
        "cache_settings",
        "write its settings as fields: `discovery_ttl`, `jwks_ttl`, `stale_keys`, \
         `refetch_refill`, `token_cache_bytes`, `introspection_ttl`",
    ),
    (
        "ca_certificates",
        "read the file and call `.builder().ca_certificates(pem)`",
    ),
    ("error_body", "call `.builder().error_body(..)`"),
    ("dangerous", DANGER),
    ("danger_accept_invalid_certs", DANGER),
    (
        "openapi_security_scheme",
        "call `.builder().openapi_security_scheme(name, scopes)`",
    ),
    (
        "metrics_collector",
        "call `.builder().metrics_collector(..)`",
    ),
];

/// About options that weaken security.
const DANGER: &str = "an option that weakens security is set in code, not in the environment; \
                      call `.builder().danger_accept_invalid_certs()`";

/// Whether `name` is an option of the builder.
pub(crate) fn is_option(name: &str) -> bool {
    OPTIONS.contains(&name)
}
