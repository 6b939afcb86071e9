//! Many at once: a herd without keys, a flood of junk key ids, a leader that leaves.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use keycloak::Algorithm;
use support::{eventually, mint::SigningKey};

use super::{
    load::{Keys, Kind, Service, builder, lasting},
    scripted::{Behaviour, Document, Scripted},
};

async fn slow_realm() -> (Scripted, Service, Arc<Keys>) {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let slowly = Behaviour::Delay(Duration::from_millis(400));
    server.behave(Document::Discovery, slowly.clone());
    server.behave(Document::Keys, slowly);
    let service = Service::new(&server, &keys, builder(&server));
    (server, service, keys)
}

fn asked(server: &Scripted) -> (usize, usize) {
    (
        server.asked(Document::Discovery),
        server.asked(Document::Keys),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_cold_requests_are_one_fetch_of_each() {
    let (server, service, _) = slow_realm().await;
    let answers = join_all((0..1_000).map(|_| service.send(Kind::Fresh))).await;
    assert!(answers.iter().all(|status| *status == 200));
    assert_eq!(asked(&server), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_after_a_rotation_are_one_fetch() {
    let (server, service, keys) = slow_realm().await;
    assert_eq!(service.send(Kind::Warm).await, 200);
    server.publish(&[&keys.new, &keys.old]);
    let answers = join_all((0..1_000).map(|_| service.send(Kind::NewKey))).await;
    assert!(answers.iter().all(|status| *status == 200));
    assert_eq!(asked(&server), (1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leader_of_the_herd_may_leave() {
    let (server, service, _) = slow_realm().await;
    let leader = tokio::spawn({
        let service = service.clone();
        async move { service.send(Kind::Fresh).await }
    });
    eventually("the fetch begins", async || {
        server.asked(Document::Discovery) > 0
    })
    .await;
    let herd = join_all((0..100).map(|_| service.send(Kind::Fresh)));
    leader.abort();
    assert!(herd.await.iter().all(|status| *status == 200));
    assert_eq!(asked(&server), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_may_leave_and_the_keys_come_all_the_same() {
    let (server, service, _) = slow_realm().await;
    let leavers: Vec<_> = (0..50)
        .map(|_| {
            let service = service.clone();
            tokio::spawn(async move { service.send(Kind::Fresh).await })
        })
        .collect();
    eventually("the fetch begins", async || {
        server.asked(Document::Discovery) > 0
    })
    .await;
    for leaver in leavers {
        leaver.abort();
    }
    assert!(service.keycloak.ready().await.is_ok());
    assert_eq!(asked(&server), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_junk_key_ids_is_bounded_and_hurts_nobody() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let service = Service::new(&server, &keys, builder(&server));
    assert_eq!(service.send(Kind::Warm).await, 200);
    let junk: Vec<String> = (0..2_000)
        .map(|n| {
            let key = SigningKey::generate(Algorithm::ES256, &format!("junk-{n}"));
            key.token(&lasting(&server.issuer(), "x"))
        })
        .collect();
    let began = std::time::Instant::now();
    let flood = async {
        for chunk in junk.chunks(100) {
            let answers = join_all(chunk.iter().map(|junk| async {
                match service.keycloak.authenticate_token(junk).await {
                    Ok(_) => 200,
                    Err(error) => error.status().as_u16(),
                }
            }))
            .await;
            assert!(answers.iter().all(|status| *status == 401), "{answers:?}");
        }
    };
    let good = async {
        for _ in 0..200 {
            assert_eq!(service.send(Kind::Fresh).await, 200);
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(flood, good);
    // Two in stock, and one more for every ten seconds that it took.
    let refilled = usize::try_from(began.elapsed().as_secs() / 10).expect("a short time");
    assert!(asked(&server).1 <= 1 + 2 + refilled, "{:?}", asked(&server));
}
