//! What tests can do to a running realm, and what a service built from it sees.

use std::time::Duration;

use keycloak::{
    Fault,
    dev::{Endpoint, Realm, TokenError},
};
use serde_json::json;

use super::{
    client::{http, part, password, token},
    fixture::rich,
};

#[tokio::test]
async fn a_service_built_from_the_realm_accepts_its_tokens() {
    let realm = rich().await;
    let keycloak = realm.keycloak("api").build().unwrap();
    let user = keycloak
        .authenticate_token(&realm.token("alice").await.unwrap())
        .await
        .unwrap();
    assert!(user.has_role("admin") && user.in_group("/ops"));
    for client in ["es", "ed", "ps"] {
        let request = realm.token("alice").client(client);
        let request = if client == "ps" {
            request.scopes(["roles"])
        } else {
            request
        };
        let token = request.await.unwrap();
        keycloak.authenticate_token(&token).await.unwrap();
    }
    // Not for us: the audience of another client's token lacks `api`.
    let foreign = realm.token("dave").client("other").await.unwrap();
    let refused = keycloak.authenticate_token(&foreign).await.unwrap_err();
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn moved_clocks_expire_tokens() {
    let realm = rich().await;
    let keycloak = realm.keycloak("api").build().unwrap();
    let token = realm.token("alice").await.unwrap();
    keycloak.authenticate_token(&token).await.unwrap();
    realm.advance(Duration::from_secs(400));
    let refused = keycloak.authenticate_token(&token).await.unwrap_err();
    assert_eq!(refused.fault(), &Fault::TokenExpired);
    let fresh = realm.token("alice").await.unwrap();
    keycloak.authenticate_token(&fresh).await.unwrap();
    let old = realm.token("alice").issued_ago(Duration::from_secs(3_600));
    let refused = keycloak.authenticate_token(&old.await.unwrap()).await;
    assert_eq!(refused.unwrap_err().fault(), &Fault::TokenExpired);
}

#[tokio::test]
async fn rotated_keys_are_found_and_withdrawn_ones_refused() {
    let realm = rich().await;
    let keycloak = realm.keycloak("api").build().unwrap();
    let old = realm.token("alice").await.unwrap();
    keycloak.authenticate_token(&old).await.unwrap();
    let before = realm.signing_key_id();
    realm.rotate_keys().unwrap();
    assert_ne!(realm.signing_key_id(), before);
    let new = realm.token("alice").await.unwrap();
    keycloak.authenticate_token(&new).await.unwrap();
    keycloak.authenticate_token(&old).await.unwrap();

    assert!(realm.disable_key(&before).unwrap());
    let fresh = realm.keycloak("api").build().unwrap();
    let refused = fresh.authenticate_token(&old).await.unwrap_err();
    assert_eq!(refused.fault(), &Fault::UnknownKid);
}

#[tokio::test]
async fn hits_are_counted_and_an_outage_ends_on_the_same_port() {
    let realm = rich().await;
    let url = format!("{}/protocol/openid-connect/certs", realm.issuer_url());
    assert_eq!(realm.request_count(Endpoint::Jwks), 0);
    let answer = http().get(&url).send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-cache");
    let keys: serde_json::Value = answer.json().await.unwrap();
    let keys = keys["keys"].as_array().unwrap();
    let encryption: Vec<_> = keys.iter().filter(|key| key["use"] == "enc").collect();
    assert_eq!(encryption.len(), 1);
    assert_eq!(encryption[0]["alg"], "RSA-OAEP");
    assert_eq!(realm.request_count(Endpoint::Jwks), 1);

    realm.stop();
    assert!(http().get(&url).send().await.is_err());
    realm.restart().await.unwrap();
    let again: serde_json::Value = http().get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(again["keys"].as_array().unwrap(), keys);
}

#[tokio::test]
async fn dropping_the_handle_closes_the_port() {
    let realm = rich().await;
    let url = realm.issuer_url().to_owned();
    assert!(http().get(&url).send().await.is_ok());
    drop(realm);
    assert!(http().get(&url).send().await.is_err());
}

#[tokio::test]
async fn revoked_sessions_end_refreshing() {
    let realm = rich().await;
    let body = password(&realm, "web", "alice", "").await;
    assert_eq!(realm.revoke_sessions("alice"), 1);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("refresh_token", body["refresh_token"].as_str().unwrap()),
    ];
    let (status, refused) = token(&realm, &form).await;
    assert_eq!(status, 400);
    assert_eq!(refused["error_description"], "Session not active");
}

#[tokio::test]
async fn rotation_of_refresh_tokens_makes_the_old_one_stale() {
    let export = json!({
        "realm": "r", "enabled": true, "revokeRefreshToken": true,
        "requiredActions": [{"alias": "VERIFY_PROFILE", "enabled": false}],
        "clients": [{"clientId": "web", "publicClient": true, "directAccessGrantsEnabled": true}],
        "users": [{"username": "alice", "enabled": true,
            "credentials": [{"type": "password", "value": "alice-password"}]}],
    });
    let realm = Realm::from_export(export).unwrap().start().await.unwrap();
    let body = password(&realm, "web", "alice", "").await;
    let form = |token| {
        [
            ("grant_type", "refresh_token"),
            ("client_id", "web"),
            ("refresh_token", token),
        ]
    };
    let first = body["refresh_token"].as_str().unwrap();
    let (status, second) = token(&realm, &form(first)).await;
    assert_eq!(status, 200, "{second}");
    // A second use looks like theft: it is refused, and the newer token dies with it.
    let (status, refused) = token(&realm, &form(first)).await;
    assert_eq!(status, 400);
    let expected = "Maximum allowed refresh token reuse exceeded";
    assert_eq!(refused["error_description"], expected);
    let second = second["refresh_token"].as_str().unwrap();
    let (_, refused) = token(&realm, &form(second)).await;
    let expected = "Session doesn't have required client";
    assert_eq!(refused["error_description"], expected);
}

#[tokio::test]
async fn requests_for_tokens_say_what_is_wrong() {
    let realm = rich().await;
    let error = |request: keycloak::dev::TokenRequest| request.issue().unwrap_err();
    let unknown = error(realm.token("zoe"));
    assert!(matches!(unknown, TokenError::UnknownUser { .. }));
    assert!(unknown.to_string().contains("alice"), "{unknown}");
    assert!(matches!(
        error(realm.token("disabled")),
        TokenError::UserDisabled { .. }
    ));
    assert!(matches!(
        error(realm.token("noprofile")),
        TokenError::UserNotSetUp { .. }
    ));
    let no_client = error(realm.token("alice").client("nope"));
    assert!(matches!(no_client, TokenError::UnknownClient { .. }));
    let no_scope = error(realm.token("alice").scopes(["nope"]));
    assert!(matches!(no_scope, TokenError::InvalidScope { .. }));
    let no_account = error(realm.client_token("web"));
    assert!(matches!(no_account, TokenError::NoServiceAccount(_)));

    let tokens = realm
        .token("alice")
        .client("web")
        .scopes(["openid"])
        .issue()
        .unwrap();
    assert_eq!(part(tokens.id_token().unwrap(), 1)["typ"], "ID");
    assert!(tokens.refresh_token().is_some());
    assert!(!format!("{tokens:?}").contains(tokens.access_token()));
    let own = realm.token("service-account-api").issue().unwrap();
    assert_eq!(own.session_id(), None);
}

#[tokio::test]
async fn lives_are_bounded_by_the_session_and_free_for_tests() {
    let export = json!({
        "realm": "r", "enabled": true, "accessTokenLifespan": 9_000,
        "ssoSessionIdleTimeout": 600, "ssoSessionMaxLifespan": 4_000,
        "requiredActions": [{"alias": "VERIFY_PROFILE", "enabled": false}],
        "clients": [{"clientId": "web", "publicClient": true, "directAccessGrantsEnabled": true}],
        "users": [{"username": "alice", "enabled": true, "realmRoles": ["offline_access"],
            "credentials": [{"type": "password", "value": "alice-password"}]}],
    });
    let realm = Realm::from_export(export).unwrap().start().await.unwrap();
    let body = password(&realm, "web", "alice", "").await;
    assert_eq!(body["expires_in"], 4_000);
    assert_eq!(body["refresh_expires_in"], 600);
    let day = Duration::from_hours(24);
    let long = realm.token("alice").lifespan(day).issue().unwrap();
    assert_eq!(long.expires_in(), day);

    // An idle session ends, an offline one does not.
    let form = |token| {
        [
            ("grant_type", "refresh_token"),
            ("client_id", "web"),
            ("refresh_token", token),
        ]
    };
    let offline = realm
        .token("alice")
        .scopes(["offline_access"])
        .issue()
        .unwrap();
    let claims = part(offline.refresh_token().unwrap(), 1);
    assert_eq!(claims["typ"], "Offline");
    assert!(claims.get("exp").is_none());
    let access = part(offline.access_token(), 1);
    assert!(access["jti"].as_str().unwrap().starts_with("ofrtro:"));
    realm.advance(day);
    let idle = body["refresh_token"].as_str().unwrap();
    assert_eq!(token(&realm, &form(idle)).await.0, 400);
    let kept = offline.refresh_token().unwrap();
    assert_eq!(token(&realm, &form(kept)).await.0, 200);
}
