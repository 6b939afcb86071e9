//! What operators see: the metrics of a mixed load, their bounds under a hostile one, and logs that
//! give nothing away.

mod bounds;
mod events;
mod leaks;
mod load;
mod scrape;
mod settings;

/// The example is what its readers copy, so it is the example that is tested.
#[allow(dead_code, reason = "its `main` is for people")]
#[path = "../../examples/metrics.rs"]
mod example;
