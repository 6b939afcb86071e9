//! The other ways of checking a token: whatever is refused locally is refused where Keycloak is
//! asked, and Keycloak is not asked about what has no form.
//!
//! The Keycloak here is as lax as it may be: it reads any spelling, knows its key by name, and
//! vouches for whatever claims that has signed.

use ::base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use base64::alphabet;
use keycloak::TokenCheck;
use serde_json::{Value, json};
use support::mint::SigningKey;

use super::{
    ONCE, PER_REALM,
    case::{Case, Expect},
    world::World,
};

/// What a lax introspection endpoint says about a token.
pub fn answer(key: &SigningKey, token: &str) -> Value {
    let claims = || {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, payload) = input.split_once('.')?;
        let header: Value = serde_json::from_slice(&laxly(header)?).ok()?;
        if header["kid"] != key.kid {
            return None;
        }
        let signed = key
            .parsed()
            .verify_sig(input.as_bytes(), &laxly(signature)?);
        signed.ok()?;
        let mut claims: Value = serde_json::from_slice(&laxly(payload)?).ok()?;
        claims
            .as_object_mut()?
            .insert("active".to_owned(), json!(true));
        Some(claims)
    };
    claims().unwrap_or_else(|| json!({ "active": false }))
}

fn laxly(part: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet::URL_SAFE, config);
    let part = part.replace('+', "-").replace('/', "_");
    engine.decode(part.trim_end_matches(['=', '~'])).ok()
}

/// Refusals that need neither a key nor an answer.
const OF_THE_FORM: [&str; 3] = ["malformed_token", "invalid_algorithm", "token_expired"];

async fn judge(case: &Case, world: &World) -> Result<(), String> {
    let before = world.questions();
    case.judge(world).await?;
    let asked = world.questions() - before;
    match case.expected() {
        Expect::InvalidRequest | Expect::NoCredentials(_) if asked > 0 => {
            Err(format!("asked {asked} times without a token"))
        }
        Expect::InvalidToken(code) if OF_THE_FORM.contains(&code) && asked > 0 => {
            Err(format!("asked {asked} times about what has no form"))
        }
        Expect::InvalidToken(_)
            if world.check() == TokenCheck::LocalThenIntrospect && asked > 0 =>
        {
            Err(format!("asked {asked} times about what is refused here"))
        }
        Expect::Admitted if asked != 1 => Err(format!("asked {asked} times about a good token")),
        _ => Ok(()),
    }
}

async fn hold(check: TokenCheck) {
    let worlds = World::checking(check).await;
    let mut failures = Vec::new();
    let per_realm = PER_REALM
        .iter()
        .flat_map(|family| worlds.iter().map(move |world| (family, world)));
    let once = ONCE.iter().map(|family| (family, &worlds[0]));
    for ((name, family), world) in per_realm.chain(once) {
        for case in family(world) {
            if let Err(failure) = judge(&case, world).await {
                let realm = world.algorithm();
                failures.push(format!("{name}, {realm} {}: {failure}", case.name));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{check:?}: {} wrong answers\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[tokio::test]
async fn all_families_hold_where_keycloak_is_asked() {
    hold(TokenCheck::Introspect).await;
}

#[tokio::test]
async fn all_families_hold_where_keycloak_is_asked_as_well() {
    hold(TokenCheck::LocalThenIntrospect).await;
}
