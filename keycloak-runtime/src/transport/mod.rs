//! The way out of this process: who may make calls, and how.

pub(crate) mod outbound;

pub(crate) mod bucket;
pub(crate) mod http_client;
pub(crate) mod pause;
pub(crate) mod refresher;
pub(crate) mod single_flight;
pub(crate) mod tls;
