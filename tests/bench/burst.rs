//! Whether a burst of new tokens starves other requests, and whether `spawn_blocking` would help.
//!
//! ```text
//! cargo run --release -p keycloak-tests --bin burst
//! ```
//!
//! One server with as many workers as cores. A prober asks for a protected handler with a good token
//! that the server knows, one request after the other, while 2,000 requests a second come with a
//! token each that the server has never seen. They are checked where the request runs, as the guard
//! does it, or on the blocking pool; or they name keys that the realm does not have. The rounds are
//! interleaved; the table has the prober's latencies of all rounds, and how often the server read
//! the realm's keys meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Router,
    extract::{FromRef, State},
    http::{HeaderMap, StatusCode, header},
    routing::get,
};
use keycloak::{
    __fuzz::{Expected, Keys},
    Algorithm, Keycloak, protected,
};
use serde_json::json;
use support::{
    issuer::{Issuer, REALM, jwks},
    mint::{self, SigningKey},
};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const RATE: u32 = 2_000;
/// Connections that the burst comes over.
const CONNECTIONS: usize = 8;

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
    offload: Arc<Offload>,
}

struct Offload {
    keys: Keys,
    expected: Expected,
}

#[protected(roles = ["admin"])]
async fn guarded() -> &'static str {
    "done"
}

/// The same verdict, on the blocking pool.
async fn offloaded(State(offload): State<Arc<Offload>>, headers: HeaderMap) -> StatusCode {
    let line = headers.get(header::AUTHORIZATION).expect("a token");
    let token = line.to_str().expect("ASCII")["Bearer ".len()..].to_owned();
    let judge = move || {
        offload
            .keys
            .verify_user(&token, &offload.expected, SystemTime::now())
    };
    let judged = tokio::task::spawn_blocking(judge).await.expect("a verdict");
    let admitted = judged.is_ok_and(|user| user.has_role("admin"));
    if admitted {
        StatusCode::OK
    } else {
        StatusCode::FORBIDDEN
    }
}

/// What a burst is.
#[derive(Clone, Copy)]
struct Burst {
    name: &'static str,
    path: &'static str,
    /// Whether the tokens name a key that the realm has.
    known_keys: bool,
}

const BURSTS: [Option<Burst>; 4] = [
    None,
    Some(Burst {
        name: "judged where the request runs",
        path: "/guarded",
        known_keys: true,
    }),
    Some(Burst {
        name: "judged on the blocking pool",
        path: "/offloaded",
        known_keys: true,
    }),
    Some(Burst {
        name: "of unknown keys, refused",
        path: "/guarded",
        known_keys: false,
    }),
];

impl Burst {
    fn answer(self) -> StatusCode {
        if self.known_keys {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        }
    }
}

/// Every token of a burst is new.
struct Mint {
    key: SigningKey,
    issuer: String,
    next: AtomicUsize,
}

impl Mint {
    fn tokens(&self, count: usize, known_keys: bool) -> Vec<String> {
        let first = self.next.fetch_add(count, Ordering::SeqCst);
        let claims = mint::claims(&self.issuer, "api", "alice");
        let mut header = self.key.header();
        (first..first + count)
            .map(|number| {
                if !known_keys {
                    header["kid"] = json!(format!("unknown-{number}"));
                }
                let claims = mint::with(
                    &claims,
                    json!({
                        "exp": mint::now() + 3_600,
                        "jti": format!("{number:036}"),
                        "realm_access": { "roles": ["user", "admin"] },
                    }),
                );
                let claims = claims.to_string();
                self.key.compact(&header.to_string(), claims.as_bytes())
            })
            .collect()
    }
}

/// Latencies of a prober with the token `good`, while there is a burst, if any.
async fn round(base: &str, good: &str, burst: Option<Burst>, tokens: &[String]) -> Vec<Duration> {
    let done = Arc::new(AtomicBool::new(false));
    let every = Duration::from_secs(1) / RATE * u32::try_from(CONNECTIONS).expect("few");
    let mut senders = Vec::new();
    if let Some(burst) = burst {
        let share = tokens.len() / CONNECTIONS;
        for tokens in tokens.chunks(share) {
            let (url, tokens) = (format!("{base}{}", burst.path), tokens.to_vec());
            senders.push(tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut ticks = tokio::time::interval(every);
                for token in tokens {
                    ticks.tick().await;
                    let answer = client.get(&url).bearer_auth(token).send().await;
                    assert_eq!(answer.expect("an answer").status(), burst.answer());
                }
            }));
        }
    }
    let prober = {
        let (url, done) = (format!("{base}/guarded"), Arc::clone(&done));
        let good = good.to_owned();
        tokio::spawn(async move {
            let client = reqwest::Client::new();
            let mut latencies = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let start = Instant::now();
                let answer = client.get(&url).bearer_auth(&good).send().await;
                let answer = answer.expect("an answer");
                assert_eq!(answer.status(), StatusCode::OK);
                answer.bytes().await.expect("a body");
                latencies.push(start.elapsed());
            }
            latencies
        })
    };
    if burst.is_none() {
        tokio::time::sleep(ROUND).await;
    }
    for sender in senders {
        sender.await.expect("the burst is answered");
    }
    done.store(true, Ordering::Relaxed);
    prober.await.expect("a prober")
}

fn serve(app: Router) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new()
            .expect("a runtime")
            .block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                    .await
                    .expect("a port");
                tell.send(listener.local_addr().expect("an address"))
                    .expect("a listener");
                axum::serve(listener, app).await.expect("a server");
            });
    });
    format!("http://{}", told.recv().expect("an address"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("| tokens | burst | p50 | p99 | p99.9 | slowest | requests | keys read |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384] {
        measure(algorithm).await;
    }
}

async fn measure(algorithm: Algorithm) {
    let key = SigningKey::generate(algorithm, "key-1");
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .algorithms([algorithm])
        .build()
        .expect("good settings");
    keycloak.ready().await.expect("keys");
    let offload = Arc::new(Offload {
        keys: Keys::parse(jwks(&[&key]).to_string().as_bytes()).expect("keys"),
        expected: Expected::new(&issuer.issuer(), "api"),
    });
    let base = serve(
        Router::new()
            .route("/guarded", get(guarded))
            .route("/offloaded", get(offloaded))
            .with_state(App { keycloak, offload }),
    );
    let mint = Mint {
        key,
        issuer: issuer.issuer(),
        next: AtomicUsize::new(0),
    };
    let good = mint.tokens(1, true).remove(0);
    let mut latencies = vec![Vec::new(); BURSTS.len()];
    let mut fetches = vec![0; BURSTS.len()];
    let count = usize::try_from(RATE).expect("a count") * 2;
    for _ in 0..ROUNDS {
        for (number, burst) in BURSTS.into_iter().enumerate() {
            let tokens = burst.map(|burst| mint.tokens(count, burst.known_keys));
            let before = issuer.jwks_requests();
            let measured = round(&base, &good, burst, &tokens.unwrap_or_default()).await;
            latencies[number].extend(measured);
            fetches[number] += issuer.jwks_requests() - before;
        }
    }
    for ((burst, mut latencies), fetches) in BURSTS.into_iter().zip(latencies).zip(fetches) {
        let name = burst.map_or("none", |burst| burst.name);
        latencies.sort();
        let at = |share: f64| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a rank"
            )]
            let rank = (latencies.len() as f64 * share) as usize;
            let latency = latencies.get(rank.min(latencies.len() - 1));
            latency.map_or(0, Duration::as_micros)
        };
        println!(
            "| {algorithm} | {name} | {} us | {} us | {} us | {} us | {} | {fetches} |",
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0),
            latencies.len()
        );
    }
}
