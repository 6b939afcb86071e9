//! The embedded realm over real HTTP: what it serves, and how it behaves as an issuer.

mod client;
mod fixture;
mod grants;
mod levers;
