//! A service on a scripted or embedded realm, in this process: what it accepts, refuses, says and needs.

mod diagnostics;
mod embedded_realm;
mod integration;
mod policies;
mod runtimes;
