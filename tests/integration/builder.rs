//! `build()`: every mistake at once, each with the option's name; and settings that are not a mistake.

use std::time::Duration;

use keycloak::{Algorithm, ConfigError, Keycloak, KeycloakBuilder, Secret, TokenCheck};

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
            .authorized_parties(Vec::<String>::new())
            .proxy("nowhere")
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
            "authorized_parties",
            "algorithms",
            "algorithms",
            "groups_claim",
            "jwks_uri",
            "leeway",
            "connect_timeout",
            "read_timeout",
            "proxy",
            "openapi_security_scheme",
            "openapi_security_scheme",
        ],
    );
}

#[test]
fn how_tokens_are_checked_is_said_once() {
    for check in [TokenCheck::Local, TokenCheck::Introspect] {
        let builder = || good().client_secret("s3cret");
        for both in [
            builder().use_token_introspection().token_check(check),
            builder().token_check(check).use_token_introspection(),
        ] {
            let error = both.build().unwrap_err();
            assert_eq!(names(&error), ["use_token_introspection"], "{error}");
            assert_eq!(
                error.mistakes()[0].problem(),
                "set together with `token_check`"
            );
        }
        builder().token_check(check).build().unwrap();
    }
    check(good().use_token_introspection(), &["client_secret"]);
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
        "https://sso.example.com/realms",
        "https://sso.example.com/auth/realms/",
        "\"https://sso.example.com\"",
        "https://${HOST}",
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
fn a_base_url_for_calls_is_not_the_realms_either() {
    for url in [
        "http://keycloak:8080/realms",
        "http://keycloak:8080/realms/demo",
    ] {
        check(good().backchannel_url(url), &["backchannel_url"]);
    }
}

#[test]
fn a_list_that_restricts_is_not_empty_by_accident() {
    let nothing = Vec::<String>::new;
    check(
        good().authorized_parties(nothing()),
        &["authorized_parties"],
    );
    check(good().authorized_parties(""), &["authorized_parties"]);
    check(
        good().authorized_parties(["web"]).any_authorized_party(),
        &["any_authorized_party"],
    );
    good().any_authorized_party().build().unwrap();
    good()
        .authorized_parties(nothing())
        .any_authorized_party()
        .build()
        .unwrap();
    // What falls back to a strict default may be empty.
    good()
        .audience(nothing())
        .issuer(nothing())
        .build()
        .unwrap();
}

#[test]
fn texts_that_a_file_or_a_shell_damaged_are_refused_with_the_cure() {
    for (text, cure) in [
        ("\"demo\"", "remove the quotation marks"),
        ("'demo'", "remove the quotation marks"),
        ("[\"demo\"]", "separate the entries by commas"),
        ("${REALM}", "expand"),
        ("$REALM", "expand"),
        ("\u{feff}demo", "byte order mark"),
    ] {
        for (name, builder) in [
            ("realm", good().realm(text)),
            ("client_id", good().client_id(text)),
            ("audience", good().audience(["api", text])),
            ("issuer", good().issuer(text)),
            ("authorized_parties", good().authorized_parties(text)),
            ("groups_claim", good().groups_claim(text)),
            ("backchannel_url", good().backchannel_url(text)),
            ("jwks_uri", good().jwks_uri(text)),
            ("proxy", good().proxy(text)),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(names(&error), [name], "{error}");
            assert!(error.to_string().contains(cure), "{error}");
        }
    }
    for secret in ["\"s3cret\"", "${SECRET}", "\u{feff}s3cret"] {
        check(good().client_secret(secret), &["client_secret"]);
    }
    good()
        .client_secret("it's ${a} \"s3cret\"!")
        .build()
        .unwrap();
}

/// It is what `fn main() -> Result<(), ConfigError>` prints.
#[test]
fn debug_of_the_error_is_its_text() {
    let error = Keycloak::builder().build().unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(error.to_string().lines().count() == 4, "{error}");
}

#[test]
fn passwords_and_secrets_are_not_repeated() {
    let error = good()
        .server_url("https://user:hunter2@sso.example.com")
        .client_secret(" hunter2 ")
        .proxy("ftp://user:hunter2@proxy")
        .backchannel_url("https://user:hunter2@sso.example.com/realms")
        .issuer(" https://user:hunter2@sso.example.com")
        .audience(["api", "hunter2 "])
        .authorized_parties(["hunter2 "])
        .algorithms(["hunter2"])
        .openapi_security_scheme("keycloak", ["hunter2 hunter2"])
        .build()
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert_eq!(error.mistakes().len(), 9, "{error}");
    let builder = good()
        .client_secret(Secret::from("hunter2"))
        .proxy("http://user:hunter2@proxy:3128");
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
