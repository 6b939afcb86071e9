//! The attack suite: every way we know to get a bad token, header or request past the guard.
//!
//! Real sockets and raw bytes, because an HTTP client would tidy up what an attacker would not.
//! Each case states what must come back: status, challenge and error code; every answer is also
//! searched for anything that the request said. Each family has positive controls, so that a suite
//! that refuses everything is red.
//!
//! Families that are about tokens run on realms of five algorithms; all of them run against each
//! way of checking tokens.

mod alg_confusion;
mod alg_none;
mod audience;
mod authorization_header;
mod base64;
mod before_the_body;
mod bound;
mod cached;
mod case;
mod clock;
mod closed_routers;
mod compact;
mod connection;
mod critical;
mod embedded_keys;
mod groups;
mod header_json;
mod header_typ;
mod http;
mod introspection;
mod issuer;
mod jwks_flood;
mod key_set;
mod kid;
mod layer;
mod negation;
mod optional;
mod payload_json;
mod roles;
mod routes;
mod scopes_and_claims;
mod signature;
mod subject;
mod templates;
mod token_kind;
mod token_places;
mod world;

use case::Case;
use world::World;

/// A family: from a realm to its cases.
type Family = fn(&World) -> Vec<Case>;

/// The families that run on every realm.
const PER_REALM: [(&str, Family); 15] = [
    ("alg_none", alg_none::cases),
    ("alg_confusion", alg_confusion::cases),
    ("audience", audience::cases),
    ("base64", base64::cases),
    ("bound", bound::cases),
    ("clock", clock::cases),
    ("compact", compact::cases),
    ("critical", critical::cases),
    ("embedded_keys", embedded_keys::cases),
    ("header_json", header_json::cases),
    ("header_typ", header_typ::cases),
    ("issuer", issuer::cases),
    ("kid", kid::cases),
    ("payload_json", payload_json::cases),
    ("signature", signature::cases),
];

/// The families that run on one realm, for the algorithm changes nothing about them.
const ONCE: [(&str, Family); 10] = [
    ("authorization_header", authorization_header::cases),
    ("before_the_body", before_the_body::cases),
    ("groups", groups::cases),
    ("negation", negation::cases),
    ("optional", optional::cases),
    ("roles", roles::cases),
    ("scopes_and_claims", scopes_and_claims::cases),
    ("subject", subject::cases),
    ("token_kind", token_kind::cases),
    ("token_places", token_places::cases),
];

async fn run(name: &str, family: Family, worlds: &[World]) {
    let mut failures = Vec::new();
    for world in worlds {
        let cases = family(world);
        assert!(
            cases.iter().any(Case::is_control),
            "{name} has no positive control"
        );
        for case in cases {
            if let Err(failure) = case.judge(world).await {
                failures.push(format!("{} {}: {failure}", world.algorithm(), case.name));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{name}: {} wrong answers\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[tokio::test]
async fn families_about_tokens_hold_on_every_realm() {
    let worlds = World::all().await;
    for (name, family) in PER_REALM {
        run(name, family, &worlds).await;
    }
}

#[tokio::test]
async fn families_about_requests_hold() {
    let worlds = [World::first().await];
    for (name, family) in ONCE {
        run(name, family, &worlds).await;
    }
}

#[tokio::test]
async fn there_are_at_least_three_hundred_different_cases() {
    let world = World::first().await;
    let mut names: Vec<String> = PER_REALM
        .iter()
        .chain(&ONCE)
        .flat_map(|(name, family)| {
            family(&world)
                .into_iter()
                .map(move |case| format!("{name}: {}", case.name))
        })
        .collect();
    names.extend(key_set::names());
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "two cases have one name");
    assert!(count >= 300, "{count} cases");
    println!(
        "{count} cases, {} of them on every realm",
        per_realm(&world)
    );
}

fn per_realm(world: &World) -> usize {
    PER_REALM
        .iter()
        .map(|(_, family)| family(world).len())
        .sum()
}
