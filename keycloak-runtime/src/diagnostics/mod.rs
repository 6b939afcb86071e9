//! Why it does not work: the state of Keycloak as this service sees it, and the classics.

pub(crate) mod desk;
mod findings;
pub(crate) mod hints;
mod judge;
pub(crate) mod look;
pub(crate) mod recognise;
pub(crate) mod refusals;
mod report;
pub(crate) mod run;
mod tls;

pub use self::{
    hints::{Classic, Hint},
    report::{DiagnosticReport, DiagnosticStatus, EndpointReport, IssuerReport, KeySetReport},
};
