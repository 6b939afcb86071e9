//! Tokens that a wrong setup makes, and what the refusal says they look like.

use keycloak::{Algorithm, diagnostics::Classic};
use serde_json::{Value, json};
use support::{
    issuer::REALM,
    mint::{SigningKey, now, with},
    world::World,
};

struct Scene(World);

impl Scene {
    async fn new() -> Self {
        Self(World::start().await)
    }

    fn claims(&self) -> Value {
        self.0.claims()
    }

    async fn refused(&self, token: &str) -> Option<Classic> {
        let refused = self.0.keycloak.authenticate_token(token).await;
        refused.expect_err("refused").looks_like()
    }

    #[track_caller]
    fn check(&self, changes: Value, expected: Classic) -> impl Future<Output = ()> {
        let token = self.0.key.token(&with(&self.claims(), changes));
        async move {
            assert_eq!(self.refused(&token).await, Some(expected));
        }
    }
}

#[tokio::test]
async fn each_classic_is_recognised_by_its_token() {
    let scene = Scene::new().await;
    let good = scene.0.key.token(&scene.claims());
    let user = scene.0.keycloak.authenticate_token(&good).await;
    assert_eq!(user.expect("a good token").subject(), "alice");

    let own = scene.0.issuer.issuer();
    let https = own.replace("http://", "https://");
    let auth = own.replace("/realms/", "/auth/realms/");
    let other = own.replace(REALM, "other");
    let host = format!("http://keycloak:8080/realms/{REALM}");
    scene.check(json!({"iss": host}), Classic::IssuerHost).await;
    scene
        .check(json!({"iss": https}), Classic::IssuerScheme)
        .await;
    scene.check(json!({"iss": auth}), Classic::IssuerPath).await;
    scene
        .check(json!({"iss": other}), Classic::IssuerRealm)
        .await;
    scene
        .check(json!({"aud": "account"}), Classic::AudienceAccount)
        .await;
    scene
        .check(json!({"aud": ["other"]}), Classic::AudienceMissing)
        .await;
    scene
        .check(json!({"aud": null}), Classic::AudienceMissing)
        .await;
    scene
        .check(json!({"sub": null}), Classic::MissingBasicScope)
        .await;
    scene
        .check(json!({"typ": "ID"}), Classic::WrongTokenType)
        .await;
    scene
        .check(json!({"iat": now() + 90}), Classic::ClockSkew)
        .await;
    let left_out = json!({
        "sub": null, "aud": null, "realm_access": null, "resource_access": null,
        "preferred_username": null,
    });
    scene.check(left_out, Classic::LightweightToken).await;
}

#[tokio::test]
async fn a_key_that_is_not_published_is_recognised() {
    let scene = Scene::new().await;
    let rotated = SigningKey::generate(Algorithm::ES256, "rotated away");
    let refused = scene.refused(&rotated.token(&scene.claims())).await;
    assert_eq!(refused, Some(Classic::UnknownKey));
}

#[tokio::test]
async fn an_algorithm_that_is_not_allowed_is_recognised() {
    let scene = Scene::new().await;
    let other = SigningKey::generate(Algorithm::EdDSA, &scene.0.key.kid);
    let refused = scene.refused(&other.token(&scene.claims())).await;
    assert_eq!(refused, Some(Classic::AlgorithmNotAllowed));
}

#[tokio::test]
async fn an_ordinary_refusal_looks_like_nothing() {
    let scene = Scene::new().await;
    let expired = with(&scene.claims(), json!({"exp": now() - 60}));
    assert_eq!(scene.refused(&scene.0.key.token(&expired)).await, None);
    // Nothing is read from a token whose signature is not good: neither where it is found out,
    // nor where it is refused before, because no answer of Keycloak's could make it good.
    let foreign = SigningKey::generate(Algorithm::ES256, &scene.0.key.kid);
    let forged = with(&scene.claims(), json!({"aud": "account"}));
    assert_eq!(scene.refused(&foreign.token(&forged)).await, None);
    let unknown = SigningKey::generate(Algorithm::ES256, "nobody's");
    let forged = with(&scene.claims(), json!({"typ": "ID"}));
    assert_eq!(scene.refused(&unknown.token(&forged)).await, None);
}

#[tokio::test]
async fn a_token_too_long_to_be_read_is_recognised() {
    let scene = Scene::new().await;
    let long = with(&scene.claims(), json!({"padding": "x".repeat(16 * 1024)}));
    let long = scene.0.key.token(&long);
    assert_eq!(scene.refused(&long).await, Some(Classic::TokenTooLong));
}

#[tokio::test]
async fn a_member_that_stands_twice_is_recognised() {
    let scene = Scene::new().await;
    let claims = scene.claims().to_string();
    let twice = format!(r#"{{"sub":"bob",{}"#, &claims[1..]);
    let token = scene
        .0
        .key
        .compact(&scene.0.key.header().to_string(), twice.as_bytes());
    assert_eq!(scene.refused(&token).await, Some(Classic::DuplicateMember));
    let header = format!(
        r#"{{"typ":"JWT",{}"#,
        &scene.0.key.header().to_string()[1..]
    );
    let header = header.replacen('{', r#"{"typ":"JWT","#, 1);
    let token = scene.0.key.compact(&header, claims.as_bytes());
    assert_eq!(scene.refused(&token).await, Some(Classic::DuplicateMember));
}
