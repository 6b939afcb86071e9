//! Why it does not work: the state of Keycloak as this service sees it, and the classics.

pub(crate) mod hints;
pub(crate) mod recognise;
pub(crate) mod refusals;
mod report;
mod tls;

pub use self::{
    hints::{Classic, Hint},
    report::{DiagnosticReport, DiagnosticStatus, EndpointReport, IssuerReport, KeySetReport},
};
