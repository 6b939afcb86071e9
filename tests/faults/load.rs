//! A steady load of tokens of every kind, and the check of every answer.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{FromRef, Request},
    http::header,
    routing::get,
};
use keycloak::{Algorithm, Keycloak, KeycloakBuilder};
use serde_json::json;
use support::mint::{SigningKey, claims, now, with};
use tower::ServiceExt;

use super::scripted::Scripted;

pub const CLIENT: &str = "api";

/// Between two requests of one worker.
const PAUSE: Duration = Duration::from_millis(4);

/// The realm's keys, and one that only an attacker has, under the same name.
pub struct Keys {
    pub old: SigningKey,
    pub new: SigningKey,
    pub forger: SigningKey,
}

impl Keys {
    pub fn generate() -> Self {
        let key = |kid| SigningKey::generate(Algorithm::ES256, kid);
        Self {
            old: key("old"),
            new: key("new"),
            forger: key("old"),
        }
    }
}

/// What a request comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The same good token again and again.
    Warm,
    /// A good token that was never seen before.
    Fresh,
    /// A good token without the role that is asked for.
    Forbidden,
    /// A token that has expired.
    Expired,
    /// A token signed by another key under the name of the realm's.
    Forged,
    /// No token.
    Nobody,
    /// A good token of the key that was added last.
    NewKey,
}

/// What must be answered as long as the fault lasts.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// Keys are at hand, or available in spite of the fault.
    pub judgeable: bool,
    /// The key that was added last is available in spite of the fault.
    pub new_key: bool,
}

impl Expected {
    fn allows(self, kind: Kind, status: u16) -> bool {
        match (kind, self.judgeable) {
            (Kind::Nobody, _) => status == 401,
            (Kind::NewKey, _) => status == if self.new_key { 200 } else { 503 },
            (Kind::Warm | Kind::Fresh, true) => status == 200,
            (Kind::Forbidden, true) => status == 403,
            (Kind::Expired | Kind::Forged, true) => status == 401,
            (_, false) => status == 503,
        }
    }
}

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

#[keycloak::protected]
async fn anybody() -> &'static str {
    "hello"
}

#[keycloak::protected(roles = ["admin"])]
async fn admin() -> &'static str {
    "hello, admin"
}

/// An application on a scripted Keycloak.
#[derive(Clone)]
pub struct Service {
    pub keycloak: Keycloak,
    router: Router,
    issuer: String,
    keys: Arc<Keys>,
    warm: String,
    count: Arc<AtomicU64>,
}

/// The builder for an application on `server`.
pub fn builder(server: &Scripted) -> KeycloakBuilder {
    support::world::builder(server.server_url())
}

impl Service {
    pub fn new(server: &Scripted, keys: &Arc<Keys>, builder: KeycloakBuilder) -> Self {
        let keycloak = builder.build().expect("settings");
        let app = App {
            keycloak: keycloak.clone(),
        };
        let router = Router::new()
            .route("/anybody", get(anybody))
            .route("/admin", get(admin))
            .with_state(app);
        let issuer = server.issuer();
        let warm = keys.old.token(&lasting(&issuer, "warm"));
        Self {
            keycloak,
            router,
            issuer,
            keys: Arc::clone(keys),
            warm,
            count: Arc::default(),
        }
    }

    /// One request; its status.
    pub async fn send(&self, kind: Kind) -> u16 {
        let path = match kind {
            Kind::Forbidden => "/admin",
            _ => "/anybody",
        };
        let mut request = Request::builder().uri(path);
        if let Some(token) = self.token(kind) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await;
        response.expect("infallible").status().as_u16()
    }

    fn token(&self, kind: Kind) -> Option<String> {
        let subject = self.count.fetch_add(1, Ordering::Relaxed).to_string();
        let good = lasting(&self.issuer, &subject);
        Some(match kind {
            Kind::Nobody => return None,
            Kind::Warm => self.warm.clone(),
            Kind::Fresh | Kind::Forbidden => self.keys.old.token(&good),
            Kind::NewKey => self.keys.new.token(&good),
            Kind::Forged => self.keys.forger.token(&good),
            Kind::Expired => {
                let long_ago = json!({ "exp": now() - 60, "iat": now() - 120 });
                self.keys.old.token(&with(&good, long_ago))
            }
        })
    }

    /// Requests of these kinds, one after the other, for so long; every answer is checked.
    pub async fn load(&self, kinds: &[Kind], time: Duration, expected: Expected, tally: &Tally) {
        let end = Instant::now() + time;
        for kind in kinds.iter().cycle() {
            if Instant::now() >= end {
                return;
            }
            let began = Instant::now();
            let status = self.send(*kind).await;
            tally.count(*kind, status, began.elapsed(), expected);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The whole mix, new keys beside it so that a request that waits for one holds up no other.
    pub async fn mixed_load(
        &self,
        new_key: bool,
        time: Duration,
        expected: Expected,
        tally: &Tally,
    ) {
        const MIX: [Kind; 8] = [
            Kind::Warm,
            Kind::Fresh,
            Kind::Forbidden,
            Kind::Warm,
            Kind::Expired,
            Kind::Forged,
            Kind::Nobody,
            Kind::Fresh,
        ];
        let new_keys = async {
            if new_key {
                self.load(&[Kind::NewKey], time, expected, tally).await;
            }
        };
        tokio::join!(
            self.load(&MIX, time, expected, tally),
            self.load(&MIX, time, expected, tally),
            new_keys,
        );
    }

    /// How long until a request of this kind is answered 200. On the way there, 503 is the only
    /// other right answer.
    pub async fn recovery(&self, kind: Kind, tally: &Tally) -> Option<Duration> {
        let began = Instant::now();
        let patience = Duration::from_secs(15);
        while began.elapsed() < patience {
            match self.send(kind).await {
                200 => return Some(began.elapsed()),
                503 => {}
                other => tally.wrong(format!("{kind:?} answered {other} while recovering")),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tally.wrong(format!("{kind:?} not answered 200 within {patience:?}"));
        None
    }
}

/// The claims of a good token that outlives the test.
pub fn lasting(issuer: &str, subject: &str) -> serde_json::Value {
    let long = json!({ "exp": now() + 100_000 });
    with(&claims(issuer, CLIENT, subject), long)
}

/// What came of a load.
#[derive(Default)]
pub struct Tally(Mutex<Counts>);

#[derive(Default, Clone)]
pub struct Counts {
    pub by_status: BTreeMap<u16, usize>,
    /// Of tokens that are good, by any key but the newest.
    pub latencies: Vec<Duration>,
    pub wrong: Vec<String>,
}

impl Tally {
    fn count(&self, kind: Kind, status: u16, took: Duration, expected: Expected) {
        let mut counts = self.0.lock().expect("tally");
        *counts.by_status.entry(status).or_default() += 1;
        if matches!(kind, Kind::Warm | Kind::Fresh | Kind::Forbidden) {
            counts.latencies.push(took);
        }
        if !expected.allows(kind, status) {
            counts.wrong.push(format!("{kind:?} answered {status}"));
        }
    }

    pub fn wrong(&self, what: String) {
        self.0.lock().expect("tally").wrong.push(what);
    }

    pub fn counts(&self) -> Counts {
        let mut counts = self.0.lock().expect("tally").clone();
        counts.latencies.sort_unstable();
        counts
    }
}
