//! From what was seen of an endpoint to what the report says: no I/O.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use serde_json::Value;

use super::{
    look::Seen,
    report::{DiagnosticStatus, EndpointReport, KeySetReport},
    run::DEADLINE,
};
use crate::{
    base::foreign::Foreign,
    jose::jwk::KeySet,
    realm::{client_auth, discovery::ProviderMetadata},
    settings::Settings,
    transport::http_client::Answer,
};

/// Certificates that end in fewer days are mentioned.
const SOON: i64 = 14;

/// What an endpoint is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// `GET` of the discovery document.
    Discovery,
    /// `GET` of the key set.
    Keys,
    /// `POST` of a made-up token, as our client: whether the client is accepted, and nothing more.
    Introspection,
    /// `POST` of a made-up refresh token, as our client.
    Token,
    /// `GET`, which ends no session without the parameters of a logout.
    EndSession,
}

/// The report on one endpoint; `None` if its URL is not known.
pub(super) fn endpoint(
    seen: Option<&Seen>,
    question: Question,
    settings: &Settings,
) -> EndpointReport {
    let Some(seen) = seen else {
        return EndpointReport::error(
            None,
            "its URL is not known: discovery gave none that may be used, and none is configured",
        );
    };
    let (status, message) = status(seen, question, settings);
    let mut report =
        EndpointReport::new(Some(Foreign::url(&seen.url).to_string()), status, message);
    if let Some(Ok(answer)) = &seen.answer {
        report.http_status = Some(answer.status.as_u16());
        report.latency_ms = Some(seen.latency.as_secs_f64() * 1_000.0);
    }
    if let Some(tls) = seen.road.as_ref().and_then(|road| road.tls.as_ref()) {
        report.tls_protocol.clone_from(&tls.protocol);
        report.cert_valid = Some(tls.valid);
        report.cert_expiry_days_remaining = tls.days_remaining;
        report.cert_error_details = tls
            .fault
            .as_ref()
            .map(|(code, reason)| format!("{code}: {reason}"));
    }
    report
}

fn status(seen: &Seen, question: Question, settings: &Settings) -> (DiagnosticStatus, String) {
    let broken = seen.road.as_ref().and_then(|road| road.broken.as_ref());
    let (status, message) = match (&seen.answer, broken) {
        (Some(Ok(answer)), _) => answered(answer, question, settings),
        // The road says where it broke; the client's error only that it did.
        (Some(Err(_)) | None, Some(broken)) => (DiagnosticStatus::Error, broken.clone()),
        (Some(Err(error)), None) => (DiagnosticStatus::Error, error.to_string()),
        (None, None) => {
            let message = format!("no answer within {} s", DEADLINE.as_secs());
            (DiagnosticStatus::Error, message)
        }
    };
    if status != DiagnosticStatus::Ok {
        return (status, message);
    }
    let tls = seen.road.as_ref().and_then(|road| road.tls.as_ref());
    let days = tls.and_then(|tls| tls.days_remaining);
    let message = match (broken, days) {
        // Only where TLS verification is off.
        (Some(broken), _) => format!("{message}, but without TLS verification; {broken}"),
        (None, Some(days)) if days < SOON => {
            format!("{message}, but the certificate ends in {days} days")
        }
        (None, _) => message,
    };
    (status, message)
}

fn answered(
    answer: &Answer,
    question: Question,
    settings: &Settings,
) -> (DiagnosticStatus, String) {
    let code = answer.status.as_u16();
    let ok = |what: &str| (DiagnosticStatus::Ok, format!("HTTP {code}{what}"));
    let error = |what: String| (DiagnosticStatus::Error, format!("HTTP {code}{what}"));
    match (question, answer.status) {
        (Question::Discovery | Question::Keys, StatusCode::OK) => ok(""),
        (Question::Discovery, StatusCode::NOT_FOUND) => error(format!(
            ": no realm `{}` here; check `realm` and the path of `server_url` (Keycloak before 17, \
             and with `http-relative-path`, has one such as `/auth`)",
            settings.realm
        )),
        (Question::Introspection, StatusCode::OK) => match member(&answer.body, "active") {
            Some(Value::Bool(_)) => ok(", this service's client is accepted"),
            Some(_) | None => error(": not an introspection answer".to_owned()),
        },
        (Question::Introspection | Question::Token, status) => {
            match member(&answer.body, "error")
                .as_ref()
                .and_then(Value::as_str)
            {
                Some("invalid_grant") if question == Question::Token => {
                    ok(", this service's client is accepted")
                }
                Some(refused @ ("invalid_client" | "unauthorized_client" | "access_denied")) => {
                    error(format!(
                        " {refused}: Keycloak does not accept the client `{}` with its secret for \
                         this; compare with Clients > {0} > Credentials",
                        settings.client_id
                    ))
                }
                Some(_) | None if status == StatusCode::UNAUTHORIZED => error(format!(
                    ": Keycloak does not accept the client `{}` with its secret",
                    settings.client_id
                )),
                Some(_) | None => error(": not the answer of this endpoint".to_owned()),
            }
        }
        (Question::EndSession, status)
            if !status.is_server_error() && status != StatusCode::NOT_FOUND =>
        {
            ok("")
        }
        (Question::Discovery | Question::Keys | Question::EndSession, _) => error(String::new()),
    }
}

/// Whether Keycloak said that it does not accept our client.
pub(super) fn refuses_client(seen: &Seen) -> bool {
    match &seen.answer {
        Some(Ok(answer)) => client_auth::our_fault(answer).is_some(),
        Some(Err(_)) | None => false,
    }
}

fn member(body: &[u8], name: &str) -> Option<Value> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(mut members) => members.remove(name),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

/// The discovery document, if that is what came.
pub(super) fn document(seen: &Seen) -> Option<ProviderMetadata> {
    serde_json::from_slice(ok_body(seen)?).ok()
}

/// The key set: what it holds, and how much of it verifies tokens of ours. An error says what is
/// wrong with it.
pub(super) fn keys(seen: &Seen, settings: &Settings) -> Option<Result<KeySetReport, String>> {
    let set = match KeySet::parse(ok_body(seen)?) {
        Ok(set) => set,
        Err(error) => return Some(Err(error.to_string())),
    };
    Some(Ok(KeySetReport {
        published: set.len().saturating_add(set.skipped()),
        usable: set.usable_for(&settings.algorithms),
    }))
}

fn ok_body(seen: &Seen) -> Option<&[u8]> {
    match &seen.answer {
        Some(Ok(answer)) if answer.status == StatusCode::OK => Some(&answer.body),
        Some(_) | None => None,
    }
}

/// How far the server's clock is ahead of ours, in whole seconds.
pub(super) fn clock_skew(seen: &Seen) -> Option<i64> {
    let Some(Ok(answer)) = &seen.answer else {
        return None;
    };
    // The header was written somewhere between question and answer, and cut to the second.
    let written = seen.answered_at.checked_sub(seen.latency.div_f64(2.0))?;
    let shown = answer.date?.checked_add(Duration::from_millis(500))?;
    let skew = millis(shown).saturating_sub(millis(written));
    // Towards zero: less than the header's own precision is not a difference.
    skew.checked_div(1_000)
}

fn millis(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests;
