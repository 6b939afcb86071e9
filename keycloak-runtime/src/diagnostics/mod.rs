//! Why it does not work: the state of Keycloak as this service sees it, and the usual mistakes.
//!
//! [`Keycloak::run_diagnostics`](crate::Keycloak::run_diagnostics) asks every endpoint that the
//! service uses, side by side and within 5 seconds, and answers a [`DiagnosticReport`]:
//! name resolution, connection and certificate of each host, HTTP status and latency, whether our
//! own client is accepted, whether the issuer is the expected one, whether a usable key is
//! published, and how far the clocks are apart. The report
//! is a response with status 200 or 503, for callers with a policy;
//! [`Keycloak::health`](crate::Keycloak::health) is the bare status for a public route.
//!
//! ```no_run
//! # async fn f(keycloak: keycloak::Keycloak) {
//! let report = keycloak.run_diagnostics().await;
//! for hint in &report.hints {
//!     eprintln!("{}\n  fix: {}", hint.problem, hint.fix);
//! }
//! # }
//! ```
//!
//! # The classics
//!
//! A [`Classic`] is a usual mistake in the setup of a realm or of this service. The report lists
//! those it sees; a refused token or request is compared with them too: see
//! [`AuthError::looks_like`](crate::AuthError::looks_like), and the event `keycloak.looks_like` in
//! the log, which says once a minute what is wrong and what to change.
//!
//! | code | seen in | what is wrong |
//! |---|---|---|
//! | `issuer_host_mismatch` | token, discovery | Keycloak's host name is another one than ours for it |
//! | `issuer_scheme_mismatch` | token, discovery | `http` here, `https` there: a proxy ends TLS |
//! | `issuer_path_mismatch` | token, discovery | `/auth` is in the one URL and not in the other |
//! | `issuer_of_other_realm` | token | the caller signed in to another realm |
//! | `audience_is_account` | token | the calling client has no audience mapper |
//! | `audience_lacks_client` | token | the audiences are others than ours |
//! | `basic_scope_missing` | token | no `sub`: the calling client lacks the scope `basic` |
//! | `lightweight_token` | token, policy | subject, audience and roles are left out on purpose |
//! | `name_only_groups` | policy | the group mapper leaves the path out |
//! | `undeclared_client` | policy | a negated role or group, and the client is not in `complete_tokens_from` |
//! | `clock_skew` | token, `Date` header | the clocks differ by more than the leeway |
//! | `key_not_published` | token | the key was removed, or is another Keycloak's |
//! | `algorithm_not_allowed` | token, keys | the realm signs with another algorithm |
//! | `not_an_access_token` | token | an ID or refresh token was sent |
//! | `token_too_long` | token | longer than 16 KiB |
//! | `duplicate_member` | token | a member name occurs twice in one object |
//! | `own_client_refused` | introspection, refresh | our client's secret is wrong |
//!
//! The fix of each names the setting in Keycloak's admin console or the builder's option, with our
//! own names filled in. Nothing of a token is in it.

mod assess;
mod findings;
pub(crate) mod look;
mod report;
pub(crate) mod run;
pub(crate) mod throttle;
mod tls;

pub use self::report::{
    DiagnosticReport, DiagnosticStatus, EndpointReport, Health, IssuerReport, KeySetReport,
};
pub use crate::classics::hints::{Classic, Hint};
