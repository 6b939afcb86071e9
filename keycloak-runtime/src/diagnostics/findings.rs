//! What the single checks mean together: classics, and whether any caller can be admitted.

use std::collections::BTreeSet;

use super::{
    assess::{self, Question},
    look::Seen,
    report::{DiagnosticStatus, EndpointReport, KeySetReport},
};
use crate::classics::{
    hints::{Classic, Hint, Setup},
    recognise,
};
use crate::{
    realm::discovery::{DiscoveryError, ProviderMetadata},
    settings::Settings,
    transport::http_client::HttpError,
};

/// What follows from all that was seen.
#[derive(Default)]
pub(super) struct Findings {
    classics: BTreeSet<Classic>,
    /// Tokens cannot be accepted even though every endpoint works.
    pub(super) refuses_everybody: bool,
}

impl Findings {
    pub(super) fn discovery(
        &mut self,
        settings: &Settings,
        seen: Option<&Seen>,
        document: Option<&ProviderMetadata>,
        refused: Option<&DiscoveryError>,
    ) -> EndpointReport {
        let mut report = assess::endpoint(seen, Question::Discovery, settings);
        let redirects = matches!(
            seen,
            Some(Seen {
                answer: Some(Err(HttpError::Redirect { .. })),
                ..
            })
        );
        if redirects && settings.server_url.starts_with("http:") {
            // A proxy does so that wants `https`.
            self.classics.insert(Classic::IssuerScheme);
        }
        if report.status != DiagnosticStatus::Ok {
            return report;
        }
        let wrong = match document {
            None => Some(DiscoveryError::NotMetadata.to_string()),
            Some(document) => match recognise::issuer(&settings.issuers, &document.issuer) {
                Some(classic) => {
                    self.classics.insert(classic);
                    Some("the document names an issuer that is not accepted".to_owned())
                }
                None => refused.map(ToString::to_string),
            },
        };
        if let Some(wrong) = wrong {
            report.status = DiagnosticStatus::Error;
            report.message = wrong;
        }
        report
    }

    pub(super) fn clock(&mut self, settings: &Settings, skew: Option<i64>) {
        let leeway = i64::try_from(settings.leeway.as_secs()).unwrap_or(i64::MAX);
        // The `Date` header is exact to about a second.
        let bound = leeway.saturating_add(1);
        if let Some(skew) = skew.filter(|skew| skew.saturating_abs() > bound) {
            self.classics.insert(Classic::ClockSkew);
            // Ahead of us every new token is one from the future. Behind us tokens merely end early.
            self.refuses_everybody |= skew > 0;
        }
    }

    /// What an endpoint that asks for our client's secret answered.
    pub(super) fn client(&mut self, seen: Option<&Seen>) {
        if seen.is_some_and(assess::refuses_client) {
            self.classics.insert(Classic::OwnClientRefused);
        }
    }

    pub(super) fn keys(
        &mut self,
        settings: &Settings,
        seen: Option<&Seen>,
    ) -> (EndpointReport, Option<KeySetReport>) {
        let mut report = assess::endpoint(seen, Question::Keys, settings);
        let wrong = match seen.and_then(|seen| assess::keys(seen, settings)) {
            None => return (report, None),
            Some(Err(wrong)) => (wrong, None),
            Some(Ok(keys)) if keys.usable == 0 => {
                self.classics.insert(Classic::AlgorithmNotAllowed);
                let wrong = "no key of the set fits the allowed algorithms".to_owned();
                (wrong, Some(keys))
            }
            Some(Ok(keys)) => return (report, Some(keys)),
        };
        report.status = DiagnosticStatus::Error;
        report.message = wrong.0;
        (report, wrong.1)
    }

    /// What was recognised, each with its fix.
    pub(super) fn hints(self, settings: &Settings) -> Vec<Hint> {
        let setup = Setup::of(settings);
        let hints = self.classics.into_iter();
        hints.map(|classic| Hint::new(classic, &setup)).collect()
    }
}
