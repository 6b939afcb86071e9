//! Adapter for the `metrics` facade: Prometheus, `StatsD` and whatever else has an exporter for it.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use dashmap::DashMap;
use metrics::{Key, Label, Level, Metadata, Recorder, SharedString, Unit};

use super::{
    collector::{MetricsCollector, Tags},
    names::{self, Kind},
};

/// Far more series than the thirteen metrics can have; a bound for other callers of the adapter.
const MAX_SERIES: usize = 4_096;

static METADATA: Metadata<'static> = Metadata::new("keycloak", Level::INFO, Some(module_path!()));

/// Hands every measurement to the recorder that the application installed with the `metrics`
/// crate (feature `metrics`).
///
/// Install the exporter first, so that it gets the descriptions and units. Until one is
/// installed, measurements go nowhere.
///
/// ```
/// # fn f() -> keycloak::KeycloakBuilder {
/// keycloak::Keycloak::builder().metrics_collector(keycloak::telemetry::MetricsFacade::new())
/// # }
/// ```
#[derive(Clone)]
pub struct MetricsFacade {
    /// The facade's own form of a series, made once: it owns its labels.
    series: Arc<DashMap<u64, Key>>,
}

impl MetricsFacade {
    /// Describes the thirteen metrics to the installed recorder.
    #[must_use]
    pub fn new() -> Self {
        for metric in names::ALL {
            match metric.kind {
                Kind::Counter => {
                    metrics::describe_counter!(metric.name, Unit::Count, metric.help);
                }
                Kind::HistogramMs => {
                    metrics::describe_histogram!(metric.name, Unit::Milliseconds, metric.help);
                }
            }
        }
        Self {
            series: Arc::default(),
        }
    }

    /// Lets `record` see the recorder and the series of `name` and `tags`.
    fn record(&self, name: &'static str, tags: Tags<'_>, record: impl Fn(&dyn Recorder, &Key)) {
        let mut hasher = DefaultHasher::new();
        (name, tags).hash(&mut hasher);
        let hash = hasher.finish();
        if let Some(known) = self.series.get(&hash)
            && is(&known, name, tags)
        {
            return metrics::with_recorder(|recorder| record(recorder, &known));
        }
        let made = key(name, tags);
        metrics::with_recorder(|recorder| record(recorder, &made));
        if self.series.len() < MAX_SERIES {
            self.series.insert(hash, made);
        }
    }
}

fn key(name: &'static str, tags: Tags<'_>) -> Key {
    let owned = |value: &str| SharedString::from(value.to_owned());
    let labels = tags.iter();
    let labels = labels.map(|(name, value)| Label::new(*name, owned(value)));
    Key::from_parts(name, labels.collect::<Vec<_>>())
}

/// Whether `key` is the series of `name` and `tags`, and not one of the same hash.
fn is(key: &Key, name: &str, tags: Tags<'_>) -> bool {
    let labels = key.labels();
    key.name() == name
        && labels.len() == tags.len()
        && labels
            .zip(tags)
            .all(|(label, (name, value))| label.key() == *name && label.value() == *value)
}

impl Default for MetricsFacade {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MetricsFacade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsFacade").finish_non_exhaustive()
    }
}

impl MetricsCollector for MetricsFacade {
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, value: u64) {
        self.record(name, tags, |recorder, key| {
            recorder.register_counter(key, &METADATA).increment(value);
        });
    }

    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        self.record(name, tags, |recorder, key| {
            recorder.register_histogram(key, &METADATA).record(value);
        });
    }

    fn set_gauge(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        self.record(name, tags, |recorder, key| {
            recorder.register_gauge(key, &METADATA).set(value);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_made_once() {
        let facade = MetricsFacade::new();
        for _ in 0..3 {
            facade.increment_counter("a", &[("x", "1")], 1);
            facade.increment_counter("a", &[("x", "2")], 1);
            facade.observe_histogram("b", &[("x", "1")], 1.0);
        }
        assert_eq!(facade.series.len(), 3);
    }

    #[test]
    fn a_series_of_the_same_hash_is_not_taken_for_it() {
        let tags: Tags<'_> = &[("x", "1")];
        let own = key("a", tags);
        assert!(is(&own, "a", tags));
        assert!(!is(&own, "b", tags));
        assert!(!is(&own, "a", &[("x", "2")]));
        assert!(!is(&own, "a", &[("y", "1")]));
        assert!(!is(&own, "a", &[]));
        assert!(!is(&own, "a", &[("x", "1"), ("y", "1")]));
    }

    #[test]
    fn series_are_bounded() {
        let facade = MetricsFacade::new();
        for n in 0..2 * MAX_SERIES {
            facade.set_gauge("g", &[("x", &n.to_string())], 1.0);
        }
        assert_eq!(facade.series.len(), MAX_SERIES);
    }
}
