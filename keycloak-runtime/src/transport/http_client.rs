//! The one way to the network: every call to Keycloak goes through [`HttpClient`], which makes none
//! without a [`Permit`].
//!
//! Invariants: each call has a deadline in total, not only per read; redirects are refused, so a
//! secret or a key never comes from another place than the one we asked; bodies are capped and
//! never decompressed; a proxy is used only where the settings name one.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use reqwest::{
    Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, DATE},
    redirect,
};
use url::Url;

use crate::{
    base::fault::Fault,
    base::foreign::Foreign,
    settings::HttpSettings,
    transport::{outbound::Permit, tls::TlsFault},
};

/// The largest answer that is read: far more than any realm's keys or metadata.
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;

/// No fetch of keys or metadata takes longer, whatever the settings say: requests wait for it.
pub(crate) const MAX_FETCH: Duration = Duration::from_secs(5);

/// A `GET` that is silent for so long is asked a second time beside the first: Keycloak may have
/// come back while the first one hangs in a connection without a server.
const HEDGE_AFTER: Duration = Duration::from_millis(1_750);

/// Idle connections are closed after this time.
const IDLE: Duration = Duration::from_secs(30);

/// Why there is no answer from Keycloak. Never holds a body, a secret or a URL's query.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum HttpError {
    /// The name does not resolve, or no server listens there.
    #[error("cannot connect: {0}")]
    Connect(Foreign<String>),
    /// The TLS handshake failed; the code says why.
    #[error("the TLS connection was refused ({}): {}{cause}", .fault.code, Cure(.fault))]
    Tls {
        fault: TlsFault,
        cause: Foreign<String>,
    },
    /// No complete answer within the deadline.
    #[error("no complete answer within {after:?}")]
    Timeout {
        after: Duration,
        /// It certainly did not arrive: there was no connection yet.
        connecting: bool,
    },
    /// The connection broke, or what came is not HTTP.
    #[error("the answer broke off or is not HTTP: {0}")]
    Broken(Foreign<String>),
    /// A redirect, which we never follow.
    #[error("answered with a redirect (HTTP {status}), which is not followed")]
    Redirect { status: StatusCode },
    /// Another status than the one asked for.
    #[error("answered HTTP {status}")]
    Status { status: StatusCode },
    /// More than [`MAX_BODY_BYTES`].
    #[error("the answer is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    /// Compressed although we said that we cannot read that.
    #[error("the answer is compressed, which was not asked for")]
    Encoded,
    /// [`Keycloak::close`](crate::Keycloak::close) was called.
    #[error("closed")]
    Closed,
}

impl HttpError {
    /// How the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Tls { fault, .. } => Fault::Tls { code: fault.code },
            Self::Connect(_) | Self::Timeout { .. } | Self::Broken(_) | Self::Closed => {
                Fault::ProviderConnection
            }
            Self::Redirect { .. } | Self::Status { .. } | Self::TooLarge | Self::Encoded => {
                Fault::ProviderConfig
            }
        }
    }

    fn from_reqwest(error: reqwest::Error, total: Duration) -> Self {
        // A URL may hold credentials; who logs the error adds what may be shown of it.
        let error = error.without_url();
        // The peer's certificate is in the text of a refused handshake.
        let cause = Foreign::causes(&error);
        if let Some(fault) = TlsFault::among(&error) {
            Self::Tls { fault, cause }
        } else if error.is_timeout() {
            Self::Timeout {
                after: total,
                connecting: error.is_connect(),
            }
        } else if error.is_connect() {
            Self::Connect(cause)
        } else {
            Self::Broken(cause)
        }
    }
}

/// What to do comes first: the cause may be long, and is cut.
struct Cure<'a>(&'a TlsFault);

impl std::fmt::Display for Cure<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.cure {
            Some(cure) => write!(f, "{cure}; "),
            None => Ok(()),
        }
    }
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// When the server says it wrote it (RFC 9110 section 6.6.1).
    pub(crate) date: Option<SystemTime>,
    pub(crate) body: Vec<u8>,
}

/// The clients, until they are closed.
#[derive(Debug)]
pub(crate) struct HttpClient {
    clients: Mutex<Option<Clients>>,
}

#[derive(Debug, Clone)]
struct Clients {
    /// Makes a connection for each call: on one that was kept, it is not known what arrived when it
    /// breaks, and it may be dead.
    fresh: Client,
    /// Keeps connections, where there are many calls that may be made again.
    keeping: Client,
}

impl HttpClient {
    /// `tls` says whether any URL is `https`: without one, the machine's certificates are not
    /// read. `keeping` says whether connections are worth being kept.
    ///
    /// # Errors
    /// The certificates are not usable.
    pub(crate) fn new(
        settings: &HttpSettings,
        tls: bool,
        keeping: bool,
    ) -> Result<Self, reqwest::Error> {
        let fresh = Self::builder(settings, tls)?
            .pool_max_idle_per_host(0)
            .build()?;
        let keeping = if keeping {
            let builder = Self::builder(settings, tls)?;
            builder.pool_max_idle_per_host(8).build()?
        } else {
            fresh.clone()
        };
        Ok(Self {
            clients: Mutex::new(Some(Clients { fresh, keeping })),
        })
    }

    fn builder(settings: &HttpSettings, tls: bool) -> Result<ClientBuilder, reqwest::Error> {
        let mut builder = Client::builder()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .http1_only()
            .pool_idle_timeout(IDLE)
            .tls_backend_rustls()
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ));
        builder = match &settings.proxy {
            None => builder.no_proxy(),
            Some(proxy) => match proxy.to_reqwest()? {
                // The HTTP client reads the environment unless it is told not to.
                None => builder,
                Some(proxy) => builder.proxy(proxy),
            },
        };
        let mut roots = Vec::new();
        for pem in &settings.roots {
            roots.extend(certificates(pem)?);
        }
        builder = if tls {
            builder.tls_certs_merge(roots)
        } else {
            builder.tls_certs_only(roots)
        };
        if settings.accept_invalid_certs {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        Ok(builder)
    }

    /// The body of a `GET` that was answered 200.
    ///
    /// # Errors
    /// [`HttpError`], for every other answer too.
    pub(crate) async fn get(&self, url: &Url, permit: &Permit) -> Result<Vec<u8>, HttpError> {
        let client = self.clients()?.fresh;
        let within = permit.within();
        let ask = || async {
            // Fetches are rare: a connection kept for the next one would be dead by then.
            let request = client
                .get(url.clone())
                .header(ACCEPT, "application/json")
                .header(CONNECTION, "close");
            let answer = send_again_if_broken(request, within).await?;
            match answer.status {
                StatusCode::OK => Ok(answer.body),
                status => Err(HttpError::Status { status }),
            }
        };
        in_time(within, hedged(ask)).await
    }

    /// The answer to a single `GET`, whatever its status: what a diagnosis wants to see.
    ///
    /// # Errors
    /// [`HttpError`], except for an HTTP status.
    pub(crate) async fn look(&self, url: &Url, permit: &Permit) -> Result<Answer, HttpError> {
        let client = self.clients()?.fresh;
        let request = client.get(url.clone()).header(CONNECTION, "close");
        in_time(permit.within(), send(request, permit.within())).await
    }

    /// The answer to a form post, whatever its status. `repeatable` says that it does no harm to
    /// post it twice, so that it is posted again when the connection breaks; if it does, it is
    /// posted on a connection of its own.
    ///
    /// # Errors
    /// [`HttpError`], except for an HTTP status.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
        repeatable: bool,
        permit: &Permit,
    ) -> Result<Answer, HttpError> {
        let Clients { fresh, keeping } = self.clients()?;
        let client = if repeatable { keeping } else { fresh };
        let mut request = client
            .post(url.clone())
            .header(ACCEPT, "application/json")
            .form(form);
        if let Some((user, password)) = basic {
            request = request.basic_auth(user, Some(password));
        }
        let within = permit.within();
        let call = async move {
            if repeatable {
                send_again_if_broken(request, within).await
            } else {
                send(request.header(CONNECTION, "close"), within).await
            }
        };
        in_time(within, call).await
    }

    /// Closes idle connections; calls in flight finish, later ones are refused.
    pub(crate) fn close(&self) {
        drop(self.lock().take());
    }

    fn clients(&self) -> Result<Clients, HttpError> {
        self.lock().clone().ok_or(HttpError::Closed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Clients>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn in_time<T>(
    within: Duration,
    call: impl Future<Output = Result<T, HttpError>>,
) -> Result<T, HttpError> {
    tokio::time::timeout(within, call)
        .await
        .unwrap_or(Err(HttpError::Timeout {
            after: within,
            connecting: false,
        }))
}

/// The certificates of a PEM text.
///
/// # Errors
/// It is not PEM.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, reqwest::Error> {
    Certificate::from_pem_bundle(pem)
}

/// Runs `ask`, and again beside it each time that nothing has come for [`HEDGE_AFTER`]. The first
/// success counts; a failure counts when no other attempt is left.
async fn hedged<T, F>(ask: impl Fn() -> F) -> Result<T, HttpError>
where
    F: Future<Output = Result<T, HttpError>>,
{
    let mut asked = FuturesUnordered::new();
    asked.push(ask());
    loop {
        match tokio::time::timeout(HEDGE_AFTER, asked.next()).await {
            Ok(Some(Ok(answer))) => return Ok(answer),
            Ok(Some(Err(error))) if asked.is_empty() => return Err(error),
            Ok(Some(Err(_))) => {}
            // `None` cannot be: the last failure returned.
            Ok(None) | Err(_) => asked.push(ask()),
        }
    }
}

/// A connection that was kept may have been closed in the very moment: a restarted Keycloak must
/// not cost a request.
async fn send_again_if_broken(
    request: RequestBuilder,
    total: Duration,
) -> Result<Answer, HttpError> {
    let again = request.try_clone();
    match (send(request, total).await, again) {
        (Err(HttpError::Broken(_)), Some(again)) => send(again, total).await,
        (answer, _) => answer,
    }
}

async fn send(request: RequestBuilder, total: Duration) -> Result<Answer, HttpError> {
    let from_reqwest = |error| HttpError::from_reqwest(error, total);
    let response = request
        .header(ACCEPT_ENCODING, "identity")
        .send()
        .await
        .map_err(from_reqwest)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(HttpError::Redirect { status });
    }
    let date = response
        .headers()
        .get(DATE)
        .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let encoded = response
        .headers()
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return Err(HttpError::Encoded);
    }
    let body = read(response, total).await?;
    Ok(Answer { status, date, body })
}

/// The body, as long as it stays below the cap.
async fn read(mut response: Response, total: Duration) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| HttpError::from_reqwest(error, total))?
    {
        if body.len().saturating_add(chunk.len()) > MAX_BODY_BYTES {
            return Err(HttpError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
