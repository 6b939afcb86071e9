//! Our library and its peers as servers of one shape, so that one program can ask them all the same.
//!
//! Each server runs in a process of its own ([`child`]), against the same scripted issuer, with the
//! same routes and the same policy ([`servers`]). The programs beside this library measure them
//! (`bench`), attack them (`attacks`) and take their issuer away (`faults`).

pub mod child;
#[path = "../../src/issuer.rs"]
pub mod issuer;
pub mod machine;
#[path = "../../src/mint.rs"]
pub mod mint;
pub mod servers;
pub mod table;
