//! The checks of one diagnosis: side by side, within one deadline.
//!
//! Invariants: the deadline holds however slow Keycloak is, and what was not finished by then is
//! reported as such. Our client's secret goes only where the settings or an accepted discovery
//! document point.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::{
    assess::{self, Question},
    findings::Findings,
    look::{Look, Scene, Seen, inspector},
    report::{DiagnosticReport, DiagnosticStatus, EndpointReport, IssuerReport},
    throttle::Round,
};
use crate::{
    base::foreign::Foreign,
    realm::discovery::{self, DiscoveryError, Endpoints, ProviderMetadata},
    settings::{Settings, TokenCheck},
};

/// A diagnosis never takes longer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// Of which the discovery document, without which the others are not known, may take so much.
const DISCOVERY_DEADLINE: Duration = Duration::from_secs(3);

/// Makes the report. `ask_client` says whether Keycloak is asked if it accepts our client, for
/// which it writes an error event; `everywhere` says whether each endpoint that wants the client's
/// secret is asked, or one of them.
pub(crate) async fn run(scene: Scene<'_>, ask_client: bool, everywhere: bool) -> Round {
    let settings = &scene.realm.settings;
    let use_ = Use::of(settings);
    let asked = Asked {
        introspection: use_.introspection && ask_client,
        token: use_.refresh && ask_client && (everywhere || !use_.introspection),
    };
    let evidence = Box::pin(gather(scene, asked)).await;
    let report = conclude(settings, use_, asked, &evidence);
    let answers = [
        (asked.introspection, report.introspection.status),
        (asked.token, report.token.status),
    ];
    let mut answers = answers.iter().filter(|(asked, _)| *asked).peekable();
    let client_accepted = answers
        .peek()
        .is_some()
        .then(|| answers.all(|(_, status)| *status == DiagnosticStatus::Ok));
    Round {
        report,
        client_accepted,
    }
}

/// The report when no diagnosis could be made.
pub(crate) fn not_made(settings: &Settings, why: &str) -> DiagnosticReport {
    let unknown = || EndpointReport::error(None, format!("no diagnosis was made: {why}"));
    DiagnosticReport {
        status: DiagnosticStatus::Error,
        server_url: settings.server_url.clone(),
        realm: settings.realm.clone(),
        ssl_verification_enabled: !settings.http.accept_invalid_certs,
        issuer: issuer_report(settings, None),
        clock_skew_seconds: None,
        keys: None,
        oidc_discovery: unknown(),
        jwks_uri: unknown(),
        introspection: unknown(),
        token: unknown(),
        end_session: unknown(),
        hints: Vec::new(),
    }
}

/// Which endpoints are asked with our client's secret.
#[derive(Debug, Clone, Copy)]
struct Asked {
    introspection: bool,
    token: bool,
}

/// What this service uses of Keycloak, by its settings.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not the states of one thing"
)]
struct Use {
    keys: bool,
    introspection: bool,
    refresh: bool,
    /// False where every endpoint that is used is configured.
    discovery: bool,
}

impl Use {
    fn of(settings: &Settings) -> Self {
        let keys = settings.token_check != TokenCheck::Introspect;
        let introspection = settings.token_check != TokenCheck::Local;
        let refresh = settings.token_refresh;
        Self {
            keys,
            introspection,
            refresh,
            discovery: (keys && settings.jwks_uri.is_none())
                || (introspection && settings.introspection_endpoint.is_none())
                || (refresh && settings.token_endpoint.is_none()),
        }
    }
}

/// Everything that was seen.
struct Evidence {
    discovery: Option<Seen>,
    document: Option<ProviderMetadata>,
    /// Why the document's endpoints were not looked at.
    refused: Option<DiscoveryError>,
    endpoints: Endpoints,
    jwks: Option<Seen>,
    introspection: Option<Seen>,
    token: Option<Seen>,
    end_session: Option<Seen>,
}

async fn gather(scene: Scene<'_>, asked: Asked) -> Evidence {
    let settings = &scene.realm.settings;
    let inspector = inspector(settings).await;
    let look = Look {
        scene,
        inspector: inspector.as_ref(),
    };
    let began = Instant::now();
    let until = |after| began.checked_add(after).unwrap_or(began);
    let discovery = match discovery::document_url(settings) {
        Ok(url) => {
            let until = until(DISCOVERY_DEADLINE);
            Some(look.at(url, Question::Discovery, None, until).await)
        }
        Err(_) => None,
    };
    let document = discovery.as_ref().and_then(assess::document);
    let (endpoints, refused) = endpoints(settings, document.as_ref());

    let road = discovery.as_ref().map(|seen| (&seen.url, &seen.road));
    let look_at = |url: &Option<Url>, used: bool, question| {
        let (url, look) = (url.clone().filter(|_| used), &look);
        async move {
            match url {
                Some(url) => Some(look.at(url, question, road, until(DEADLINE)).await),
                None => None,
            }
        }
    };
    let (jwks, introspection, token, end_session) = tokio::join!(
        look_at(&endpoints.jwks, true, Question::Keys),
        look_at(
            &endpoints.introspection,
            asked.introspection,
            Question::Introspection
        ),
        look_at(&endpoints.token, asked.token, Question::Token),
        look_at(&endpoints.end_session, true, Question::EndSession),
    );
    Evidence {
        discovery,
        document,
        refused,
        endpoints,
        jwks,
        introspection,
        token,
        end_session,
    }
}

fn conclude(settings: &Settings, use_: Use, asked: Asked, evidence: &Evidence) -> DiagnosticReport {
    let document = evidence.document.as_ref();
    let mut findings = Findings::default();
    let oidc_discovery = findings.discovery(
        settings,
        evidence.discovery.as_ref(),
        document,
        evidence.refused.as_ref(),
    );
    let clock_skew_seconds = evidence.discovery.as_ref().and_then(assess::clock_skew);
    findings.clock(settings, clock_skew_seconds);
    findings.client(evidence.introspection.as_ref());
    findings.client(evidence.token.as_ref());
    let (jwks_uri, keys) = findings.keys(settings, evidence.jwks.as_ref());

    let unused = |url: &Option<Url>, reason| {
        EndpointReport::disabled(
            url.as_ref().map(|url| Foreign::url(url).to_string()),
            reason,
        )
    };
    // Where the URL is known.
    let accepted_before = |url: &Option<Url>| {
        let url = url.as_ref().map(|url| Foreign::url(url).to_string())?;
        let message = "not asked: Keycloak accepted this service's client elsewhere or before";
        Some(EndpointReport::new(
            Some(url),
            DiagnosticStatus::Ok,
            message,
        ))
    };
    let introspection = if use_.introspection && !asked.introspection {
        accepted_before(&evidence.endpoints.introspection)
            .unwrap_or_else(|| assess::endpoint(None, Question::Introspection, settings))
    } else if use_.introspection {
        let seen = evidence.introspection.as_ref();
        assess::endpoint(seen, Question::Introspection, settings)
    } else {
        let url = &evidence.endpoints.introspection;
        unused(url, "introspection is not switched on")
    };
    let token = if use_.refresh && !asked.token {
        accepted_before(&evidence.endpoints.token)
            .unwrap_or_else(|| assess::endpoint(None, Question::Token, settings))
    } else if use_.refresh {
        assess::endpoint(evidence.token.as_ref(), Question::Token, settings)
    } else {
        unused(
            &evidence.endpoints.token,
            "token refresh is not switched on",
        )
    };
    let end_session = match &evidence.end_session {
        None if document.is_some() => unused(&None, "the realm announces none"),
        seen => assess::endpoint(seen.as_ref(), Question::EndSession, settings),
    };

    let broken = [
        (use_.discovery, &oidc_discovery),
        (use_.keys, &jwks_uri),
        (use_.introspection, &introspection),
        (use_.refresh, &token),
    ]
    .iter()
    .any(|(used, endpoint)| *used && endpoint.status == DiagnosticStatus::Error);
    DiagnosticReport {
        status: if broken || findings.refuses_everybody {
            DiagnosticStatus::Error
        } else {
            DiagnosticStatus::Ok
        },
        server_url: settings.server_url.clone(),
        realm: settings.realm.clone(),
        ssl_verification_enabled: !settings.http.accept_invalid_certs,
        issuer: issuer_report(settings, document),
        clock_skew_seconds,
        keys,
        oidc_discovery,
        jwks_uri,
        introspection,
        token,
        end_session,
        hints: findings.hints(settings),
    }
}

/// The endpoints to look at, and why the document's are not among them. A document whose issuer
/// is not ours is not followed: our client's secret must not go where it points.
fn endpoints(
    settings: &Settings,
    document: Option<&ProviderMetadata>,
) -> (Endpoints, Option<DiscoveryError>) {
    match document {
        Some(document) if settings.issuers.contains(&document.issuer) => {
            match Endpoints::choose(document, settings) {
                Ok(endpoints) => (endpoints, None),
                Err(error) => (Endpoints::configured(settings), Some(error)),
            }
        }
        Some(_) | None => (Endpoints::configured(settings), None),
    }
}

fn issuer_report(settings: &Settings, document: Option<&ProviderMetadata>) -> IssuerReport {
    let announced = document.map(|document| Foreign(&document.issuer).to_string());
    IssuerReport {
        expected: settings.issuers.clone(),
        matches: document.map(|document| settings.issuers.contains(&document.issuer)),
        announced,
    }
}
