//! The real Keycloak dies, comes back, changes its keys and its name, while a service is under
//! load.
//!
//! One test with a server of its own, because the order is the point: each step leaves the server
//! as the next one needs it. Requests that the keys at hand can verify are never lost; the others
//! are answered 503 until it is back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::FromRef, routing::get};
use keycloak::{Keycloak, KeycloakBuilder};
use reqwest::{Client, Method};
use serde_json::json;
use support::{
    eventually,
    real::{CLIENT, RealKeycloak, TokenEndpoint, tokens::header},
};
use tokio::task::JoinSet;

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

#[keycloak::protected(roles = ["user"])]
async fn protected() -> &'static str {
    "in"
}

fn builder(server: &RealKeycloak) -> KeycloakBuilder {
    Keycloak::builder()
        .server_url(server.url())
        .realm("demo")
        .client_id(CLIENT.0)
}

async fn serve(builder: KeycloakBuilder) -> String {
    let keycloak = builder.build().expect("good settings");
    let router = Router::new()
        .route("/", get(protected))
        .with_state(App { keycloak });
    support::serve(router).await
}

async fn status(http: &Client, url: &str, token: &str) -> u16 {
    let answer = http.get(url).bearer_auth(token).send().await;
    answer.expect("the service answers").status().as_u16()
}

/// Asks until the answer is `wanted`.
async fn wait_for(http: &Client, url: &str, token: &str, wanted: u16) {
    let what = format!("the answer {wanted}");
    eventually(&what, async || status(http, url, token).await == wanted).await;
}

/// Between two requests of a lane: some hundred requests a second are load enough, and Keycloak
/// needs the machine to start.
const PAUSE: Duration = Duration::from_millis(5);

/// Requests with good tokens, one after the other in a few lanes, until told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    lanes: JoinSet<Vec<u16>>,
}

impl Load {
    fn start(http: &Client, url: &str, tokens: &[String]) -> Self {
        let (stop, done) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let mut lanes = JoinSet::new();
        for lane in 0..4 {
            let (http, url, tokens) = (http.clone(), url.to_owned(), tokens.to_vec());
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            lanes.spawn(async move {
                let mut lost = Vec::new();
                for token in tokens.iter().cycle().skip(lane) {
                    match status(&http, &url, token).await {
                        200 => {}
                        other => lost.push(other),
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                lost
            });
        }
        Self { stop, done, lanes }
    }

    /// Waits for so many more requests.
    async fn more(&self, requests: u64) {
        let goal = self.done.load(Ordering::Relaxed) + requests;
        eventually("the load goes on", async || {
            self.done.load(Ordering::Relaxed) >= goal
        })
        .await;
    }

    /// Stops and gives how many were asked and which were not 200.
    async fn finish(self) -> (u64, Vec<u16>) {
        self.stop.store(true, Ordering::Relaxed);
        let lost = self.lanes.join_all().await.concat();
        (self.done.load(Ordering::Relaxed), lost)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_requests_survive_its_death_and_the_others_are_told_to_wait() {
    let started = tokio::task::spawn_blocking(RealKeycloak::start)
        .await
        .expect("Keycloak starts");
    let mut server = match started {
        Ok(server) => server,
        Err(reason) => return support::skip("the outage suite", &reason),
    };
    let (http, endpoint, admin) = (
        Client::new(),
        TokenEndpoint::of(&server.issuer()),
        server.admin(),
    );
    let mut tokens = Vec::new();
    for name in ["alice", "bob", "carol", "dave", "grace"] {
        tokens.push(endpoint.access_token(name).await);
    }
    // Keys are asked for every second, and no token is remembered: every request needs them.
    let url = serve(
        builder(&server)
            .jwks_ttl(Duration::from_secs(1))
            .token_cache_bytes(0),
    )
    .await;
    wait_for(&http, &url, &tokens[0], 200).await;
    let load = Load::start(&http, &url, &tokens);
    load.more(200).await;

    // It dies.
    server.kill();
    load.more(1000).await;
    let newcomer = serve(builder(&server)).await;
    let answer = http.get(&newcomer).bearer_auth(&tokens[0]).send().await;
    let answer = answer.expect("the service answers");
    assert_eq!(answer.status(), 503, "no keys, no verdict");
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(
        http.get(&newcomer)
            .send()
            .await
            .expect("an answer")
            .status(),
        401
    );

    // It is back: the newcomer recovers by itself.
    let mut server = tokio::task::spawn_blocking(move || {
        server.restart();
        server
    })
    .await
    .expect("Keycloak starts again");
    wait_for(&http, &newcomer, &tokens[0], 200).await;

    // It signs with a new key: old and new tokens are good.
    admin.rotate_keys("RS256", 1000).await;
    let rotated = endpoint.access_token("bob").await;
    assert_ne!(header(&rotated)["kid"], header(&tokens[0])["kid"]);
    assert_eq!(status(&http, &url, &rotated).await, 200);
    assert_eq!(status(&http, &newcomer, &rotated).await, 200);
    load.more(200).await;
    let (asked, lost) = load.finish().await;
    assert!(lost.is_empty(), "{} of {asked} lost: {lost:?}", lost.len());

    // The old key is taken out: its tokens are no longer good, the others are.
    admin.disable_key("rsa-generated").await;
    wait_for(&http, &url, &tokens[0], 401).await;
    assert_eq!(status(&http, &url, &rotated).await, 200);

    // It calls itself something else: tokens that it signed before are still verified.
    let load = Load::start(&http, &url, std::slice::from_ref(&rotated));
    let mut realm = admin.call(Method::GET, "", None).await;
    realm["attributes"]["frontendUrl"] = json!("http://renamed.example");
    admin.call(Method::PUT, "", Some(realm)).await;
    load.more(500).await;
    let (asked, lost) = load.finish().await;
    assert!(lost.is_empty(), "{} of {asked} lost: {lost:?}", lost.len());
    let stranger = serve(builder(&server)).await;
    assert_eq!(status(&http, &stranger, &rotated).await, 503);

    server.kill();
}
