//! From what was seen of an endpoint to what the report says: no I/O.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use serde_json::Value;

use super::{
    look::Seen,
    report::{DiagnosticStatus, EndpointReport, KeySetReport},
    run::DEADLINE,
};
use crate::{
    base::foreign::Foreign,
    jose::jwk::KeySet,
    realm::{client_auth, discovery::ProviderMetadata},
    settings::Settings,
    transport::http_client::Answer,
};

/// Certificates that end in fewer days are mentioned.
const SOON: i64 = 14;

/// What an endpoint is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// `GET` of the discovery document.
    Discovery,
    /// `GET` of the key set.
    Keys,
    /// `POST` of a made-up token, as our client: whether the client is accepted, and nothing more.
    Introspection,
    /// `POST` of a made-up refresh token, as our client.
    Token,
    /// `GET`, which ends no session without the parameters of a logout.
    EndSession,
}

/// The report on one endpoint; `None` if its URL is not known.
pub(super) fn endpoint(
    seen: Option<&Seen>,
    question: Question,
    settings: &Settings,
) -> EndpointReport {
    let Some(seen) = seen else {
        return EndpointReport::error(
            None,
            "its URL is not known: discovery gave none that may be used, and none is configured",
        );
    };
    let (status, message) = status(seen, question, settings);
    let mut report =
        EndpointReport::new(Some(Foreign::url(&seen.url).to_string()), status, message);
    if let Some(Ok(answer)) = &seen.answer {
        report.http_status = Some(answer.status.as_u16());
        report.latency_ms = Some(seen.latency.as_secs_f64() * 1_000.0);
    }
    if let Some(tls) = seen.road.as_ref().and_then(|road| road.tls.as_ref()) {
        report.tls_protocol.clone_from(&tls.protocol);
        report.cert_valid = Some(tls.valid);
        report.cert_expiry_days_remaining = tls.days_remaining;
        report.cert_error_details = tls
            .fault
            .as_ref()
            .map(|(code, reason)| format!("{code}: {reason}"));
    }
    report
}

fn status(seen: &Seen, question: Question, settings: &Settings) -> (DiagnosticStatus, String) {
    let broken = seen.road.as_ref().and_then(|road| road.broken.as_ref());
    let (status, message) = match (&seen.answer, broken) {
        (Some(Ok(answer)), _) => answered(answer, question, settings),
        // The road says where it broke; the client's error only that it did.
        (Some(Err(_)) | None, Some(broken)) => (DiagnosticStatus::Error, broken.clone()),
        (Some(Err(error)), None) => (DiagnosticStatus::Error, error.to_string()),
        (None, None) => {
            let message = format!("no answer within {} s", DEADLINE.as_secs());
            (DiagnosticStatus::Error, message)
        }
    };
    if status != DiagnosticStatus::Ok {
        return (status, message);
    }
    let tls = seen.road.as_ref().and_then(|road| road.tls.as_ref());
    let days = tls.and_then(|tls| tls.days_remaining);
    let message = match (broken, days) {
        // Only where TLS verification is off.
        (Some(broken), _) => format!("{message}, but without TLS verification; {broken}"),
        (None, Some(days)) if days < SOON => {
            format!("{message}, but the certificate ends in {days} days")
        }
        (None, _) => message,
    };
    (status, message)
}

fn answered(
    answer: &Answer,
    question: Question,
    settings: &Settings,
) -> (DiagnosticStatus, String) {
    let code = answer.status.as_u16();
    let ok = |what: &str| (DiagnosticStatus::Ok, format!("HTTP {code}{what}"));
    let error = |what: String| (DiagnosticStatus::Error, format!("HTTP {code}{what}"));
    match (question, answer.status) {
        (Question::Discovery | Question::Keys, StatusCode::OK) => ok(""),
        (Question::Discovery, StatusCode::NOT_FOUND) => error(format!(
            ": no realm `{}` here; check `realm` and the path of `server_url` (Keycloak before 17, \
             and with `http-relative-path`, has one such as `/auth`)",
            settings.realm
        )),
        (Question::Introspection, StatusCode::OK) => match member(&answer.body, "active") {
            Some(Value::Bool(_)) => ok(", this service's client is accepted"),
            Some(_) | None => error(": not an introspection answer".to_owned()),
        },
        (Question::Introspection | Question::Token, status) => {
            match member(&answer.body, "error")
                .as_ref()
                .and_then(Value::as_str)
            {
                Some("invalid_grant") if question == Question::Token => {
                    ok(", this service's client is accepted")
                }
                Some(refused @ ("invalid_client" | "unauthorized_client" | "access_denied")) => {
                    error(format!(
                        " {refused}: Keycloak does not accept the client `{}` with its secret for \
                         this; compare with Clients > {0} > Credentials",
                        settings.client_id
                    ))
                }
                Some(_) | None if status == StatusCode::UNAUTHORIZED => error(format!(
                    ": Keycloak does not accept the client `{}` with its secret",
                    settings.client_id
                )),
                Some(_) | None => error(": not the answer of this endpoint".to_owned()),
            }
        }
        (Question::EndSession, status)
            if !status.is_server_error() && status != StatusCode::NOT_FOUND =>
        {
            ok("")
        }
        (Question::Discovery | Question::Keys | Question::EndSession, _) => error(String::new()),
    }
}

/// Whether Keycloak said that it does not accept our client.
pub(super) fn refuses_client(seen: &Seen) -> bool {
    match &seen.answer {
        Some(Ok(answer)) => client_auth::our_fault(answer).is_some(),
        Some(Err(_)) | None => false,
    }
}

fn member(body: &[u8], name: &str) -> Option<Value> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(mut members) => members.remove(name),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

/// The discovery document, if that is what came.
pub(super) fn document(seen: &Seen) -> Option<ProviderMetadata> {
    serde_json::from_slice(ok_body(seen)?).ok()
}

/// The key set: what it holds, and how much of it verifies tokens of ours. An error says what is
/// wrong with it.
pub(super) fn keys(seen: &Seen, settings: &Settings) -> Option<Result<KeySetReport, String>> {
    let set = match KeySet::parse(ok_body(seen)?) {
        Ok(set) => set,
        Err(error) => return Some(Err(error.to_string())),
    };
    Some(Ok(KeySetReport {
        published: set.len().saturating_add(set.skipped()),
        usable: set.usable_for(&settings.algorithms),
    }))
}

fn ok_body(seen: &Seen) -> Option<&[u8]> {
    match &seen.answer {
        Some(Ok(answer)) if answer.status == StatusCode::OK => Some(&answer.body),
        Some(_) | None => None,
    }
}

/// How far the server's clock is ahead of ours, in whole seconds.
pub(super) fn clock_skew(seen: &Seen) -> Option<i64> {
    let Some(Ok(answer)) = &seen.answer else {
        return None;
    };
    // The header was written somewhere between question and answer, and cut to the second.
    let written = seen.answered_at.checked_sub(seen.latency.div_f64(2.0))?;
    let shown = answer.date?.checked_add(Duration::from_millis(500))?;
    let skew = millis(shown).saturating_sub(millis(written));
    // Towards zero: less than the header's own precision is not a difference.
    skew.checked_div(1_000)
}

fn millis(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{
        diagnostics::tls::{Handshake, Road},
        keycloak::Keycloak,
        transport::http_client::HttpError,
    };

    fn at(seconds: u64) -> SystemTime {
        let since = Duration::from_secs(seconds);
        UNIX_EPOCH.checked_add(since).unwrap()
    }

    fn keycloak() -> Keycloak {
        Keycloak::builder()
            .server_url("https://kc.example")
            .realm("demo")
            .client_id("demo-api")
            .build()
            .unwrap()
    }

    fn seen(status: u16, body: &str) -> Seen {
        Seen {
            url: Url::parse("https://user:pw@kc.example/realms/demo?x=1#y").unwrap(),
            answer: Some(Ok(Answer {
                status: StatusCode::from_u16(status).unwrap(),
                date: None,
                body: body.as_bytes().to_vec(),
            })),
            latency: Duration::from_millis(250),
            answered_at: at(1_000_000),
            road: None,
        }
    }

    #[track_caller]
    fn check(question: Question, status: u16, body: &str, ok: bool, message: &str) {
        let keycloak = keycloak();
        let report = endpoint(Some(&seen(status, body)), question, keycloak.settings());
        let expected = if ok {
            DiagnosticStatus::Ok
        } else {
            DiagnosticStatus::Error
        };
        assert_eq!(report.status, expected, "{report:?}");
        assert!(report.message.contains(message), "{report:?}");
        assert_eq!(report.http_status, Some(status));
        assert_eq!(report.latency_ms, Some(250.0));
    }

    #[test]
    fn judges_the_answers_of_get_endpoints() {
        check(Question::Discovery, 200, "{}", true, "HTTP 200");
        check(Question::Discovery, 404, "", false, "no realm `demo` here");
        check(Question::Discovery, 503, "", false, "HTTP 503");
        check(Question::Keys, 204, "", false, "HTTP 204");
        check(Question::EndSession, 400, "", true, "HTTP 400");
        check(Question::EndSession, 404, "", false, "HTTP 404");
        check(Question::EndSession, 500, "", false, "HTTP 500");
    }

    #[test]
    fn tells_whether_keycloak_accepts_our_client() {
        let inactive = r#"{"active": false}"#;
        let invalid = r#"{"error": "invalid_client", "error_description": "hush"}"#;
        let grant = r#"{"error": "invalid_grant"}"#;
        check(Question::Introspection, 200, inactive, true, "is accepted");
        check(
            Question::Introspection,
            200,
            "<html>",
            false,
            "not an introspection",
        );
        check(
            Question::Introspection,
            200,
            r#"{"active": "no"}"#,
            false,
            "not an introspection",
        );
        check(
            Question::Introspection,
            401,
            invalid,
            false,
            "client `demo-api`",
        );
        check(Question::Introspection, 400, grant, false, "not the answer");
        check(Question::Token, 400, grant, true, "is accepted");
        check(
            Question::Token,
            401,
            invalid,
            false,
            "Clients > demo-api > Credentials",
        );
        check(Question::Token, 401, "", false, "client `demo-api`");
        check(Question::Token, 502, "<html>", false, "not the answer");
    }

    #[test]
    fn repeats_nothing_of_a_body() {
        let keycloak = keycloak();
        let body = r#"{"error": "invalid_client", "error_description": "hush"}"#;
        let report = endpoint(Some(&seen(401, body)), Question::Token, keycloak.settings());
        assert!(!format!("{report:?}").contains("hush"));
    }

    #[test]
    fn shows_no_user_info_and_no_query() {
        let keycloak = keycloak();
        let report = endpoint(Some(&seen(200, "")), Question::Keys, keycloak.settings());
        let url = report.endpoint_url.unwrap();
        assert_eq!(url, "https://kc.example/realms/demo");
    }

    #[test]
    fn the_road_says_where_it_broke() {
        let keycloak = keycloak();
        let mut broken = seen(200, "");
        broken.road = Some(Road {
            broken: Some("TLS: expired".to_owned()),
            tls: Some(Handshake {
                protocol: Some("TLSv1_3".to_owned()),
                valid: false,
                days_remaining: Some(-3),
                fault: Some(("cert_expired", "expired".to_owned())),
            }),
        });
        let report = |seen: &Seen| endpoint(Some(seen), Question::Keys, keycloak.settings());
        // Verification is off: it works, and the report says at what price.
        let dangerous = report(&broken);
        assert_eq!(dangerous.status, DiagnosticStatus::Ok);
        assert!(dangerous.message.contains("without TLS verification"));
        assert_eq!(dangerous.cert_valid, Some(false));
        assert_eq!(dangerous.cert_expiry_days_remaining, Some(-3));
        let details = dangerous.cert_error_details.unwrap();
        assert_eq!(details, "cert_expired: expired");

        broken.answer = Some(Err(HttpError::TooLarge));
        let refused = report(&broken);
        assert_eq!(refused.status, DiagnosticStatus::Error);
        assert_eq!(refused.message, "TLS: expired");
        assert_eq!(refused.latency_ms, None);

        broken.answer = None;
        broken.road = None;
        assert_eq!(report(&broken).message, "no answer within 5 s");
    }

    #[test]
    fn a_certificate_that_ends_soon_is_worth_a_word() {
        let keycloak = keycloak();
        let message = |days| {
            let mut seen = seen(200, "");
            seen.road = Some(Road {
                broken: None,
                tls: Some(Handshake {
                    protocol: None,
                    valid: true,
                    days_remaining: Some(days),
                    fault: None,
                }),
            });
            let report = endpoint(Some(&seen), Question::Keys, keycloak.settings());
            assert_eq!(report.status, DiagnosticStatus::Ok);
            report.message
        };
        assert_eq!(message(14), "HTTP 200");
        assert!(message(13).contains("ends in 13 days"));
    }

    #[test]
    fn clocks_within_the_precision_of_the_header_agree() {
        let mut answered = seen(200, "");
        let mut skew = |date: u64| {
            if let Some(Ok(answer)) = &mut answered.answer {
                answer.date = Some(at(date));
            }
            clock_skew(&answered)
        };
        assert_eq!(skew(1_000_000), Some(0));
        assert_eq!(skew(999_999), Some(0));
        assert_eq!(skew(1_000_090), Some(90));
        assert_eq!(skew(999_910), Some(-89));
        assert_eq!(clock_skew(&seen(200, "")), None);
    }

    #[test]
    fn counts_keys_for_the_allowed_algorithms_only() {
        let keycloak = keycloak();
        let jwks = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}, {"kty": "oct"}]}"#;
        let found = keys(&seen(200, jwks), keycloak.settings())
            .unwrap()
            .unwrap();
        assert_eq!((found.published, found.usable), (2, 0));
        assert!(
            keys(&seen(200, "[]"), keycloak.settings())
                .unwrap()
                .is_err()
        );
        assert_eq!(keys(&seen(500, jwks), keycloak.settings()), None);
    }
}
