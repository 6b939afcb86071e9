//! What is counted: allocations and bytes, exactly; and what operators see of a service.

mod allocations;
mod metrics;
