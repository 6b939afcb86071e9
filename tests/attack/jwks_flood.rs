//! Floods of junk: they cost Keycloak a bounded number of fetches, and good callers nothing.

use serde_json::json;
use support::{
    issuer::Issuer,
    mint::{self, SigningKey},
};

use keycloak::Algorithm;

use super::{
    case::{Case, Expect},
    world::{CLIENT, keycloak, serve},
};

#[tokio::test]
async fn a_flood_of_unknown_kids_fetches_the_keys_a_few_times_only() {
    let key = SigningKey::generate(Algorithm::EdDSA, "key-1");
    let issuer = Issuer::start(&[&key]).await;
    let (address, server) = serve(keycloak(&issuer, Algorithm::EdDSA)).await;
    let claims = mint::claims(&issuer.issuer(), CLIENT, "alice");
    let good = Case::admitted("a good token", key.token(&claims));
    good.judge_at(address).await.expect("before the flood");
    let before = issuer.jwks_requests();

    for n in 0..400 {
        let header = mint::with(&key.header(), json!({ "kid": format!("junk-{n}") }));
        let token = key.compact(&header.to_string(), claims.to_string().as_bytes());
        let junk = Case::token("junk", token, Expect::InvalidToken("unknown_kid"));
        junk.judge_at(address).await.expect("junk is refused");
        if n % 20 == 0 {
            let fresh = mint::with(&claims, json!({ "jti": n.to_string() }));
            let fresh = Case::admitted("a new good token", key.token(&fresh));
            fresh.judge_at(address).await.expect("during the flood");
        }
    }

    // A bucket of two, refilled once in ten seconds; the flood takes far less than a minute.
    let fetches = issuer.jwks_requests() - before;
    assert!(
        (1..=8).contains(&fetches),
        "{fetches} fetches for 400 junk kids"
    );
    assert!(issuer.discovery_requests() <= 2);
    server.abort();
}

#[tokio::test]
async fn a_thousand_different_forgeries_cost_no_fetch_at_all() {
    let key = SigningKey::generate(Algorithm::EdDSA, "key-1");
    let rogue = SigningKey::generate(Algorithm::EdDSA, "key-1");
    let issuer = Issuer::start(&[&key]).await;
    let (address, server) = serve(keycloak(&issuer, Algorithm::EdDSA)).await;
    let claims = mint::claims(&issuer.issuer(), CLIENT, "alice");
    let good = Case::admitted("a good token", key.token(&claims));
    good.judge_at(address).await.expect("before");
    let before = issuer.jwks_requests();
    for n in 0..1_000 {
        let forged = rogue.token(&mint::with(&claims, json!({ "jti": n.to_string() })));
        let forged = Case::refused("forged", forged, "invalid_signature");
        forged
            .judge_at(address)
            .await
            .expect("forgeries are refused");
    }
    good.judge_at(address).await.expect("after");
    assert_eq!(issuer.jwks_requests(), before);
    server.abort();
}
