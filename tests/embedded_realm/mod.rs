//! The embedded realm over real HTTP: what it serves, and how it behaves as an issuer.

mod browser_flow;
mod client;
mod endpoints;
mod exports;
mod fixture;
mod grants;
mod levers;
mod names;
mod robustness;
