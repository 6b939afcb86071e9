//! The lives, each with every call.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use futures_util::FutureExt as _;
use keycloak::{Clock, MetricsCollector, telemetry::Tags};
use tokio::runtime::{Builder, Runtime};

use super::{
    calls::{CALLS, Call},
    world::{Service, World, bare, full, watched},
};

/// Calls on a runtime that `life` makes something of; then the same on a living one.
#[track_caller]
fn check(life: impl Fn(Call, &Service) + Send + Sync + 'static) {
    watched(move || {
        for call in CALLS {
            let world = World::new();
            let service = world.service();
            life(call, &service);
            for next in CALLS {
                let status = full().block_on(next.of(&service));
                assert_eq!(status, 200, "{next:?} after {call:?}");
            }
            full().block_on(service.keycloak.close());
        }
    });
}

fn answers_on(runtime: impl Fn() -> Runtime + Send + Sync + 'static) {
    check(move |call, service| {
        let status = runtime().block_on(call.of(service));
        assert_eq!(status, 200, "{call:?}");
    });
}

#[test]
fn a_runtime_that_is_dropped_before_the_first_poll() {
    check(|call, service| {
        let dying = bare();
        drop(dying.spawn(call.of(service)));
        drop(dying);
    });
}

#[test]
fn a_runtime_that_is_dropped_in_the_middle() {
    check(|call, service| {
        let dying = full();
        // Polled once: what it started is under way.
        dying.block_on(async { call.of(service).now_or_never() });
        drop(dying);
    });
}

#[test]
fn a_runtime_that_is_kept_and_not_driven() {
    let kept = Arc::new(full());
    check(move |call, service| {
        let task = kept.spawn(call.of(service));
        kept.block_on(tokio::task::yield_now());
        drop(task);
    });
}

#[test]
fn now_or_never_without_any_runtime() {
    check(|call, service| {
        let _ = call.of(service).now_or_never();
    });
}

#[test]
fn no_runtime_at_all() {
    check(|call, service| {
        let mut future = call.of(service);
        let status = loop {
            match (&mut future).now_or_never() {
                Some(status) => break status,
                None => thread::yield_now(),
            }
        };
        assert_eq!(status, 200, "{call:?}");
    });
}

#[test]
fn a_runtime_without_timers_and_io() {
    answers_on(bare);
}

#[test]
fn a_runtime_without_io() {
    let without_io = || {
        let mut builder = Builder::new_current_thread();
        builder.enable_time().build().expect("a runtime")
    };
    answers_on(without_io);
}

#[test]
fn a_runtime_with_paused_time() {
    let paused = || {
        let mut builder = Builder::new_current_thread();
        let builder = builder.enable_all().start_paused(true);
        builder.build().expect("a runtime")
    };
    answers_on(paused);
}

#[test]
fn a_runtime_with_many_threads() {
    let many = || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).build().expect("a runtime")
    };
    answers_on(many);
}

/// What a static that tests share goes through: a runtime for each test, one after the other.
#[test]
fn a_runtime_for_each_call() {
    watched(|| {
        let world = World::new();
        let service = world.service();
        for round in 0..50 {
            for call in CALLS {
                let status = full().block_on(call.of(&service));
                assert_eq!(status, 200, "{call:?} in round {round}");
            }
        }
    });
}

/// `boot.block_on(ready())` while Keycloak is down, then requests elsewhere.
#[test]
fn a_start_on_a_runtime_that_is_then_left_alone_recovers() {
    watched(|| {
        let world = World::new();
        world
            .issuer
            .fail_jwks(axum::http::StatusCode::SERVICE_UNAVAILABLE);
        let service = world.service();
        let boot = full();
        assert_eq!(boot.block_on(Call::Ready.of(&service)), 503);
        world.issuer.publish(&[&world.key]);
        let living = full();
        while living.block_on(Call::Authenticate.of(&service)) != 200 {
            thread::yield_now();
        }
        drop(boot);
    });
}

#[test]
fn a_refresh_is_sent_once_whatever_becomes_of_its_caller() {
    watched(|| {
        let world = World::new();
        let service = world.service();
        world.issuer.hold();
        let dying = full();
        let mut first = Call::Refresh.of(&service);
        assert_eq!(dying.block_on(async { (&mut first).now_or_never() }), None);
        while world.issuer.posts().is_empty() {
            thread::yield_now();
        }
        drop(first);
        drop(dying);
        let living = full();
        let mut second = Call::Refresh.of(&service);
        assert_eq!(
            living.block_on(async { (&mut second).now_or_never() }),
            None
        );
        world.issuer.release();
        assert_eq!(living.block_on(second), 200);
        assert_eq!(world.issuer.posts().len(), 1);
    });
}

struct Panics;

impl MetricsCollector for Panics {
    fn increment_counter(&self, _: &'static str, _: Tags<'_>, _: u64) {
        panic!("a collector of the application");
    }

    fn observe_histogram(&self, _: &'static str, _: Tags<'_>, _: f64) {
        panic!("a collector of the application");
    }
}

#[test]
fn a_collector_that_panics_costs_nobody_anything() {
    watched(|| {
        let world = World::new();
        let keycloak = world.builder().metrics_collector(Panics).build();
        let service = world.service_of(keycloak.expect("settings"));
        for call in CALLS {
            let status = full().block_on(call.of(&service));
            assert_eq!(status, 200, "{call:?}");
        }
    });
}

/// Never comes back from what is measured of fetches.
struct Blocks;

impl MetricsCollector for Blocks {
    fn increment_counter(&self, _: &'static str, _: Tags<'_>, _: u64) {}

    fn observe_histogram(&self, name: &'static str, _: Tags<'_>, _: f64) {
        while name.contains("fetch") {
            thread::park();
        }
    }
}

#[test]
fn a_collector_that_blocks_on_fetches_stops_no_call_and_no_deadline() {
    watched(|| {
        let world = World::new();
        let keycloak = world.builder().metrics_collector(Blocks).build();
        let service = world.service_of(keycloak.expect("settings"));
        for call in CALLS {
            let status = full().block_on(call.of(&service));
            assert_eq!(status, 200, "{call:?}");
        }
    });
}

/// Panics on the threads that are not a test's: where keys are fetched.
#[derive(Debug)]
struct PanicsElsewhere(Arc<AtomicUsize>);

impl Clock for PanicsElsewhere {
    fn now(&self) -> std::time::SystemTime {
        let here = thread::current();
        if here.name() == Some("keycloak") && self.0.load(Ordering::SeqCst) > 0 {
            panic!("a clock of the application");
        }
        std::time::SystemTime::now()
    }
}

#[test]
fn a_clock_that_panics_is_one_answer_of_503_each_and_no_loop() {
    watched(|| {
        let world = World::new();
        let broken = Arc::new(AtomicUsize::new(1));
        let clock = PanicsElsewhere(Arc::clone(&broken));
        let keycloak = world.builder().clock(clock).build();
        let service = world.service_of(keycloak.expect("settings"));
        let living = full();
        for _ in 0..1_000 {
            let status = living.block_on(Call::Authenticate.of(&service));
            assert_eq!(status, 503);
        }
        assert!(world.issuer.discovery_requests() + world.issuer.jwks_requests() < 20);
        broken.store(0, Ordering::SeqCst);
        while living.block_on(Call::Authenticate.of(&service)) != 200 {
            thread::yield_now();
        }
    });
}
