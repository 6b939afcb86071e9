//! The tokens: access tokens as Keycloak 26 writes them, with roles, groups and a profile.

use std::thread;

use keycloak_peers::mint::{self, SigningKey};
use serde_json::{Value, json};

/// The audience that all servers expect.
pub const AUDIENCE: &str = "orders-api";

/// Long enough for the longest run.
const LIFE: i64 = 4 * 3600;

/// What the measured requests carry.
pub struct Tokens {
    /// One good token.
    pub good: String,
    /// Good, but without the role.
    pub without_role: String,
    /// Good ones that differ from each other.
    pub fresh: Vec<String>,
}

impl Tokens {
    /// Signs `count` different tokens, and the two others.
    pub fn mint(key: &SigningKey, issuer: &str, count: usize) -> Self {
        let indices: Vec<usize> = (0..count).collect();
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let fresh = thread::scope(|scope| {
            let workers: Vec<_> = indices
                .chunks(count.div_ceil(workers).max(1))
                .map(|part| {
                    scope.spawn(move || {
                        let token = |index: &usize| key.token(&claims(issuer, *index));
                        part.iter().map(token).collect::<Vec<_>>()
                    })
                })
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().expect("a worker"))
                .collect()
        });
        let good = claims(issuer, count);
        let poor = json!({ "realm_access": { "roles": ["default-roles-shop", "offline_access"] } });
        Self {
            without_role: key.token(&mint::with(&good, poor)),
            good: key.token(&good),
            fresh,
        }
    }
}

/// The claims of the user of this number.
fn claims(issuer: &str, number: usize) -> Value {
    let now = mint::now();
    let id = format!("{number:08x}-50b8-4a0a-9df6-0d2f7c8a1f7e");
    json!({
        "exp": now + LIFE,
        "iat": now,
        "jti": format!("onrtac:{id}"),
        "iss": issuer,
        "aud": [AUDIENCE, "account"],
        "sub": id,
        "typ": "Bearer",
        "azp": "shop-web",
        "sid": "d0b0c9a4-9d4f-4c6e-9f0c-6f1e2d3c4b5a",
        "acr": "1",
        "realm_access": { "roles": ["default-roles-shop", "offline_access", "auditor", "admin"] },
        "resource_access": {
            AUDIENCE: { "roles": ["read", "write"] },
            "account": { "roles": ["manage-account", "view-profile"] },
        },
        "scope": "openid email profile",
        "groups": ["/staff/engineering", "/ops"],
        "name": "Alice Example",
        "preferred_username": "alice",
        "email_verified": true,
        "email": "alice@example.org",
    })
}
