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
