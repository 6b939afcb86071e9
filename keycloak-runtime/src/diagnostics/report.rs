//! What `run_diagnostics` answers: a report for people, dashboards and health probes.
//!
//! Invariant: no secret and no token is in it. URLs are those of the settings and of the discovery
//! document, without user info and query.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::classics::hints::Hint;

/// Whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum DiagnosticStatus {
    /// It works.
    Ok,
    /// It does not; the message says why.
    Error,
    /// It is not used with these settings, so it was not looked at.
    Disabled,
}

/// Whether Keycloak can be used, for strangers: the status and nothing else.
///
/// As a response it is `{"status": "OK"}` with 200, or `{"status": "ERROR"}` with 503. Made by
/// [`Keycloak::health`](crate::Keycloak::health).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Health {
    status: DiagnosticStatus,
}

impl Health {
    pub(crate) fn of(status: DiagnosticStatus) -> Self {
        Self { status }
    }

    /// `Ok` or `Error`.
    #[must_use]
    pub fn status(&self) -> DiagnosticStatus {
        self.status
    }

    /// Whether this service can do its work.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status == DiagnosticStatus::Ok
    }

    /// 200 or 503: the status of a health probe.
    #[must_use]
    pub fn http_status(&self) -> StatusCode {
        if self.is_ok() {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

impl IntoResponse for Health {
    fn into_response(self) -> Response {
        (self.http_status(), Json(self)).into_response()
    }
}

/// The state of one endpoint of Keycloak.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EndpointReport {
    /// Its URL, from the settings or from discovery.
    pub endpoint_url: Option<String>,
    /// Whether it answers as it should.
    pub status: DiagnosticStatus,
    /// What was seen, in words.
    pub message: String,
    /// How long the answer took, in milliseconds.
    pub latency_ms: Option<f64>,
    /// The HTTP status of the answer. Endpoints that take `POST` only are asked with `GET` where
    /// a `POST` would change something; 400 and 405 are good signs there.
    pub http_status: Option<u16>,
    /// The TLS protocol, for example `TLSv1_3`; absent for plain `http`.
    pub tls_protocol: Option<String>,
    /// Whether the certificate's chain, names and dates are good; absent for plain `http`.
    pub cert_valid: Option<bool>,
    /// Whole days until the first certificate of the chain ends; negative if one has ended.
    pub cert_expiry_days_remaining: Option<i64>,
    /// Why the certificate is not accepted, with its stable code first.
    pub cert_error_details: Option<String>,
}

impl EndpointReport {
    /// An endpoint that was not looked at.
    pub(crate) fn disabled(endpoint_url: Option<String>, message: &str) -> Self {
        Self::new(endpoint_url, DiagnosticStatus::Disabled, message)
    }

    /// An endpoint that does not work.
    pub(crate) fn error(endpoint_url: Option<String>, message: impl Into<String>) -> Self {
        Self::new(endpoint_url, DiagnosticStatus::Error, message)
    }

    pub(crate) fn new(
        endpoint_url: Option<String>,
        status: DiagnosticStatus,
        message: impl Into<String>,
    ) -> Self {
        Self {
            endpoint_url,
            status,
            message: message.into(),
            latency_ms: None,
            http_status: None,
            tls_protocol: None,
            cert_valid: None,
            cert_expiry_days_remaining: None,
            cert_error_details: None,
        }
    }
}

/// Who Keycloak says it is, against who we take it to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IssuerReport {
    /// The accepted issuers.
    pub expected: Vec<String>,
    /// The `issuer` of the discovery document.
    pub announced: Option<String>,
    /// Whether the announced one is accepted, byte for byte; absent if none was announced.
    pub matches: Option<bool>,
}

/// The health of the realm's key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeySetReport {
    /// Keys that the set holds, of any kind.
    pub published: usize,
    /// Keys that can verify access tokens with the allowed algorithms.
    pub usable: usize,
}

/// The state of Keycloak as this service sees it.
///
/// Serializes to the Python library's report with an overall `status` and more detail. As a
/// response it is that JSON with 200 when `status` is `OK`, and with 503 otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DiagnosticReport {
    /// `Ok` if this service can do its work: every endpoint that it uses works, the issuer is the
    /// expected one, a key is there and the clocks agree.
    pub status: DiagnosticStatus,
    /// The configured server URL.
    pub server_url: String,
    /// The configured realm.
    pub realm: String,
    /// False if TLS verification was switched off.
    pub ssl_verification_enabled: bool,
    /// Announced against accepted issuers.
    pub issuer: IssuerReport,
    /// How far Keycloak's clock is ahead of ours, in seconds; negative if it is behind. From the
    /// `Date` header, so exact to about a second; absent if no answer had one.
    pub clock_skew_seconds: Option<i64>,
    /// The key set; absent if it could not be fetched.
    pub keys: Option<KeySetReport>,
    /// `/.well-known/openid-configuration` of the realm.
    pub oidc_discovery: EndpointReport,
    /// The key set's endpoint.
    pub jwks_uri: EndpointReport,
    /// The introspection endpoint; disabled unless tokens are introspected.
    pub introspection: EndpointReport,
    /// The token endpoint; disabled unless tokens are refreshed.
    pub token: EndpointReport,
    /// The logout endpoint; disabled if the realm announces none.
    pub end_session: EndpointReport,
    /// The classics that were recognised, each with its fix.
    pub hints: Vec<Hint>,
}

impl DiagnosticReport {
    /// Whether this service can do its work.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status == DiagnosticStatus::Ok
    }

    /// 200 or 503: the status of a health probe.
    #[must_use]
    pub fn http_status(&self) -> StatusCode {
        Health::of(self.status).http_status()
    }
}

impl IntoResponse for DiagnosticReport {
    fn into_response(self) -> Response {
        (self.http_status(), Json(self)).into_response()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A report on a realm that is as it should be.
    pub(in crate::diagnostics) fn report() -> DiagnosticReport {
        let ok = |path: &str| {
            let url = format!("http://kc/{path}");
            EndpointReport::new(Some(url), DiagnosticStatus::Ok, "HTTP 200")
        };
        DiagnosticReport {
            status: DiagnosticStatus::Ok,
            server_url: "http://kc".to_owned(),
            realm: "demo".to_owned(),
            ssl_verification_enabled: true,
            issuer: IssuerReport {
                expected: vec!["http://kc/realms/demo".to_owned()],
                announced: Some("http://kc/realms/demo".to_owned()),
                matches: Some(true),
            },
            clock_skew_seconds: Some(0),
            keys: Some(KeySetReport {
                published: 2,
                usable: 1,
            }),
            oidc_discovery: ok("discovery"),
            jwks_uri: ok("certs"),
            introspection: EndpointReport::disabled(None, "off"),
            token: EndpointReport::disabled(None, "off"),
            end_session: ok("logout"),
            hints: Vec::new(),
        }
    }

    #[test]
    fn keeps_the_fields_of_the_python_report() {
        let json = serde_json::to_value(report()).unwrap();
        for field in ["server_url", "realm", "ssl_verification_enabled"] {
            assert!(!json[field].is_null(), "{field}");
        }
        for endpoint in ["oidc_discovery", "jwks_uri", "introspection", "token"] {
            let members = json[endpoint].as_object().unwrap();
            for field in [
                "endpoint_url",
                "status",
                "message",
                "latency_ms",
                "cert_valid",
                "cert_expiry_days_remaining",
                "cert_error_details",
            ] {
                assert!(members.contains_key(field), "{endpoint}.{field}");
            }
        }
        assert_eq!(json["status"], json!("OK"));
        assert_eq!(json["introspection"]["status"], json!("DISABLED"));
        assert_eq!(json["hints"], Value::Array(Vec::new()));
    }

    #[test]
    fn answers_a_probe_by_the_overall_status() {
        let mut report = report();
        assert_eq!(report.clone().into_response().status(), StatusCode::OK);
        report.status = DiagnosticStatus::Error;
        let status = report.into_response().status();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
