use std::sync::Mutex;

use super::*;

/// On a runtime of its own.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

type Seen = (&'static str, String, f64);

/// Keeps every measurement as name, `tag=value,…`, value.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    fn push(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        let tags: Vec<String> = tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
        self.0.lock().unwrap().push((name, tags.join(","), value));
    }
}

impl MetricsCollector for Log {
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, value: u64) {
        self.push(name, tags, f64::from(u32::try_from(value).unwrap()));
    }
    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        assert!(value.is_finite() && value >= 0.0, "{name}: {value}");
        self.push(name, tags, value);
    }
}

#[track_caller]
fn check(act: impl FnOnce(&Telemetry), expected: &[(&str, &str)]) {
    let log = Log::default();
    act(&Telemetry::new(Box::new(log.clone()), "demo", "api"));
    let seen = log.0.lock().unwrap();
    let seen: Vec<_> = seen.iter().map(|(n, t, _)| (*n, t.as_str())).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_collector_that_panics_costs_nobody_anything() {
    struct Panics;
    impl MetricsCollector for Panics {
        fn increment_counter(&self, _: &'static str, _: Tags<'_>, _: u64) {
            panic!("a bug of the application");
        }
        fn observe_histogram(&self, _: &'static str, _: Tags<'_>, _: f64) {
            panic!("a bug of the application");
        }
    }
    let telemetry = Telemetry::new(Box::new(Panics), "demo", "api");
    telemetry.validation(Method::Jwt, telemetry.start(), Ok(()));
    wait(telemetry.fetch(Fetch::Keys, telemetry.start(), Err("code")));
}

#[test]
fn a_collector_that_blocks_holds_up_no_fetch() {
    struct Blocks;
    impl MetricsCollector for Blocks {
        fn increment_counter(&self, _: &'static str, _: Tags<'_>, _: u64) {}
        fn observe_histogram(&self, _: &'static str, _: Tags<'_>, _: f64) {
            loop {
                thread::park();
            }
        }
    }
    let telemetry = Telemetry::new(Box::new(Blocks), "demo", "api");
    for _ in 0..20 {
        wait(telemetry.fetch(Fetch::Keys, telemetry.start(), Ok(())));
    }
    let inner = telemetry.inner.as_ref().unwrap();
    assert_eq!(inner.fetches.load(Ordering::Acquire), FETCHES_AT_ONCE);
}

#[test]
fn accepted_token_counts_as_total_and_success() {
    let tags = "method=jwt,client_id=api,realm=demo";
    check(
        |t| t.validation(Method::Jwt, t.start(), Ok(())),
        &[
            ("fc_kc_token_validation_total", tags),
            ("fc_kc_token_validation_success_total", tags),
            ("fc_kc_token_validation_latency_ms", tags),
        ],
    );
}

#[test]
fn refused_token_counts_as_total_failure_and_one_error() {
    let tags = "method=introspection,client_id=api,realm=demo";
    let failed = "method=introspection,client_id=api,realm=demo,error_code=token_inactive";
    check(
        |t| t.validation(Method::Introspection, t.start(), Err("token_inactive")),
        &[
            ("fc_kc_token_validation_total", tags),
            ("fc_kc_token_validation_failure_total", failed),
            ("fc_kc_token_validation_latency_ms", failed),
            (
                "fc_kc_errors_total",
                "error_code=token_inactive,client_id=api,realm=demo",
            ),
        ],
    );
}

#[test]
fn warm_token_is_told_apart() {
    let tags = "method=cache,client_id=api,realm=demo";
    check(
        |t| t.validation(Method::Cache, t.start(), Ok(())),
        &[
            ("fc_kc_token_validation_total", tags),
            ("fc_kc_token_validation_success_total", tags),
            ("fc_kc_token_validation_latency_ms", tags),
        ],
    );
}

#[test]
fn refresh_counts_both_ways() {
    let tags = "client_id=api,realm=demo";
    let failed = "client_id=api,realm=demo,error_code=invalid_grant";
    check(
        |t| {
            t.refresh(t.start(), Ok(()));
            t.refresh(t.start(), Err("invalid_grant"));
        },
        &[
            ("fc_kc_token_refresh_total", tags),
            ("fc_kc_token_refresh_success_total", tags),
            ("fc_kc_token_refresh_latency_ms", tags),
            ("fc_kc_token_refresh_total", tags),
            ("fc_kc_token_refresh_failure_total", failed),
            ("fc_kc_token_refresh_latency_ms", failed),
            (
                "fc_kc_errors_total",
                "error_code=invalid_grant,client_id=api,realm=demo",
            ),
        ],
    );
}

#[test]
fn fetches_and_lookups_have_their_own_names() {
    let tags = "client_id=api,realm=demo";
    check(
        |t| {
            wait(t.fetch(Fetch::Discovery, t.start(), Ok(())));
            wait(t.fetch(Fetch::Keys, t.start(), Ok(())));
            wait(t.fetch(Fetch::Keys, t.start(), Err("cert_expired")));
            t.key_lookup(true);
            t.key_lookup(false);
            t.refused("missing_roles");
        },
        &[
            ("fc_kc_oidc_fetch_latency_ms", tags),
            ("fc_kc_jwks_fetch_latency_ms", tags),
            (
                "fc_kc_jwks_fetch_latency_ms",
                "client_id=api,realm=demo,error_code=cert_expired",
            ),
            (
                "fc_kc_errors_total",
                "error_code=cert_expired,client_id=api,realm=demo",
            ),
            ("fc_kc_jwks_cache_hits_total", tags),
            ("fc_kc_jwks_cache_misses_total", tags),
            (
                "fc_kc_errors_total",
                "error_code=missing_roles,client_id=api,realm=demo",
            ),
        ],
    );
}

#[test]
fn latency_is_in_milliseconds() {
    let log = Log::default();
    let telemetry = Telemetry::new(Box::new(log.clone()), "demo", "api");
    let earlier = Instant::now().checked_sub(Duration::from_secs(3)).unwrap();
    wait(telemetry.fetch(Fetch::Keys, Stopwatch(Some(earlier)), Ok(())));
    let seen = log.0.lock().unwrap();
    assert!(seen[0].2 >= 3_000.0, "{seen:?}");
}

#[test]
fn without_a_collector_no_clock_is_read() {
    assert!(Telemetry::off().start().0.is_none());
}
