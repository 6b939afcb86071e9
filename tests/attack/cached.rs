//! What was verified once: the cache serves exactly that token, and no longer than it lives.

use std::time::{Duration, SystemTime};

use keycloak::{Algorithm, ManualClock};
use serde_json::{Value, json};
use support::{
    mint::{self, SigningKey, b64},
    world::World,
};
use tokio::task::JoinHandle;

use super::{
    case::{Case, Expect},
    world::serve,
};

struct Realm {
    world: World,
    clock: ManualClock,
    address: std::net::SocketAddr,
    server: JoinHandle<()>,
}

impl Realm {
    async fn start() -> Self {
        let clock = ManualClock::new(SystemTime::now());
        let world = World::with(|builder| builder.clock(clock.clone())).await;
        let (address, server) = serve(world.keycloak.clone()).await;
        Self {
            world,
            clock,
            address,
            server,
        }
    }

    fn claims(&self) -> Value {
        self.world.claims()
    }

    #[track_caller]
    fn admits<'a>(&'a self, token: &'a str) -> impl Future<Output = ()> + 'a {
        self.judge(Case::admitted("admitted", token))
    }

    #[track_caller]
    fn refuses<'a>(&'a self, token: &'a str, code: &'static str) -> impl Future<Output = ()> + 'a {
        self.judge(Case::refused("refused", token, code))
    }

    #[track_caller]
    fn judge(&self, case: Case) -> impl Future<Output = ()> + '_ {
        let caller = std::panic::Location::caller();
        async move {
            if let Err(failure) = case.judge_at(self.address).await {
                panic!("{caller}: {failure}");
            }
        }
    }
}

impl Drop for Realm {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[tokio::test]
async fn a_cached_token_expires_on_time() {
    let realm = Realm::start().await;
    let now = mint::now();
    let token = realm
        .world
        .key
        .token(&mint::with(&realm.claims(), json!({ "exp": now + 60 })));
    realm.admits(&token).await;
    realm.admits(&token).await;
    realm.clock.advance(Duration::from_secs(65));
    realm.admits(&token).await;
    realm.clock.advance(Duration::from_secs(10));
    realm.refuses(&token, "token_expired").await;
}

#[tokio::test]
async fn a_cached_token_vouches_for_no_other() {
    let realm = Realm::start().await;
    let token = realm.world.key.token(&realm.claims());
    realm.admits(&token).await;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = [parts[0], parts[1], parts[2]];
    // The same signature, so the same place in a cache that hashes it.
    let root = mint::with(&realm.claims(), json!({ "sub": "root" }));
    let root = format!("{header}.{}.{signature}", b64(root.to_string()));
    realm.refuses(&root, "invalid_signature").await;
    let other = b64(json!({ "kid": realm.world.key.kid, "alg": "ES256" }).to_string());
    realm
        .refuses(
            &format!("{other}.{payload}.{signature}"),
            "invalid_signature",
        )
        .await;
    realm.refuses(&format!("{token}="), "malformed_token").await;
    realm.refuses(&format!("{token}."), "malformed_token").await;
    let length = token.len();
    realm.refuses(&token[..length - 1], "malformed_token").await;
    realm.admits(&token).await;
}

/// A remembered token is found before it is parsed: the rules about the line hold all the same.
#[tokio::test]
async fn a_cached_token_heals_no_bad_line() {
    let realm = Realm::start().await;
    let good = realm.world.key.token(&realm.claims());
    realm.admits(&good).await;
    let line = |text: &str| format!("Authorization: {text}").into_bytes();
    let bearer = line(&format!("Bearer {good}"));
    let bad = Expect::InvalidRequest;
    for lines in [
        [bearer.clone(), bearer.clone()],
        [bearer.clone(), line("Basic YTpi")],
        [line("Basic YTpi"), bearer.clone()],
        [line(""), bearer.clone()],
        [bearer.clone(), line("")],
    ] {
        let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        realm.judge(Case::lines("two lines", &lines, bad)).await;
    }
    for text in [
        format!("Bearer {good} {good}"),
        format!("Bearer {good} x"),
        format!("Bearer x {good}"),
        format!("Bearer {good},{good}"),
        format!("Bearer {good},"),
        format!("Bearer\t{good}"),
        format!("Bearer \t{good}"),
        format!("Bearer Bearer {good}"),
    ] {
        realm.judge(Case::lines(&*text, &[&line(&text)], bad)).await;
    }
    let other = Expect::NoCredentials("invalid_header_format");
    for text in [
        good.clone(),
        format!("DPoP {good}"),
        format!("Basic {good}"),
        format!("Bearer{good}"),
        format!("Bearer:{good}"),
        format!("xBearer {good}"),
    ] {
        realm
            .judge(Case::lines(&*text, &[&line(&text)], other))
            .await;
    }
    for text in [
        format!("Bearer \"{good}\""),
        format!("Bearer {good}="),
        format!("Bearer {good};"),
        format!("Bearer .{good}"),
        format!("Bearer {good}\u{e9}"),
    ] {
        let refused = Expect::InvalidToken("malformed_token");
        realm
            .judge(Case::lines(&*text, &[&line(&text)], refused))
            .await;
    }
    for text in ["bearer", "BEARER  ", "bEARER"] {
        let line = line(&format!("{text} {good}  "));
        realm
            .judge(Case::lines(text, &[&line], Expect::Admitted))
            .await;
    }
}

#[tokio::test]
async fn a_refused_token_is_refused_again() {
    let realm = Realm::start().await;
    let forged =
        SigningKey::generate(Algorithm::ES256, &realm.world.key.kid).token(&realm.claims());
    for _ in 0..3 {
        realm.refuses(&forged, "invalid_signature").await;
    }
    let early = realm.world.key.token(&mint::with(
        &realm.claims(),
        json!({ "nbf": mint::now() + 60 }),
    ));
    realm.refuses(&early, "invalid_claims").await;
    realm.clock.advance(Duration::from_secs(70));
    realm.admits(&early).await;
}

#[tokio::test]
async fn a_token_whose_key_left_the_set_is_refused_though_it_was_cached() {
    let realm = Realm::start().await;
    let token = realm.world.key.token(&mint::with(
        &realm.claims(),
        json!({ "exp": mint::now() + 86_400 }),
    ));
    realm.admits(&token).await;
    let successor = SigningKey::generate(Algorithm::ES256, "key-2");
    realm.world.issuer.publish(&[&successor]);
    // A token of the new key makes the keys be fetched.
    let fresh = successor.token(&realm.claims());
    realm.admits(&fresh).await;
    realm.refuses(&token, "unknown_kid").await;
    realm.admits(&fresh).await;
}

#[tokio::test]
async fn a_new_key_under_an_old_name_ends_the_old_keys_tokens() {
    let realm = Realm::start().await;
    let token = realm.world.key.token(&realm.claims());
    realm.admits(&token).await;
    let impostor = SigningKey::generate(Algorithm::ES256, &realm.world.key.kid);
    let successor = SigningKey::generate(Algorithm::ES256, "key-2");
    realm.world.issuer.publish(&[&impostor, &successor]);
    realm.admits(&successor.token(&realm.claims())).await;
    realm.refuses(&token, "invalid_signature").await;
}
