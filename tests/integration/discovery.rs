//! Discovery and the ways around it: issuers, back channel, configured endpoints.

use keycloak::{Algorithm, AuthError, Keycloak};
use serde_json::json;
use support::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, claims, with},
    world::{CLIENT, builder},
};

const PUBLIC: &str = "https://sso.example.com";

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256, "k1")
}

async fn judge(keycloak: &Keycloak, key: &SigningKey, issuer: &str) -> Result<(), AuthError> {
    let token = key.token(&claims(issuer, CLIENT, "alice"));
    keycloak.authenticate_token(&token).await.map(drop)
}

fn public_issuer() -> String {
    format!("{PUBLIC}/realms/{REALM}")
}

/// The document of a Keycloak whose public name is [`PUBLIC`].
fn public_document(issuer: &Issuer, endpoints_at: &str) -> serde_json::Value {
    let text = issuer.discovery_document().to_string();
    let mut document: serde_json::Value =
        serde_json::from_str(&text.replace(issuer.server_url(), endpoints_at)).unwrap();
    document["issuer"] = json!(public_issuer());
    document
}

#[tokio::test]
async fn a_back_channel_keeps_the_public_issuer() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    // Endpoints under the public name (fixed hostname), or under the one that was asked
    // (`hostname-backchannel-dynamic`): both are asked for at the back channel.
    for endpoints_at in [PUBLIC, issuer.server_url()] {
        issuer.discover(&public_document(&issuer, endpoints_at));
        let keycloak = builder(PUBLIC)
            .backchannel_url(issuer.server_url())
            .build()
            .unwrap();
        judge(&keycloak, &key, &public_issuer()).await.unwrap();
        let internal = judge(&keycloak, &key, &issuer.issuer()).await.unwrap_err();
        assert_eq!(internal.status(), 401, "the internal name is not an issuer");
        let config = keycloak.provider_metadata().await.unwrap();
        assert_eq!(config.issuer, public_issuer());
    }
}

#[tokio::test]
async fn a_longer_host_is_not_rewritten_to_the_back_channel() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let mut document = public_document(&issuer, PUBLIC);
    document["jwks_uri"] = json!(format!("{PUBLIC}.evil.example/realms/{REALM}/certs"));
    issuer.discover(&document);
    let keycloak = builder(PUBLIC)
        .backchannel_url(issuer.server_url())
        .build()
        .unwrap();
    let error = judge(&keycloak, &key, &public_issuer()).await.unwrap_err();
    assert_eq!(error.code(), "keycloak_config_error");
    assert_eq!(issuer.jwks_requests(), 0);
}

#[tokio::test]
async fn configured_issuers_replace_the_derived_one() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    issuer.discover(&public_document(&issuer, issuer.server_url()));
    let keycloak = builder(issuer.server_url()).build().unwrap();
    let error = judge(&keycloak, &key, &public_issuer()).await.unwrap_err();
    assert_eq!(
        error.status(),
        503,
        "discovery names an issuer that is not configured"
    );

    let both = [
        public_issuer(),
        "https://old.example.com/realms/x".to_owned(),
    ];
    let keycloak = builder(issuer.server_url()).issuer(&both).build().unwrap();
    for accepted in &both {
        judge(&keycloak, &key, accepted).await.unwrap();
    }
    for refused in [
        issuer.issuer(),
        format!("{}/", both[0]),
        both[0].to_uppercase(),
    ] {
        let error = judge(&keycloak, &key, &refused).await.unwrap_err();
        assert_eq!(error.status(), 401, "{refused}");
    }
}

#[tokio::test]
async fn a_trailing_slash_and_a_path_of_the_server_url_are_no_matter() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = builder(&format!("{}//", issuer.server_url()))
        .build()
        .unwrap();
    judge(&keycloak, &key, &issuer.issuer()).await.unwrap();
    let old_path = builder(&format!("{}/auth/", issuer.server_url()))
        .jwks_uri(format!("{}/protocol/openid-connect/certs", issuer.issuer()))
        .build()
        .unwrap();
    let with_path = format!("{}/auth/realms/{REALM}", issuer.server_url());
    judge(&old_path, &key, &with_path).await.unwrap();
}

#[tokio::test]
async fn configured_keys_need_no_discovery_and_may_be_elsewhere() {
    let key = key();
    let elsewhere = Issuer::start(&[&key]).await;
    let issuer = Issuer::start(&[]).await;
    let keycloak = builder(issuer.server_url())
        .jwks_uri(format!(
            "{}/protocol/openid-connect/certs",
            elsewhere.issuer()
        ))
        .build()
        .unwrap();
    judge(&keycloak, &key, &issuer.issuer()).await.unwrap();
    assert_eq!(issuer.discovery_requests() + issuer.jwks_requests(), 0);
    assert_eq!(elsewhere.jwks_requests(), 1);
}

#[tokio::test]
async fn discovery_with_a_member_twice_or_of_the_wrong_type_is_refused() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let good = issuer.discovery_document();
    for changes in [
        json!({ "issuer": [good["issuer"]] }),
        json!({ "jwks_uri": { "url": good["jwks_uri"] } }),
        json!({ "token_endpoint": 7 }),
    ] {
        issuer.discover(&with(&good, changes.clone()));
        let keycloak = builder(issuer.server_url()).build().unwrap();
        let error = judge(&keycloak, &key, &issuer.issuer()).await.unwrap_err();
        assert_eq!(error.code(), "keycloak_config_error", "{changes}");
    }
}

#[tokio::test]
async fn authorized_parties_are_an_allow_list() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = builder(issuer.server_url())
        .authorized_parties(["mobile", "web"])
        .build()
        .unwrap();
    judge(&keycloak, &key, &issuer.issuer()).await.unwrap();
    let strict = builder(issuer.server_url())
        .authorized_parties("mobile")
        .build()
        .unwrap();
    let error = judge(&strict, &key, &issuer.issuer()).await.unwrap_err();
    assert_eq!(error.code(), "invalid_claims");
}

#[tokio::test]
async fn the_document_is_fetched_once_and_kept() {
    let issuer = Issuer::start(&[&key()]).await;
    let keycloak = builder(issuer.server_url()).build().unwrap();
    for _ in 0..3 {
        let config = keycloak.provider_metadata().await.unwrap();
        assert_eq!(
            serde_json::to_value(config).unwrap()["issuer"],
            issuer.issuer()
        );
    }
    keycloak.ready().await.unwrap();
    assert_eq!(
        (issuer.discovery_requests(), issuer.jwks_requests()),
        (1, 1)
    );
}
