//! What a refused caller is told: one fault, one status, one challenge.
//!
//! The table of SECURITY (status and `WWW-Authenticate`) is the one of
//! [`fault`](crate::base::fault); nothing else in the crate chooses a status. Bodies are constant text and echo nothing that the caller sent.

pub(crate) mod watch;

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use self::watch::RefusalWatch;
use crate::{
    base::fault::{Challenge, Fault},
    caller::User,
    classics::{Classic, recognise},
    realm::Realm,
};

/// Why a request was not let through.
///
/// Answers with the body `{"error": {"code", "message", "details"?}}`, the status and
/// the `WWW-Authenticate` challenge of RFC 6750 section 3. An application may replace the body
/// with [`KeycloakBuilder::error_body`](crate::KeycloakBuilder), never the status or the
/// challenge.
#[derive(Clone)]
pub struct AuthError {
    fault: Fault,
    context: Option<Arc<Presentation>>,
    details: Option<Arc<serde_json::Value>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    looks_like: Option<Classic>,
    /// The caller, where one is known.
    user: Option<User>,
}

/// Hook that writes the body of a refusal; status and challenge stay ours.
pub(crate) type ErrorBody = dyn Fn(&AuthError) -> Response + Send + Sync;

/// How the refusals of one realm are shown: its name for the challenge, the body hook, and to the
/// operator what is refused.
pub(crate) struct Presentation {
    pub(crate) realm: Arc<Realm>,
    pub(crate) body: Option<Box<ErrorBody>>,
    pub(crate) watch: RefusalWatch,
}

impl AuthError {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            context: None,
            details: None,
            source: None,
            looks_like: None,
            user: None,
        }
    }

    /// The verified caller that is refused, for the log.
    #[must_use]
    pub(crate) fn about(mut self, user: &User) -> Self {
        self.user = Some(user.clone());
        self
    }

    /// The `sub` of the caller, where the token was accepted and its holder is not admitted.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.user.as_ref().map(User::subject)
    }

    /// The cause, for logs; it is never shown to the caller.
    #[must_use]
    pub(crate) fn caused_by(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The realm that refuses: name of the challenge and body hook.
    #[must_use]
    pub(crate) fn presented_by(mut self, context: &Arc<Presentation>) -> Self {
        self.context = Some(Arc::clone(context));
        self
    }

    /// Details for the body; only where the developer opted in to explanations.
    #[must_use]
    pub(crate) fn with_details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(Arc::new(details));
        self
    }

    /// Which usual mistake in the setup causes it, for the operator.
    #[must_use]
    pub(crate) fn looking_like(mut self, classic: Option<Classic>) -> Self {
        self.looks_like = classic;
        self
    }

    /// The usual mistake in Keycloak's or our setup that this refusal looks like, if any. For the
    /// operator: the caller is not told.
    #[must_use]
    pub fn looks_like(&self) -> Option<Classic> {
        self.looks_like.or_else(|| recognise::fault(&self.fault))
    }

    /// What went wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The stable code of the body's `error.code`, for example `token_expired`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.fault.row().code
    }

    /// The constant text of the body's `error.message`.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.fault.row().message
    }

    /// The HTTP status: 400, 401, 403, 404 or 503.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.fault.row().status
    }

    /// The body's `error.details`, where the developer opted in to explanations.
    #[must_use]
    pub fn details(&self) -> Option<&serde_json::Value> {
        self.details.as_deref()
    }

    /// How long to wait before the next try, for answers of status 503; not after a refresh that may
    /// have happened ([`Fault::RefreshUnknown`]).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let again =
            self.status() == StatusCode::SERVICE_UNAVAILABLE && self.fault != Fault::RefreshUnknown;
        again.then_some(Duration::from_secs(1))
    }

    /// The `WWW-Authenticate` value (RFC 6750 section 3), if the status carries one.
    #[must_use]
    pub fn challenge(&self) -> Option<HeaderValue> {
        let row = self.fault.row();
        let error = match row.challenge {
            Challenge::None => return None,
            Challenge::Bare => None,
            Challenge::InvalidRequest => Some("invalid_request"),
            Challenge::InvalidToken => Some("invalid_token"),
            Challenge::InsufficientScope => Some("insufficient_scope"),
        };
        let realm = self
            .context
            .as_ref()
            .map_or("", |context| context.realm.settings.realm.as_str());
        let mut value = String::with_capacity(CHALLENGE);
        value.push_str("Bearer realm=");
        push_quoted(&mut value, realm);
        if let Some(error) = error {
            // Both are the table's: nothing in them needs an escape.
            value.extend([
                ", error=\"",
                error,
                "\", error_description=\"",
                row.message,
                "\"",
            ]);
        }
        if let Fault::MissingScopes { scopes } = &self.fault {
            value.push_str(", scope=");
            push_quoted(&mut value, &scopes.join(" "));
        }
        HeaderValue::try_from(value).ok()
    }
}

/// Room for most challenges.
const CHALLENGE: usize = 160;

/// Appends a quoted-string (RFC 9110 section 5.6.4); what it cannot hold is left out.
fn push_quoted(out: &mut String, text: &str) {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    out.push('"');
    if text.as_bytes().iter().all(is_plain) {
        out.push_str(text);
    } else {
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                ' '..='~' => out.push(c),
                _ => {}
            }
        }
    }
    out.push('"');
}

impl fmt::Debug for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthError")
            .field("fault", &self.fault)
            .field("looks_like", &self.looks_like)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

impl std::error::Error for AuthError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<Fault> for AuthError {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

/// The body of a refusal.
#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a serde_json::Value>,
    message: &'a str,
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        if let Some(context) = &self.context {
            context.watch.answered(&self, &context.realm);
        }
        let mut response = if let Some(body) = self
            .context
            .as_ref()
            .and_then(|context| context.body.as_ref())
        {
            body(&self)
        } else {
            let error = Body {
                code: self.code(),
                details: self.details(),
                message: self.message(),
            };
            axum::Json(Envelope { error }).into_response()
        };
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.remove(header::WWW_AUTHENTICATE);
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(after) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
        }
        response
    }
}

/// What a guard answers: an [`AuthError`] on its way out.
///
/// A handler with a `require` term returns `Result<R, Rejection>`, so that a direct call in a unit
/// test sees the refusal.
#[derive(Debug, Clone)]
pub struct Rejection(AuthError);

impl Rejection {
    /// The refusal itself.
    #[must_use]
    pub fn error(&self) -> &AuthError {
        &self.0
    }

    /// The HTTP status: 400, 401, 403 or 503.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }
}

impl From<AuthError> for Rejection {
    fn from(error: AuthError) -> Self {
        Self(error)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
