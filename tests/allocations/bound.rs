//! The bound of the verified-token cache is true: what remembered users take from the allocator is
//! at most the configured bytes, and a constant for the store's own tables.

use std::time::{Duration, SystemTime};

use keycloak::{__fuzz, User, testing};
use serde_json::{Map, Value, json};

use super::BLOCKS;

const MIB: usize = 1024 * 1024;
/// As the documentation of `token_cache_bytes` says.
const TABLES: usize = 64 * 1024;

/// `SplitMix64`: the same users each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    fn names(&mut self, most: u64, longest: u64) -> Vec<String> {
        let count = self.below(most + 1);
        let name = |random: &mut Self| {
            let long = usize::try_from(random.below(longest)).expect("small");
            format!("{}{}", random.below(10_000), "n".repeat(long))
        };
        (0..count).map(|_| name(self)).collect()
    }
}

/// What a token of this kind says beside `sub`.
fn claims(kind: &str, random: &mut Random) -> Value {
    let clients = |random: &mut Random, clients: u64, roles: u64| {
        let mut access = Map::new();
        for client in random.names(clients, 12) {
            access.insert(client, json!({ "roles": random.names(roles, 12) }));
        }
        Value::Object(access)
    };
    match kind {
        "many client roles" => json!({ "resource_access": clients(random, 300, 2) }),
        "many groups" => {
            let groups = random.names(600, 20).into_iter();
            json!({ "groups": groups.map(|name| format!("/{name}")).collect::<Vec<_>>() })
        }
        "big claims" => json!({
            "text": "x".repeat(usize::try_from(random.below(11_000)).expect("small")),
        }),
        "small" => json!({}),
        _ => json!({
            "realm_access": { "roles": random.names(20, 20) },
            "resource_access": clients(random, 20, 8),
            "groups": random.names(10, 30),
            "scope": random.names(6, 8).join(" "),
            "text": "x".repeat(usize::try_from(random.below(500)).expect("small")),
        }),
    }
}

const KINDS: [&str; 5] = [
    "many client roles",
    "many groups",
    "big claims",
    "small",
    "of all sorts",
];

fn user(claims: &Value, number: usize) -> User {
    let expires = SystemTime::now() + Duration::from_mins(10);
    let mut user = testing::user(format!("user-{number}")).expires_at(expires);
    for (name, value) in claims.as_object().expect("claims") {
        user = user.claim(name, value);
    }
    user.build()
}

/// As long as the token that says this.
fn token(claims: &Value, number: usize) -> String {
    let length = claims.to_string().len() * 4 / 3 + 700;
    let head = "t".repeat(length);
    format!("{head}{number:032}")
}

#[test]
fn a_user_weighs_at_least_what_is_allocated_for_it() {
    let mut random = Random(1);
    let mut measure = |kind: &str, number| {
        let claims = claims(kind, &mut random);
        let before = BLOCKS.get();
        let user = user(&claims, number);
        let taken = (BLOCKS.get() - before).cast_unsigned();
        (__fuzz::memory(&user), taken)
    };
    // A user made for a test has claim rules of its own; those of a `Keycloak` share one.
    let (weight, taken) = measure("small", 0);
    let rules = taken - weight;
    assert!(rules < 256, "{rules} bytes of claim rules");
    for kind in KINDS {
        for number in 0..200 {
            let (weight, taken) = measure(kind, number);
            assert_eq!(weight + rules, taken, "{kind}: weighed and taken");
        }
    }
}

#[test]
fn remembered_users_take_no_more_than_the_bound() {
    for kind in KINDS {
        for bound in [MIB, 4 * MIB] {
            let mut random = Random(2);
            let before = BLOCKS.get();
            let cache = __fuzz::Remembered::new(bound);
            let empty = BLOCKS.get() - before;
            let (mut sent, mut number, mut most) = (0, 0, 0);
            // Three times as much as it may hold.
            while sent < 3 * bound {
                let claims = claims(kind, &mut random);
                let user = user(&claims, number);
                let token = token(&claims, number);
                sent += token.len() + __fuzz::memory(&user);
                cache.insert(&token, &user, SystemTime::now());
                number += 1;
                drop((claims, user, token));
                most = most.max((BLOCKS.get() - before).cast_unsigned());
            }
            println!("{kind}: {number} users, at most {most} bytes, bound {bound}, empty {empty}");
            assert!(
                most > bound / 2,
                "{kind}: only {most} bytes were remembered"
            );
            // A sixteenth for the claim rules, which each of these users has of its own.
            assert!(
                most <= bound + bound / 16 + TABLES,
                "{kind}: {most} bytes, bound {bound}"
            );
        }
    }
}
