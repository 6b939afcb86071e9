//! What TLS tells us beyond "it failed": the stable codes of its faults, and the lifetime of a
//! certificate.
//!
//! Nothing here decides whether a connection is trusted: that is rustls' alone. This module only
//! reads its result, so a mistake here gives a wrong diagnosis, never a wrong connection.

pub(crate) mod certificate;
mod fault;

pub(crate) use self::fault::{TlsFault, code_of};
