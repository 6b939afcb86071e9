//! Rotation under load, in every form: no caller with a good token is refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use keycloak::{Algorithm, ManualClock};
use support::{eventually, mint::SigningKey};

use super::{
    load::{Keys, Kind, Service, builder, lasting},
    scripted::{Behaviour, Document, Scripted},
    setting,
};

/// What is published after the rotation from the first to the second key.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Both, the new one first, as Keycloak does it.
    NewFirst,
    /// Both, the new one last.
    NewLast,
    /// The new one only: tokens of the old one are not valid any more.
    NewOnly,
    /// Both, and Keycloak is slow.
    Slowly,
    /// Both, and the connection that is kept open is dead.
    AfterRestart,
}

async fn rotate(form: Form, requests: usize) {
    let keys = Arc::new(Keys::generate());
    let mut server = Scripted::start(&[&keys.old]).await;
    // As fast a refill as there may be, so that every rotation of a long run finds its fetch.
    let service = Service::new(&server, &keys, builder(&server));
    let issuer = server.issuer();
    let rotated = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicUsize::new(0));
    let worker = |name: usize| {
        let (service, keys, issuer) = (service.clone(), Arc::clone(&keys), issuer.clone());
        let (rotated, sent) = (Arc::clone(&rotated), Arc::clone(&sent));
        tokio::spawn(async move {
            loop {
                let number = sent.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return;
                }
                let key: &SigningKey = if rotated.load(Ordering::Acquire) {
                    &keys.new
                } else {
                    &keys.old
                };
                let token = key.token(&lasting(&issuer, &format!("{name}-{number}")));
                let user = service.keycloak.authenticate_token(&token).await;
                // A token of the old key may meet the new set.
                let outrun = matches!(form, Form::NewOnly) && key.kid == keys.old.kid;
                assert!(user.is_ok() || outrun, "{form:?}: {:?}", user.err());
                tokio::task::yield_now().await;
            }
        })
    };
    let workers: Vec<_> = (0..8).map(worker).collect();
    eventually("half of the requests", async || {
        sent.load(Ordering::Relaxed) >= requests / 2
    })
    .await;
    match form {
        Form::NewFirst => server.publish(&[&keys.new, &keys.old]),
        Form::NewLast => server.publish(&[&keys.old, &keys.new]),
        Form::NewOnly => server.publish(&[&keys.new]),
        Form::Slowly => {
            server.publish(&[&keys.new, &keys.old]);
            server.behave(Document::Keys, Behaviour::Delay(Duration::from_millis(700)));
        }
        Form::AfterRestart => {
            server.publish(&[&keys.new, &keys.old]);
            server.crash().await;
            server.revive().await;
        }
    }
    rotated.store(true, Ordering::Release);
    for worker in workers {
        worker.await.expect("every request was answered 200");
    }
    // A token of the old key that met the new set may have been asked about once more.
    let most = if matches!(form, Form::NewOnly) { 3 } else { 2 };
    let asked = server.asked(Document::Keys);
    assert!((2..=most).contains(&asked), "{form:?}: {asked} fetches");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_under_load_loses_no_request() {
    let requests = usize::try_from(setting("FAULTS_ROTATION", 3_000)).expect("a number");
    for form in [
        Form::NewFirst,
        Form::NewLast,
        Form::NewOnly,
        Form::Slowly,
        Form::AfterRestart,
    ] {
        rotate(form, requests).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rotations_in_a_row_lose_no_request() {
    let keys = Arc::new(Keys::generate());
    let third = SigningKey::generate(Algorithm::ES256, "third");
    let server = Scripted::start(&[&keys.old]).await;
    let service = Service::new(&server, &keys, builder(&server));
    for published in [
        vec![&keys.old],
        vec![&keys.new, &keys.old],
        vec![&third, &keys.new],
    ] {
        server.publish(&published);
        let token = published[0].token(&lasting(&server.issuer(), "a"));
        assert!(service.keycloak.authenticate_token(&token).await.is_ok());
    }
    let old = keys.old.token(&lasting(&server.issuer(), "b"));
    let refused = service.keycloak.authenticate_token(&old).await.unwrap_err();
    assert_eq!(refused.status(), 401, "the first key is gone");
}

/// Keycloak makes a `kid` out of the key, so a new key has a new name. Where somebody publishes one
/// under the old name all the same, a bad signature is no reason to ask Keycloak (anybody can send
/// one): the new key counts from the next fetch on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_under_the_old_name_counts_from_the_next_fetch_on() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let clock = ManualClock::new(SystemTime::now());
    let service = Service::new(&server, &keys, builder(&server).clock(clock.clone()));
    let status = |key: &SigningKey, subject: &str| {
        let token = key.token(&lasting(&server.issuer(), subject));
        let keycloak = service.keycloak.clone();
        async move {
            keycloak
                .authenticate_token(&token)
                .await
                .map_err(|e| e.status().as_u16())
        }
    };
    assert!(status(&keys.old, "a").await.is_ok());
    let renamed = &keys.forger;
    server.publish(&[renamed]);
    assert_eq!(status(renamed, "b").await.unwrap_err(), 401);
    assert_eq!(
        server.asked(Document::Keys),
        1,
        "a bad signature costs no fetch"
    );
    // Past the keys' hour: the next request waits for new ones.
    clock.advance(Duration::from_secs(61 * 60));
    assert!(status(renamed, "c").await.is_ok());
    assert_eq!(status(&keys.old, "d").await.unwrap_err(), 401);
    assert_eq!(server.asked(Document::Keys), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_signature_is_no_503_while_keycloak_is_gone() {
    let keys = Arc::new(Keys::generate());
    let mut server = Scripted::start(&[&keys.old]).await;
    let service = Service::new(&server, &keys, builder(&server));
    assert_eq!(service.send(Kind::Warm).await, 200);
    server.crash().await;
    for _ in 0..5 {
        assert_eq!(service.send(Kind::Forged).await, 401);
    }
}
