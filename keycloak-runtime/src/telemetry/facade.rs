//! Adapter for the `metrics` facade: Prometheus, `StatsD` and whatever else has an exporter for it.

use metrics::{Label, SharedString, Unit};

use super::{
    collector::{MetricsCollector, Tags},
    names::{self, Kind},
};

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
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct MetricsFacade {}

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
        Self {}
    }
}

impl Default for MetricsFacade {
    fn default() -> Self {
        Self::new()
    }
}

/// The facade owns its labels; the values are short and few.
fn labels(tags: Tags<'_>) -> Vec<Label> {
    let owned = |value: &str| SharedString::from(value.to_owned());
    tags.iter()
        .map(|(name, value)| Label::new(*name, owned(value)))
        .collect()
}

impl MetricsCollector for MetricsFacade {
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, value: u64) {
        metrics::counter!(name, labels(tags)).increment(value);
    }

    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        metrics::histogram!(name, labels(tags)).record(value);
    }

    fn set_gauge(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        metrics::gauge!(name, labels(tags)).set(value);
    }
}
