//! The door to the operator's metrics system; implementing it is all an adapter does.

use std::sync::Arc;

/// Tags of one measurement: pairs of name and value.
///
/// Names are the constants of [`names`](super::names). Values are the realm and client id of the
/// settings, or one of our own words; never anything a caller sent.
pub type Tags<'a> = &'a [(&'static str, &'a str)];

/// Receives the measurements of one [`Keycloak`](crate::Keycloak).
///
/// The three methods are those of the Python library's protocol. They are called on the request
/// path, on the thread that polls the request: keep them short, do not block, do not panic. (What is
/// measured of fetches comes on a thread of its own; a collector that blocks there loses measurements,
/// and holds up neither calls to Keycloak nor deadlines.) The names are those of
/// [`names`](super::names); [the module](super) lists tags and units.
///
/// # Example
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use keycloak::{MetricsCollector, telemetry::Tags};
///
/// #[derive(Default)]
/// struct Refusals(AtomicU64);
///
/// impl MetricsCollector for Refusals {
///     fn increment_counter(&self, name: &'static str, _tags: Tags<'_>, value: u64) {
///         if name == keycloak::telemetry::names::ERRORS_TOTAL {
///             self.0.fetch_add(value, Ordering::Relaxed);
///         }
///     }
///     fn observe_histogram(&self, _name: &'static str, _tags: Tags<'_>, _value: f64) {}
/// }
/// ```
pub trait MetricsCollector: Send + Sync + 'static {
    /// Adds `value` to a counter.
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, value: u64);

    /// Records one observation; for the `_ms` metrics in milliseconds.
    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, value: f64);

    /// Sets a gauge to `value`.
    ///
    /// None of the thirteen metrics is a gauge. The method is part of the protocol, so that
    /// collectors can be written once; the default does nothing.
    fn set_gauge(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        let _ = (name, tags, value);
    }
}

/// A collector that the application keeps a handle to.
impl<C: MetricsCollector + ?Sized> MetricsCollector for Arc<C> {
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, value: u64) {
        (**self).increment_counter(name, tags, value);
    }

    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        (**self).observe_histogram(name, tags, value);
    }

    fn set_gauge(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        (**self).set_gauge(name, tags, value);
    }
}
