//! The way out of this process: where calls run, and who may make them.

pub(crate) mod background;
pub(crate) mod outbound;

pub(crate) mod bucket;
pub(crate) mod http_client;
pub(crate) mod pause;
pub(crate) mod refresher;
pub(crate) mod single_flight;
pub(crate) mod tls;
