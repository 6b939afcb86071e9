//! Refresh (RFC 6749 section 6): one exchange per refresh token, and whose fault a failure is.

use axum::http::StatusCode;
use futures_util::future::join_all;
use keycloak::{Algorithm, Keycloak};
use support::{eventually, issuer::Issuer, mint::SigningKey, world::builder};

const TOKENS: &str = r#"{"access_token":"new-access","expires_in":60,"refresh_expires_in":1800,
    "refresh_token":"new-refresh","token_type":"Bearer","not-before-policy":0,
    "session_state":"x","scope":"email profile"}"#;

async fn issuer() -> Issuer {
    let issuer = Issuer::start(&[&SigningKey::generate(Algorithm::ES256, "k1")]).await;
    issuer.answer("token", StatusCode::OK, TOKENS);
    issuer
}

fn keycloak(issuer: &Issuer) -> Keycloak {
    builder(issuer.server_url())
        .client_secret("s3cret")
        .enable_token_refresh()
        .build()
        .unwrap()
}

#[tokio::test]
async fn exchanges_a_refresh_token_for_new_tokens() {
    let issuer = issuer().await;
    let tokens = keycloak(&issuer)
        .refresh_token("old-refresh")
        .await
        .unwrap();
    assert_eq!(tokens.access_token(), "new-access");
    assert_eq!(tokens.refresh_token(), Some("new-refresh"));
    assert!(!format!("{tokens:?}").contains("new-"));
    let post = &issuer.posts()[0];
    assert_eq!(post.endpoint, "token");
    assert_eq!(post.form["grant_type"], "refresh_token");
    assert_eq!(post.form["refresh_token"], "old-refresh");
    assert!(post.authorization.as_ref().unwrap().starts_with("Basic "));
}

/// The realm has taken the old refresh token back: what came must reach the caller.
#[tokio::test]
async fn tokens_are_handed_on_whatever_the_lifetime_looks_like() {
    let issuer = issuer().await;
    let keycloak = keycloak(&issuer);
    for (written, seconds) in [
        (r#","expires_in":-1"#, None),
        (r#","expires_in":60.0"#, Some(60)),
        (r#","expires_in":"60""#, Some(60)),
        ("", None),
    ] {
        let answer =
            format!(r#"{{"access_token":"new-access","refresh_token":"new-refresh"{written}}}"#);
        issuer.answer("token", StatusCode::OK, &answer);
        let tokens = keycloak.refresh_token("old-refresh").await.expect(written);
        assert_eq!(tokens.refresh_token(), Some("new-refresh"), "{written}");
        let life = tokens.expires_in().map(|life| life.as_secs());
        assert_eq!(life, seconds, "{written}");
    }
}

#[tokio::test]
async fn a_hundred_parallel_refreshes_are_one_call_and_nothing_is_kept() {
    let issuer = issuer().await;
    let keycloak = keycloak(&issuer);
    let all = join_all((0..100).map(|_| keycloak.refresh_token("old-refresh"))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(issuer.posts().len(), 1);
    keycloak.refresh_token("old-refresh").await.unwrap();
    assert_eq!(issuer.posts().len(), 2);
}

#[tokio::test]
async fn the_leading_request_may_leave() {
    let issuer = issuer().await;
    let keycloak = keycloak(&issuer);
    issuer.hold();
    let leading = tokio::spawn({
        let keycloak = keycloak.clone();
        async move { keycloak.refresh_token("old-refresh").await.is_ok() }
    });
    eventually("the refresh arrives", async || !issuer.posts().is_empty()).await;
    let following = keycloak.refresh_token("old-refresh");
    leading.abort();
    issuer.release();
    assert!(following.await.is_ok());
    assert_eq!(issuer.posts().len(), 1);
}

#[tokio::test]
async fn failures_are_told_by_whose_fault_they_are() {
    let issuer = issuer().await;
    let keycloak = keycloak(&issuer);
    for (status, body, expected) in [
        (400, r#"{"error":"invalid_grant"}"#, (400, "invalid_grant")),
        (
            400,
            r#"{"error":"invalid_scope"}"#,
            (400, "token_refresh_failed"),
        ),
        (
            400,
            r#"{"error":"<script>"}"#,
            (503, "keycloak_config_error"),
        ),
        (
            401,
            r#"{"error":"unauthorized_client"}"#,
            (503, "unauthorized_client"),
        ),
        (
            401,
            r#"{"error":"invalid_client"}"#,
            (503, "invalid_client"),
        ),
        (401, "", (503, "invalid_client_credentials")),
        (500, "", (503, "keycloak_config_error")),
        (200, "<html>", (503, "refresh_outcome_unknown")),
        (502, "", (503, "refresh_outcome_unknown")),
        (
            200,
            r#"{"token_type":"Bearer"}"#,
            (503, "refresh_outcome_unknown"),
        ),
    ] {
        issuer.answer("token", StatusCode::from_u16(status).unwrap(), body);
        let error = keycloak.refresh_token("old-refresh").await.unwrap_err();
        assert_eq!(
            (error.status().as_u16(), error.code()),
            expected,
            "{status} {body}"
        );
        assert!(!format!("{error:?} {error}").contains("old-refresh"));
    }
    for junk in ["", &"x".repeat(16 * 1024 + 1)] {
        let error = keycloak.refresh_token(junk).await.unwrap_err();
        assert_eq!(
            (error.status().as_u16(), error.code()),
            (400, "invalid_grant")
        );
    }
}

#[tokio::test]
async fn refresh_has_to_be_switched_on() {
    let issuer = issuer().await;
    let off = builder(issuer.server_url())
        .client_secret("s3cret")
        .build()
        .unwrap();
    let error = off.refresh_token("old-refresh").await.unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.code()),
        (404, "not_enabled")
    );
    assert!(issuer.posts().is_empty());
    let error = builder(issuer.server_url())
        .enable_token_refresh()
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("client_secret"), "{error}");
}
