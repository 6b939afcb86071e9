//! What the settings warn of: variables that nothing reads, plain `http` to another machine.

use keycloak::{Keycloak, Url, telemetry::names};

use super::events::Log;

#[keycloak::config]
struct Auth {
    server_url: Url,
    realm: String,
    client_id: String,
    client_secret: Option<keycloak::Secret>,
    audience: Vec<String>,
}

fn read(more: &[(&str, &str)]) {
    let required = [
        ("KEYCLOAK_SERVER_URL", "https://sso.example.com"),
        ("KEYCLOAK_REALM", "demo"),
        ("KEYCLOAK_CLIENT_ID", "api"),
    ];
    Auth::from_vars(required.iter().chain(more).copied())
        .and_then(|auth| auth.build())
        .expect("settings");
}

/// One event of each kind.
pub(crate) fn set_up_badly() {
    read(&[("KEYCLOAK_AUDIENCES", "api")]);
    build("http://sso.example.com");
}

fn build(server_url: &str) {
    Keycloak::builder()
        .server_url(server_url)
        .realm("demo")
        .client_id("api")
        .build()
        .expect("settings");
}

#[test]
fn a_misspelt_variable_is_one_warning() {
    let (log, _guard) = Log::begin();
    read(&[
        ("KEYCLOAK_AUTHORIZED_PARTYS", "web"),
        ("KEYCLOAK_LEEWAY", "5s"),
        ("KEYCLOAK_CLIENT_SECRETS", "hunter2"),
        // Read, another program's, or too far away.
        ("KEYCLOAK_AUDIENCE", "api"),
        ("KEYCLOAK_CLIENT_SECRET_FILE", ""),
        ("KEYCLOAK_REALM_EXPORT", "realm.json"),
        ("KEYCLOAK_ADMIN", "admin"),
        ("REALM", "demo"),
    ]);
    let warned: Vec<_> = log
        .of(names::UNREAD_VARIABLE)
        .iter()
        .map(|seen| {
            let (variable, meant) = (seen.field("variable"), seen.field("did_you_mean"));
            (variable.to_owned(), meant.to_owned())
        })
        .collect();
    let pair = |variable: &str, meant: &str| (variable.to_owned(), meant.to_owned());
    assert_eq!(
        warned,
        [
            pair("KEYCLOAK_AUTHORIZED_PARTYS", "KEYCLOAK_AUTHORIZED_PARTIES"),
            pair("KEYCLOAK_CLIENT_SECRETS", "KEYCLOAK_CLIENT_SECRET"),
            pair("KEYCLOAK_LEEWAY", ""),
        ]
    );
    assert!(!format!("{:?}", log.of(names::UNREAD_VARIABLE)).contains("hunter2"));
}

#[test]
fn plain_http_to_another_machine_is_a_warning_and_to_this_one_is_not() {
    for url in [
        "http://localhost:8080",
        "http://kc.localhost:8080",
        "http://127.0.0.1:8080",
        "http://127.8.9.1",
        "http://[::1]:8080",
        "https://sso.example.com",
    ] {
        let (log, _guard) = Log::begin();
        build(url);
        assert!(log.of(names::PLAIN_HTTP).is_empty(), "{url}");
    }
    for url in [
        "http://sso.example.com",
        "http://keycloak:8080",
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://[fe80::1]",
    ] {
        let (log, _guard) = Log::begin();
        build(url);
        let seen = log.of(names::PLAIN_HTTP);
        assert_eq!(seen.len(), 1, "{url}");
        assert_eq!(seen[0].field("options"), "server_url");
    }
    let (log, _guard) = Log::begin();
    Keycloak::builder()
        .server_url("https://sso.example.com")
        .realm("demo")
        .client_id("api")
        .backchannel_url("http://keycloak:8080")
        .jwks_uri("http://keycloak:8080/certs")
        .build()
        .expect("settings");
    assert_eq!(
        log.of(names::PLAIN_HTTP)[0].field("options"),
        "backchannel_url, jwks_uri"
    );
}
