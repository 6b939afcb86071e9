//! `build()`: every mistake at once, each with the option's name; and what is no mistake.

use std::time::Duration;

use keycloak::{Algorithm, ConfigError, Keycloak, KeycloakBuilder, Secret};

fn good() -> KeycloakBuilder {
    Keycloak::builder()
        .server_url("https://sso.example.com")
        .realm("demo")
        .client_id("api")
}

fn names(error: &ConfigError) -> Vec<&str> {
    error
        .mistakes()
        .iter()
        .map(keycloak::Mistake::name)
        .collect()
}

#[track_caller]
fn check(builder: KeycloakBuilder, expected: &[&str]) {
    let error = builder.build().unwrap_err();
    assert_eq!(names(&error), expected, "{error}");
    for mistake in error.mistakes() {
        assert!(!mistake.problem().is_empty() && !mistake.fix().is_empty());
        assert!(error.to_string().contains(&mistake.to_string()));
    }
}

#[test]
fn works_outside_of_an_async_runtime() {
    good().build().unwrap();
}

#[test]
fn nothing_set_names_everything_required() {
    check(Keycloak::builder(), &["server_url", "realm", "client_id"]);
}

#[test]
fn all_mistakes_come_at_once() {
    check(
        Keycloak::builder()
            .server_url("ftp://host")
            .realm("a/b")
            .client_id(" api")
            .client_secret("")
            .audience(["", "x"])
            .any_audience()
            .issuer("\u{7}")
            .algorithms(["HS256", "none"])
            .groups_claim("")
            .jwks_uri("/relative")
            .leeway(Duration::from_secs(301))
            .http_timeouts(Duration::ZERO, Duration::from_secs(61))
            .openapi_security_scheme("a b", ["two words"]),
        &[
            "server_url",
            "realm",
            "client_id",
            "client_secret",
            "audience",
            "any_audience",
            "issuer",
            "algorithms",
            "algorithms",
            "groups_claim",
            "jwks_uri",
            "leeway",
            "connect_timeout",
            "read_timeout",
            "openapi_security_scheme",
            "openapi_security_scheme",
        ],
    );
}

#[test]
fn server_urls_that_cannot_be_meant() {
    for url in [
        "",
        "sso.example.com",
        "https://",
        "https://user:pass@sso.example.com",
        "https://sso.example.com?x=1",
        "https://sso.example.com#x",
        "https://sso.example.com/realms/demo",
        "https://sso.example.com/ auth",
        "https:\\\\sso.example.com",
        "file:///etc/passwd",
    ] {
        check(good().server_url(url), &["server_url"]);
    }
    for url in [
        "http://127.0.0.1:8080",
        "https://sso.example.com/",
        "https://sso.example.com/auth/",
        "https://[::1]:8443",
    ] {
        good().server_url(url).build().unwrap();
    }
    good()
        .server_url(keycloak::Url::parse("https://sso.example.com").unwrap())
        .build()
        .unwrap();
}

#[test]
fn passwords_and_secrets_are_not_repeated() {
    let error = good()
        .server_url("https://user:hunter2@sso.example.com")
        .client_secret(" hunter2 ")
        .build()
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let builder = good().client_secret(Secret::from("hunter2"));
    let shown = format!("{builder:?}");
    assert!(!shown.contains("hunter2"));
    assert!(!format!("{:?}", builder.build().unwrap()).contains("hunter2"));
}

#[test]
fn plain_http_endpoints_of_an_https_server_need_a_back_channel() {
    check(good().jwks_uri("http://keycloak:8080/certs"), &["jwks_uri"]);
    good()
        .jwks_uri("http://keycloak:8080/certs")
        .backchannel_url("http://keycloak:8080")
        .build()
        .unwrap();
}

#[test]
fn one_or_many_values_are_taken_in_every_usual_form() {
    let owned = String::from("a");
    for builder in [
        good()
            .audience("a")
            .issuer("https://a")
            .algorithms([Algorithm::ES256]),
        good()
            .audience(owned.clone())
            .algorithms(vec![Algorithm::RS256]),
        good().audience(&owned).algorithms(["PS256", "EdDSA"]),
        good()
            .audience(["a", "b"])
            .issuer(["https://a", "https://b"]),
        good()
            .audience(vec![owned.clone()])
            .issuer(vec!["https://a"]),
        good().audience(&["a", "b"][..]).algorithms(Algorithm::ALL),
        good().audience(Vec::<String>::new()),
        good()
            .client_secret(None::<Secret>)
            .client_secret(Some("x")),
    ] {
        builder.build().unwrap();
    }
    check(good().algorithms(Vec::<Algorithm>::new()), &["algorithms"]);
}

#[test]
fn certificates_must_be_certificates() {
    let nothing = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "/etc/ssl/ca.pem", nothing] {
        check(good().ca_certificates(pem), &["ca_certificates"]);
    }
    let signed = support::tls::Authority::new();
    good().ca_certificates(signed.pem()).build().unwrap();
}
