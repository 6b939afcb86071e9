//! The thirteen metrics, recorded: every seam of the crate reports through one of these methods.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    collector::{MetricsCollector, Tags},
    names::{self, TAG_CLIENT_ID, TAG_ERROR_CODE, TAG_METHOD, TAG_REALM},
};
use crate::base::background;

/// Measurements of fetches that a collector may be busy with; later ones are not taken.
const FETCHES_AT_ONCE: usize = 4;

/// A fetch waits so long for its measurement to be taken, so that it is there with the result.
const PATIENCE: Duration = Duration::from_millis(100);

/// How a token was checked; the value of the tag `method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Signature and claims were checked here.
    Jwt,
    /// Keycloak was asked (RFC 7662).
    Introspection,
    /// The same token was verified a moment ago.
    Cache,
}

impl Method {
    fn tag(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Introspection => "introspection",
            Self::Cache => "cache",
        }
    }
}

/// What was fetched from Keycloak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fetch {
    /// The discovery document.
    Discovery,
    /// The key set.
    Keys,
}

/// When something began; empty, and free, when there is no collector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    fn elapsed(self) -> Option<Duration> {
        self.0.map(|start| start.elapsed())
    }
}

/// The collector of one `Keycloak`, with the two tags that never change.
///
/// Failures are given by their `error.code`, a `'static` word of ours: nothing that a caller sent
/// can become a tag.
#[derive(Clone)]
pub(crate) struct Telemetry {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    collector: Shielded,
    client_id: String,
    realm: String,
    fetches: AtomicUsize,
}

/// A collector whose panics cost the measurement and nothing else: neither a request nor an attempt
/// to fetch ends because of it. (The panic hook has reported it.)
struct Shielded(Box<dyn MetricsCollector>);

impl Shielded {
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, value: u64) {
        let count = || self.0.increment_counter(name, tags, value);
        let _ = catch_unwind(AssertUnwindSafe(count));
    }

    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        let observe = || self.0.observe_histogram(name, tags, value);
        let _ = catch_unwind(AssertUnwindSafe(observe));
    }
}

impl Telemetry {
    /// Measures nothing.
    pub(crate) fn off() -> Self {
        Self { inner: None }
    }

    pub(crate) fn new(
        collector: Box<dyn MetricsCollector>,
        realm: impl Into<String>,
        client_id: impl Into<String>,
    ) -> Self {
        Self {
            inner: Some(Arc::new(Inner {
                collector: Shielded(collector),
                client_id: client_id.into(),
                realm: realm.into(),
                fetches: AtomicUsize::new(0),
            })),
        }
    }

    /// Begins a measurement; reads no clock when there is no collector.
    pub(crate) fn start(&self) -> Stopwatch {
        Stopwatch(self.inner.as_ref().map(|_| Instant::now()))
    }

    /// A token was checked: one validation, and one error if it was refused.
    pub(crate) fn validation(
        &self,
        method: Method,
        since: Stopwatch,
        outcome: Result<(), &'static str>,
    ) {
        let Some(inner) = &self.inner else { return };
        let tags = [
            (TAG_METHOD, method.tag()),
            (TAG_CLIENT_ID, inner.client_id.as_str()),
            (TAG_REALM, inner.realm.as_str()),
        ];
        let collector = &inner.collector;
        collector.increment_counter(names::TOKEN_VALIDATION_TOTAL, &tags, 1);
        match outcome {
            Ok(()) => {
                collector.increment_counter(names::TOKEN_VALIDATION_SUCCESS_TOTAL, &tags, 1);
                inner.observe(names::TOKEN_VALIDATION_LATENCY_MS, &tags, since.elapsed());
            }
            Err(code) => {
                let [method, client_id, realm] = tags;
                let tags = [method, client_id, realm, (TAG_ERROR_CODE, code)];
                collector.increment_counter(names::TOKEN_VALIDATION_FAILURE_TOTAL, &tags, 1);
                inner.observe(names::TOKEN_VALIDATION_LATENCY_MS, &tags, since.elapsed());
                inner.error(code);
            }
        }
    }

    /// A refresh ended: one refresh, and one error if it failed.
    pub(crate) fn refresh(&self, since: Stopwatch, outcome: Result<(), &'static str>) {
        let Some(inner) = &self.inner else { return };
        let tags = inner.tags();
        let collector = &inner.collector;
        collector.increment_counter(names::TOKEN_REFRESH_TOTAL, &tags, 1);
        match outcome {
            Ok(()) => {
                collector.increment_counter(names::TOKEN_REFRESH_SUCCESS_TOTAL, &tags, 1);
                inner.observe(names::TOKEN_REFRESH_LATENCY_MS, &tags, since.elapsed());
            }
            Err(code) => {
                let tags = inner.failure_tags(code);
                collector.increment_counter(names::TOKEN_REFRESH_FAILURE_TOTAL, &tags, 1);
                inner.observe(names::TOKEN_REFRESH_LATENCY_MS, &tags, since.elapsed());
                inner.error(code);
            }
        }
    }

    /// One attempt to fetch ended. All calls and all deadlines of this process are on the one thread
    /// that this is called on, so the collector gets another one: it may block, and holds up nothing.
    pub(crate) async fn fetch(
        &self,
        what: Fetch,
        since: Stopwatch,
        outcome: Result<(), &'static str>,
    ) {
        let Some(inner) = &self.inner else { return };
        let elapsed = since.elapsed();
        inner.fetches.fetch_add(1, Ordering::AcqRel);
        let slot = Slot(Arc::clone(inner));
        if inner.fetches.load(Ordering::Acquire) > FETCHES_AT_ONCE {
            return;
        }
        let (done, taken) = oneshot::channel();
        let take = move || {
            slot.0.fetched(what, elapsed, outcome);
            drop(slot);
            // Who waited may have left.
            let _ = done.send(());
        };
        // Fetches are rare, so that a thread for each costs little. Without one, or in time, it is
        // not measured, or later.
        let thread = thread::Builder::new().name("keycloak-metrics".to_owned());
        if thread.spawn(take).is_ok() {
            let _ = background::within(PATIENCE, taken).await;
        }
    }

    /// A key was looked up for a token; once per token, whatever a refetch brings.
    pub(crate) fn key_lookup(&self, found: bool) {
        let Some(inner) = &self.inner else { return };
        let name = if found {
            names::JWKS_CACHE_HITS_TOTAL
        } else {
            names::JWKS_CACHE_MISSES_TOTAL
        };
        inner.collector.increment_counter(name, &inner.tags(), 1);
    }

    /// A request was refused before its token was checked (header), or after it was accepted (403).
    pub(crate) fn refused(&self, code: &'static str) {
        if let Some(inner) = &self.inner {
            inner.error(code);
        }
    }
}

/// The place of one measurement among those that a collector may be busy with.
struct Slot(Arc<Inner>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetches.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Inner {
    fn fetched(&self, what: Fetch, elapsed: Option<Duration>, outcome: Result<(), &'static str>) {
        let name = match what {
            Fetch::Discovery => names::OIDC_FETCH_LATENCY_MS,
            Fetch::Keys => names::JWKS_FETCH_LATENCY_MS,
        };
        match outcome {
            Ok(()) => self.observe(name, &self.tags(), elapsed),
            Err(code) => {
                self.observe(name, &self.failure_tags(code), elapsed);
                self.error(code);
            }
        }
    }

    fn tags(&self) -> [(&'static str, &str); 2] {
        [(TAG_CLIENT_ID, &self.client_id), (TAG_REALM, &self.realm)]
    }

    fn failure_tags(&self, code: &'static str) -> [(&'static str, &str); 3] {
        let [client_id, realm] = self.tags();
        [client_id, realm, (TAG_ERROR_CODE, code)]
    }

    fn error(&self, code: &'static str) {
        let [client_id, realm] = self.tags();
        let tags = [(TAG_ERROR_CODE, code), client_id, realm];
        self.collector
            .increment_counter(names::ERRORS_TOTAL, &tags, 1);
    }

    fn observe(
        &self,
        name: &'static str,
        tags: &[(&'static str, &str)],
        elapsed: Option<Duration>,
    ) {
        if let Some(elapsed) = elapsed {
            let millis = elapsed.as_secs_f64() * 1_000.0;
            self.collector.observe_histogram(name, tags, millis);
        }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("on", &self.inner.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests;
