//! A scrape after a mixed load: every metric is there, and every number is the right one.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, http::StatusCode};
use keycloak::telemetry::names;

use super::{
    example,
    load::{bearer, foreign_token, get, realm, refresh, send, turn},
};

/// One line of the exposition format.
#[derive(Debug)]
struct Sample {
    name: String,
    tags: BTreeMap<String, String>,
    value: f64,
}

struct Scrape(Vec<Sample>);

impl Scrape {
    fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(Sample::parse).collect())
    }

    /// The sum over all samples of this name with these tags.
    fn sum(&self, name: &str, tags: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            sample.name == name
                && tags
                    .iter()
                    .all(|(tag, value)| sample.tags.get(*tag).is_some_and(|own| own == value))
        };
        self.0.iter().filter(has).map(|sample| sample.value).sum()
    }

    /// As `{tag: sum}`.
    fn by(&self, name: &str, tag: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for sample in self.0.iter().filter(|sample| sample.name == name) {
            let tag = sample.tags.get(tag).cloned().unwrap_or_default();
            *sums.entry(tag).or_default() += sample.value;
        }
        sums
    }
}

impl Sample {
    fn parse(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, tags) = match series.split_once('{') {
            Some((name, tags)) => (name, tags.trim_end_matches('}')),
            None => (series, ""),
        };
        let tags = tags.split(',').filter(|tag| !tag.is_empty()).map(|tag| {
            let (name, value) = tag.split_once('=').expect("a tag");
            (name.to_owned(), value.trim_matches('"').to_owned())
        });
        Self {
            name: name.to_owned(),
            tags: tags.collect(),
            value: value.parse().expect("a number"),
        }
    }
}

async fn expect(app: &Router, request: axum::http::Request<axum::body::Body>, status: u16) {
    let (got, body) = send(app, request).await;
    assert_eq!(got.as_u16(), status, "{body}");
}

fn counts<const N: usize>(expected: [(&str, f64); N]) -> BTreeMap<String, f64> {
    expected
        .into_iter()
        .map(|(tag, count)| (tag.to_owned(), count))
        .collect()
}

#[tokio::test]
async fn all_thirteen_are_there_and_right() {
    let _turn = turn().await;
    let prometheus = example::install_prometheus().expect("the only recorder of this process");
    let realm = realm().await;
    let keycloak = realm
        .keycloak("demo-api")
        .enable_token_refresh()
        .metrics_collector(example::collector())
        .build()
        .expect("settings");
    let app = example::router(keycloak.clone(), prometheus);

    let alice = bearer(&realm.token("alice").await.expect("a token"));
    let bob = bearer(&realm.token("bob").await.expect("a token"));
    // Checked once each, then remembered.
    for _ in 0..10 {
        expect(&app, get("/users/me", &[&alice]), 200).await;
    }
    expect(&app, get("/admin", &[&alice]), 200).await;
    for _ in 0..3 {
        expect(&app, get("/admin", &[&bob]), 403).await;
    }
    // No token is checked here.
    expect(&app, get("/admin", &[]), 401).await;
    expect(&app, get("/admin", &[]), 401).await;
    expect(&app, get("/admin", &["Basic YTpi"]), 401).await;
    expect(&app, get("/admin", &[&alice, &alice]), 400).await;
    // Tokens that are refused.
    expect(&app, get("/admin", &["Bearer not-a-token"]), 401).await;
    let oversized = bearer(&"x".repeat(20_000));
    expect(&app, get("/admin", &[&oversized]), 401).await;
    let expired = realm
        .token("alice")
        .issued_ago(Duration::from_secs(86_400))
        .issue()
        .expect("tokens");
    expect(&app, get("/admin", &[&bearer(expired.access_token())]), 401).await;
    let unknown = bearer(&foreign_token(&realm, "a-key-of-nobody"));
    expect(&app, get("/admin", &[&unknown]), 401).await;
    // Refreshes.
    let tokens = realm
        .token("alice")
        .client("demo-api")
        .issue()
        .expect("tokens");
    let good = tokens.refresh_token().expect("a refresh token");
    expect(&app, refresh(good), 200).await;
    expect(&app, refresh("junk"), 400).await;

    let (status, text) = send(&app, get("/metrics", &[])).await;
    assert_eq!(status, StatusCode::OK);
    let scrape = Scrape::parse(&text);
    keycloak.close().await;

    let own = [("realm", "demo"), ("client_id", "demo-api")];
    for metric in names::ALL {
        assert!(text.contains(&format!("# HELP {} ", metric.name)), "{text}");
        let samples = scrape.0.iter().filter(|sample| {
            sample.name == metric.name
                || sample.name == format!("{}_count", metric.name)
                || sample.name == format!("{}_sum", metric.name)
        });
        let samples: Vec<_> = samples.collect();
        assert!(!samples.is_empty(), "{} is missing:\n{text}", metric.name);
        for sample in samples {
            for (tag, value) in own {
                assert_eq!(sample.tags[tag], value, "{sample:?}");
            }
        }
    }

    let codes = counts([
        ("malformed_token", 2.0),
        ("token_expired", 1.0),
        ("unknown_kid", 1.0),
    ]);
    assert_eq!(
        scrape.by(names::TOKEN_VALIDATION_FAILURE_TOTAL, "error_code"),
        codes
    );
    assert_eq!(
        scrape.by(names::TOKEN_VALIDATION_SUCCESS_TOTAL, "method"),
        counts([("cache", 12.0), ("jwt", 2.0)])
    );
    assert_eq!(scrape.sum(names::TOKEN_VALIDATION_TOTAL, &own), 18.0);
    assert_eq!(
        scrape.by(names::ERRORS_TOTAL, "error_code"),
        counts([
            ("missing_header", 2.0),
            ("invalid_header_format", 2.0),
            ("malformed_token", 2.0),
            ("token_expired", 1.0),
            ("unknown_kid", 1.0),
            ("missing_roles", 3.0),
            ("invalid_grant", 1.0),
        ])
    );

    assert_eq!(scrape.sum(names::TOKEN_REFRESH_TOTAL, &own), 2.0);
    assert_eq!(scrape.sum(names::TOKEN_REFRESH_SUCCESS_TOTAL, &own), 1.0);
    let failed = [("error_code", "invalid_grant")];
    assert_eq!(scrape.sum(names::TOKEN_REFRESH_FAILURE_TOTAL, &failed), 1.0);

    // Keys are there for bob and the expired token. The first token had to wait for them, and
    // the unknown key is one miss.
    assert_eq!(scrape.sum(names::JWKS_CACHE_HITS_TOTAL, &own), 2.0);
    assert_eq!(scrape.sum(names::JWKS_CACHE_MISSES_TOTAL, &own), 2.0);
    let count = |name: &str| scrape.sum(&format!("{name}_count"), &own);
    assert_eq!(count(names::OIDC_FETCH_LATENCY_MS), 1.0);
    // At the first token, and for the unknown key.
    assert_eq!(count(names::JWKS_FETCH_LATENCY_MS), 2.0);
    assert_eq!(count(names::TOKEN_VALIDATION_LATENCY_MS), 18.0);
    assert_eq!(count(names::TOKEN_REFRESH_LATENCY_MS), 2.0);
    for name in [
        names::OIDC_FETCH_LATENCY_MS,
        names::JWKS_FETCH_LATENCY_MS,
        names::TOKEN_VALIDATION_LATENCY_MS,
        names::TOKEN_REFRESH_LATENCY_MS,
    ] {
        // Milliseconds: more than nothing, and less than the requests' timeouts together.
        let sum = scrape.sum(&format!("{name}_sum"), &own);
        assert!(sum > 0.0 && sum < 100_000.0, "{name}: {sum}");
    }
}
