//! Diagnostics against scripted issuers: what the report says, and what TLS faults look like.

mod classics;
mod embedded;
mod report;
mod tls;
