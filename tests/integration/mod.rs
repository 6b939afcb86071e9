//! Whole pieces together, on the public API: no network but loopback, no sleeping.

mod builder;
mod close;
mod config;
mod confirmation;
mod discovery;
mod guarded_documents;
mod introspection;
mod keys;
mod layer;
mod openapi;
mod proxy;
mod refresh;
