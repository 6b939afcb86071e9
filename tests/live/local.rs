//! Local checks against the real server: audience, issuer, algorithms, endpoints, keys, and who
//! comes out of it (rows S2 to S6, S15 and S20 of the feature list).

use keycloak::{Algorithm, Keycloak, KeycloakBuilder};
use serde_json::json;
use support::real::{
    CLIENT, OTHER_CLIENT, TokenEndpoint,
    tokens::{header, text, with_another_signature},
};

use super::server::{Live, live};

pub(crate) fn builder(live: &Live) -> KeycloakBuilder {
    Keycloak::builder()
        .server_url(&live.url)
        .realm("demo")
        .client_id(CLIENT.0)
        .client_secret(CLIENT.1)
}

async fn code(keycloak: &Keycloak, token: &str) -> &'static str {
    match keycloak.authenticate_token(token).await {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

#[tokio::test]
async fn a_user_is_what_the_token_says() {
    let Some(live) = live().await else { return };
    let keycloak = builder(&live).build().expect("good settings");
    let token = live.tokens.access_token("alice").await;
    let alice = keycloak
        .authenticate_token(&token)
        .await
        .expect("a good token");
    assert_eq!(alice.subject(), "00000000-0000-4000-8000-000000000001");
    assert_eq!(alice.username(), Some("alice"));
    assert_eq!(alice.email(), Some("alice@example.org"));
    assert_eq!(alice.name(), Some("Alice Demo"));
    assert!(alice.realm_roles().contains("auditor"));
    assert!(alice.client_roles("demo-api").contains("reports-writer"));
    assert!(alice.has_role("admin") && alice.in_group("/ops"));
    assert!(alice.scopes().contains("openid"));
    assert_eq!(alice.claim::<bool>("contractor"), Some(false));
    let json = serde_json::to_value(&alice).expect("a user serializes");
    assert_eq!(json["sub"], alice.subject());
    assert!(!format!("{alice:?}").contains(&token));
}

#[tokio::test]
async fn only_access_tokens_for_us_are_accepted() {
    let Some(live) = live().await else { return };
    let keycloak = builder(&live).build().expect("good settings");
    let answer = live.tokens.login(CLIENT, "bob", "openid").await;
    let access = text(&answer, "access_token");
    assert_eq!(code(&keycloak, &access).await, "accepted");
    assert_eq!(
        code(&keycloak, &text(&answer, "id_token")).await,
        "invalid_claims"
    );
    let refresh = text(&answer, "refresh_token");
    assert_eq!(code(&keycloak, &refresh).await, "invalid_algorithm");

    let altered = with_another_signature(&access);
    assert_eq!(code(&keycloak, &altered).await, "invalid_signature");

    let foreign = text(
        &live.tokens.login(OTHER_CLIENT, "bob", "openid").await,
        "access_token",
    );
    // Bob has no role of any client, so his token has no `aud` at all.
    assert_eq!(code(&keycloak, &foreign).await, "missing_claim");
    let lax = builder(&live)
        .any_audience()
        .build()
        .expect("good settings");
    assert_eq!(code(&lax, &foreign).await, "accepted");
}

#[tokio::test]
async fn the_audience_is_ours_or_one_of_those_named() {
    let Some(live) = live().await else { return };
    let token = live.tokens.access_token("bob").await;
    for (audience, expected) in [
        (vec!["demo-api"], "accepted"),
        (vec!["another", "demo-api"], "accepted"),
        (vec!["another"], "invalid_claims"),
    ] {
        let keycloak = builder(&live)
            .audience(audience.clone())
            .build()
            .expect("good settings");
        assert_eq!(code(&keycloak, &token).await, expected, "{audience:?}");
    }
}

#[tokio::test]
async fn the_issuer_is_compared_byte_for_byte() {
    let Some(live) = live().await else { return };
    // In development mode the server takes its name from the request.
    let elsewhere = live.issuer.replace("127.0.0.1", "localhost");
    let token = TokenEndpoint::of(&elsewhere).access_token("bob").await;
    let keycloak = builder(&live).build().expect("good settings");
    assert_eq!(code(&keycloak, &token).await, "invalid_claims");

    let both = builder(&live)
        .issuer([live.issuer.as_str(), elsewhere.as_str()])
        .build()
        .expect("good settings");
    assert_eq!(code(&both, &token).await, "accepted");
    let ours = live.tokens.access_token("bob").await;
    assert_eq!(code(&both, &ours).await, "accepted");
}

#[tokio::test]
async fn every_algorithm_family_verifies_and_only_allowed_ones() {
    let Some(live) = live().await else { return };
    let families = [
        "RS384", "RS512", "PS256", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ];
    for name in families {
        let client = format!("client-{}", name.to_lowercase());
        live.admin
            .create_client(json!({
                "clientId": client,
                "secret": "secret",
                "serviceAccountsEnabled": true,
                "attributes": { "access.token.signed.response.alg": name },
                "defaultClientScopes": ["basic", "demo-api-audience"],
            }))
            .await;
        let token = live.tokens.service_account((&client, "secret")).await;
        assert_eq!(header(&token)["alg"], name);

        let default = builder(&live).build().expect("good settings");
        assert_eq!(code(&default, &token).await, "invalid_algorithm", "{name}");
        let algorithm: Algorithm = name.parse().expect("a known algorithm");
        let allowed = builder(&live)
            .algorithms([Algorithm::RS256, algorithm])
            .build()
            .expect("good settings");
        assert_eq!(code(&allowed, &token).await, "accepted", "{name}");
    }
}

#[tokio::test]
async fn explicit_endpoints_replace_those_of_discovery() {
    let Some(live) = live().await else { return };
    let base = format!("{}/protocol/openid-connect", live.issuer);
    let keycloak = builder(&live)
        .jwks_uri(format!("{base}/certs"))
        .token_endpoint(format!("{base}/token"))
        .introspection_endpoint(format!("{base}/token/introspect"))
        .enable_token_refresh()
        .build()
        .expect("good settings");
    let answer = live.tokens.login(CLIENT, "bob", "openid").await;
    let token = text(&answer, "access_token");
    assert_eq!(code(&keycloak, &token).await, "accepted");
    keycloak
        .refresh_token(&text(&answer, "refresh_token"))
        .await
        .expect("the token endpoint answers");

    let wrong = builder(&live)
        .jwks_uri(format!("{base}/nowhere"))
        .build()
        .expect("good settings");
    let error = wrong.authenticate_token(&token).await.expect_err("no keys");
    assert_eq!(error.status(), 503);
}

#[tokio::test]
async fn ready_and_discovery_and_close() {
    let Some(live) = live().await else { return };
    let keycloak = builder(&live).build().expect("good settings");
    keycloak.ready().await.expect("the server is up");
    let metadata = keycloak
        .provider_metadata()
        .await
        .expect("the server is up");
    assert_eq!(metadata.issuer, live.issuer);
    keycloak.close().await;

    let wrong = Keycloak::builder()
        .server_url(&live.url)
        .realm("nowhere")
        .client_id(CLIENT.0)
        .build()
        .expect("good settings");
    assert_eq!(wrong.ready().await.expect_err("no realm").status(), 503);
}

#[tokio::test]
async fn a_rotated_key_loses_no_request() {
    let Some(live) = live().await else { return };
    let keycloak = builder(&live).build().expect("good settings");
    let before = live.tokens.access_token("bob").await;
    assert_eq!(code(&keycloak, &before).await, "accepted");

    live.admin.rotate_keys("RS256", 1000).await;
    let after = live.tokens.access_token("bob").await;
    assert_ne!(header(&before)["kid"], header(&after)["kid"]);
    for token in [&after, &before, &after] {
        assert_eq!(code(&keycloak, token).await, "accepted");
    }
}
