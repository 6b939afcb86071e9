//! `close()` and the last drop: no retry and no socket is left.

use axum::http::StatusCode;
use keycloak::{Algorithm, Keycloak};
use support::{
    eventually,
    issuer::Issuer,
    mint::{SigningKey, claims},
    world::{CLIENT, builder},
};

/// An issuer on a runtime of its own, as a server is.
struct Elsewhere {
    _runtime: tokio::runtime::Runtime,
    issuer: Issuer,
    key: SigningKey,
}

impl Elsewhere {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let key = SigningKey::generate(Algorithm::ES256, "k1");
        let issuer = runtime.block_on(Issuer::start(&[&key]));
        Self {
            _runtime: runtime,
            issuer,
            key,
        }
    }

    fn keycloak(&self) -> Keycloak {
        builder(self.issuer.server_url())
            .client_secret("s3cret")
            .enable_token_refresh()
            .build()
            .unwrap()
    }

    fn token(&self) -> String {
        self.key
            .token(&claims(&self.issuer.issuer(), CLIENT, "alice"))
    }
}

fn block_on<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test)
}

/// Sockets of this process that are connected to the issuer's port.
fn connections(issuer: &Issuer) -> usize {
    let port = issuer
        .server_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse::<u16>()
        .unwrap();
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap_or_default();
    let remote = format!(":{port:04X}");
    // Column 2 is the remote address, column 3 the state, of which 01 is "established".
    let established = |line: &&str| {
        let mut columns = line.split_whitespace().skip(2);
        columns
            .next()
            .is_some_and(|address| address.ends_with(&remote))
            && columns.next() == Some("01")
    };
    table.lines().filter(established).count()
}

#[test]
fn close_after_use_leaves_nothing() {
    let elsewhere = Elsewhere::start();
    block_on(async {
        let keycloak = elsewhere.keycloak();
        keycloak
            .authenticate_token(&elsewhere.token())
            .await
            .unwrap();
        let asked = keycloak.refresh_token("a-refresh-token").await;
        asked.expect_err("nothing is scripted");
        keycloak.close().await;
        eventually("no socket is left", async || {
            connections(&elsewhere.issuer) == 0
        })
        .await;
    });
}

#[test]
fn close_ends_the_retries_of_an_outage() {
    let elsewhere = Elsewhere::start();
    elsewhere.issuer.fail_jwks(StatusCode::BAD_GATEWAY);
    block_on(async {
        let keycloak = elsewhere.keycloak();
        assert!(
            keycloak
                .authenticate_token(&elsewhere.token())
                .await
                .is_err()
        );
        let asked = elsewhere.issuer.jwks_requests();
        eventually("the retry runs", async || {
            elsewhere.issuer.jwks_requests() > asked
        })
        .await;
        keycloak.close().await;
        let asked = elsewhere.issuer.jwks_requests();
        let error = keycloak
            .authenticate_token(&elsewhere.token())
            .await
            .unwrap_err();
        assert_eq!(error.status(), 503);
        assert!(keycloak.ready().await.is_err());
        assert_eq!(elsewhere.issuer.jwks_requests(), asked);
    });
}

#[test]
fn after_close_tokens_are_judged_by_the_keys_at_hand() {
    let elsewhere = Elsewhere::start();
    block_on(async {
        let keycloak = elsewhere.keycloak();
        keycloak.ready().await.unwrap();
        keycloak.close().await;
        assert!(
            keycloak
                .authenticate_token(&elsewhere.token())
                .await
                .is_ok()
        );
    });
}

#[test]
fn close_lets_a_request_in_flight_finish() {
    let elsewhere = Elsewhere::start();
    block_on(async {
        let keycloak = elsewhere.keycloak();
        let (token, clone) = (elsewhere.token(), keycloak.clone());
        let request = tokio::spawn(async move { clone.authenticate_token(&token).await.is_ok() });
        // Far enough for its fetch to have begun.
        eventually("the question arrives", async || {
            elsewhere.issuer.discovery_requests() > 0
        })
        .await;
        keycloak.close().await;
        assert!(request.await.unwrap());
    });
}

#[test]
fn dropping_the_last_clone_ends_everything_too() {
    let elsewhere = Elsewhere::start();
    elsewhere.issuer.fail_jwks(StatusCode::BAD_GATEWAY);
    block_on(async {
        let keycloak = elsewhere.keycloak();
        assert!(keycloak.ready().await.is_err());
        let clone = keycloak.clone();
        drop(keycloak);
        let asked = elsewhere.issuer.jwks_requests();
        eventually("a clone is left", async || {
            elsewhere.issuer.jwks_requests() > asked
        })
        .await;
        drop(clone);
        eventually("no socket is left", async || {
            connections(&elsewhere.issuer) == 0
        })
        .await;
    });
}
