//! A realm under attack: a scripted issuer, its keys, and a server whose routes it protects.

use std::{
    net::SocketAddr,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use keycloak::{Algorithm, Keycloak, KeycloakBuilder, TokenCheck};
use serde_json::{Value, json};
use support::{
    issuer::Issuer,
    mint::{self, SigningKey},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Put into hostile claims and headers; no answer may contain it.
pub const MARKER: &str = "zq7marker";

/// Our client, which tokens must name in `aud`.
pub const CLIENT: &str = "api";

/// The algorithms of the realms.
const REALMS: [Algorithm; 5] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Keys are made once for all tests: RSA ones take their time.
struct KeyRing {
    good: Vec<SigningKey>,
    rogue: Vec<SigningKey>,
    /// Published with `use: enc`, as every Keycloak realm has one.
    encryption: SigningKey,
}

static KEYS: LazyLock<KeyRing> = LazyLock::new(|| KeyRing {
    good: ring("key-1"),
    rogue: ring("key-1"),
    encryption: SigningKey::generate(Algorithm::RS256, "enc-1"),
});

fn ring(kid: &str) -> Vec<SigningKey> {
    REALMS
        .iter()
        .map(|algorithm| SigningKey::generate(*algorithm, kid))
        .collect()
}

/// One realm, one protected server; both end with the value.
pub struct World {
    index: usize,
    check: TokenCheck,
    issuer: Issuer,
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl World {
    /// A realm of each algorithm.
    pub async fn all() -> Vec<Self> {
        let mut worlds = Vec::new();
        for index in 0..REALMS.len() {
            worlds.push(Self::start(index, TokenCheck::Local).await);
        }
        worlds
    }

    /// The RS256 realm.
    pub async fn first() -> Self {
        Self::start(0, TokenCheck::Local).await
    }

    /// A realm each of an algorithm with deterministic signatures and one without, whose tokens
    /// are checked like this.
    pub async fn checking(check: TokenCheck) -> [Self; 2] {
        [Self::start(0, check).await, Self::start(2, check).await]
    }

    async fn start(index: usize, check: TokenCheck) -> Self {
        let issuer = Issuer::start(&[]).await;
        let encryption = mint::with(
            &KEYS.encryption.jwk(),
            json!({ "use": "enc", "alg": "RSA-OAEP" }),
        );
        let keys = json!({ "keys": [encryption, KEYS.good[index].jwk()] });
        issuer.publish_text(keys.to_string());
        issuer.answer_each("token/introspect", move |form| {
            let answer = super::introspection::answer(&KEYS.good[index], &form["token"]);
            (StatusCode::OK, answer.to_string())
        });
        let keycloak = builder(&issuer, REALMS[index])
            .client_secret("s3cret")
            .token_check(check)
            .introspection_ttl(Duration::ZERO)
            .build()
            .expect("good settings");
        let (address, server) = serve(keycloak).await;
        Self {
            index,
            check,
            issuer,
            address,
            server,
        }
    }

    pub fn algorithm(&self) -> Algorithm {
        REALMS[self.index]
    }

    /// How the server checks tokens.
    pub fn check(&self) -> TokenCheck {
        self.check
    }

    /// How often Keycloak was asked about a token.
    pub fn questions(&self) -> usize {
        self.issuer.posts().len()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The issuer that good tokens name.
    pub fn issuer(&self) -> String {
        self.issuer.issuer()
    }

    /// The realm's key.
    pub fn key(&self) -> &'static SigningKey {
        &KEYS.good[self.index]
    }

    /// A key of the same algorithm and the same `kid` that the realm does not have.
    pub fn rogue(&self) -> &'static SigningKey {
        &KEYS.rogue[self.index]
    }

    /// The key that the realm publishes for encryption.
    pub fn encryption_key(&self) -> &'static SigningKey {
        &KEYS.encryption
    }

    /// Keys of other algorithms that the realm does not have.
    pub fn foreign_keys(&self) -> impl Iterator<Item = &'static SigningKey> {
        let own = self.algorithm();
        KEYS.rogue.iter().filter(move |key| key.algorithm != own)
    }

    /// The claims of a good token.
    pub fn claims(&self) -> Value {
        // A session of its own: where Keycloak is asked, one whose tokens are refused again and again
        // is not asked about any more.
        static SESSIONS: AtomicUsize = AtomicUsize::new(0);
        let session = SESSIONS.fetch_add(1, Ordering::Relaxed).to_string();
        let alice = mint::claims(&self.issuer(), CLIENT, "alice");
        mint::with(&alice, json!({ "sid": session }))
    }

    /// A good token.
    pub fn good(&self) -> String {
        self.key().token(&self.claims())
    }

    /// A correctly signed token with these claims over the good ones; `null` takes one out.
    pub fn token_with(&self, changes: Value) -> String {
        self.key().token(&mint::with(&self.claims(), changes))
    }

    /// A correctly signed token whose claim `name` is this JSON text.
    pub fn token_with_text(&self, name: &str, text: &str) -> String {
        let claims = mint::with(&self.claims(), json!({ name: "@@" })).to_string();
        let claims = claims.replacen("\"@@\"", text, 1);
        self.key()
            .compact(&self.key().header().to_string(), claims.as_bytes())
    }

    /// A correctly signed token with these header parameters over the good ones.
    pub fn header_with(&self, changes: Value) -> String {
        self.header_text(&mint::with(&self.key().header(), changes).to_string())
    }

    /// A correctly signed token with this header text.
    pub fn header_text(&self, header: &str) -> String {
        self.key()
            .compact(header, self.claims().to_string().as_bytes())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The application's settings for a realm of one algorithm.
pub fn keycloak(issuer: &Issuer, algorithm: Algorithm) -> Keycloak {
    builder(issuer, algorithm).build().expect("good settings")
}

fn builder(issuer: &Issuer, algorithm: Algorithm) -> KeycloakBuilder {
    Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(support::issuer::REALM)
        .client_id(CLIENT)
        .complete_tokens_from(["web"])
        .algorithms([algorithm])
}

/// Serves the [routes](super::routes).
pub async fn serve(keycloak: Keycloak) -> (SocketAddr, JoinHandle<()>) {
    let app = super::routes::router(keycloak);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move {
        axum::serve(listener, app).await.expect("the server");
    });
    (address, server)
}
