//! Long outages, by a clock that the test moves.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use keycloak::ManualClock;

use super::{
    load::{Keys, Kind, Service, builder},
    scripted::Scripted,
};

const MINUTE: Duration = Duration::from_secs(60);

struct Outage {
    server: Scripted,
    service: Service,
    clock: ManualClock,
    keys: Arc<Keys>,
}

/// An application that has had keys for just under their lifetime when Keycloak dies.
async fn outage() -> Outage {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let clock = ManualClock::new(SystemTime::now());
    let service = Service::new(&server, &keys, builder(&server).clock(clock.clone()));
    assert_eq!(service.send(Kind::Warm).await, 200);
    let mut outage = Outage {
        server,
        service,
        clock,
        keys,
    };
    outage.server.crash().await;
    outage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_minutes_without_keycloak_refuse_nobody() {
    let mut outage = outage().await;
    // Into the last minute of the keys' hour, so that they expire during the outage.
    outage.clock.advance(59 * MINUTE);
    for minute in 0..30 {
        outage.clock.advance(MINUTE);
        for kind in [Kind::Warm, Kind::Fresh] {
            assert_eq!(outage.service.send(kind).await, 200, "{kind:?} at {minute}");
        }
        assert_eq!(outage.service.send(Kind::Forbidden).await, 403);
        assert_eq!(outage.service.send(Kind::Forged).await, 401);
        assert_eq!(outage.service.send(Kind::Nobody).await, 401);
        assert_eq!(outage.service.send(Kind::NewKey).await, 503);
    }
    let Outage { server, keys, .. } = &outage;
    server.publish(&[&keys.new, &keys.old]);
    outage.server.revive().await;
    let tally = super::load::Tally::default();
    assert!(
        outage
            .service
            .recovery(Kind::NewKey, &tally)
            .await
            .is_some()
    );
    assert!(
        tally.counts().wrong.is_empty(),
        "{:?}",
        tally.counts().wrong
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_not_used_for_ever() {
    let mut outage = outage().await;
    outage.clock.advance(119 * MINUTE);
    assert_eq!(outage.service.send(Kind::Fresh).await, 200);
    outage.clock.advance(2 * MINUTE);
    for kind in [Kind::Warm, Kind::Fresh, Kind::Forbidden, Kind::Forged] {
        assert_eq!(outage.service.send(kind).await, 503, "{kind:?}");
    }
    outage.server.revive().await;
    let tally = super::load::Tally::default();
    assert!(outage.service.recovery(Kind::Fresh, &tally).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_back_refuses_nobody() {
    let mut outage = outage().await;
    outage.server.revive().await;
    outage.clock.set(SystemTime::now() - Duration::from_secs(5));
    for kind in [Kind::Warm, Kind::Fresh] {
        assert_eq!(outage.service.send(kind).await, 200, "{kind:?}");
    }
}
