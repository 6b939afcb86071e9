//! The call (RFC 6749 section 6).

use std::sync::Arc;

use tracing::Instrument as _;

use super::{
    TokenResponse,
    candidate::{self, Candidate},
    error::RefreshError,
    sessions::{Leave, Sessions},
};
use crate::{
    base::clock::{Clock, Timestamp},
    base::fault::Fault,
    jose::jwt::MAX_TOKEN_BYTES,
    realm::{client_auth, discovery::Discovery, endpoint::Endpoint},
    settings::Settings,
    transport::{
        http_client::{Answer, HttpClient},
        outbound::{Ended, Outbound, Permit, STRANGERS},
        single_flight::{Flights, NoFlight},
    },
};

/// Refreshes tokens of our own client.
#[derive(Debug)]
pub(crate) struct Refresh {
    asker: Arc<Asker>,
    flights: Flights<Result<Arc<TokenResponse>, RefreshError>>,
}

struct Asker {
    settings: Arc<Settings>,
    endpoint: Endpoint,
    door: Arc<Outbound>,
    clock: Arc<dyn Clock>,
    sessions: Sessions,
}

impl Refresh {
    /// `None` unless it was switched on.
    pub(crate) fn new(
        settings: Arc<Settings>,
        discovery: &Arc<Discovery>,
        client: &Arc<HttpClient>,
        door: Arc<Outbound>,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        if !settings.token_refresh {
            return None;
        }
        let endpoint = Endpoint::new(|own| own.token.as_ref(), &settings, discovery, client)?;
        Some(Self {
            asker: Arc::new(Asker {
                settings,
                endpoint,
                door,
                clock,
                sessions: Sessions::new(),
            }),
            // Used twice, a refresh token may be revoked with its whole session.
            flights: Flights::new(false),
        })
    }

    /// New tokens for a refresh token. Keycloak itself refuses those of another client.
    ///
    /// # Errors
    /// The refresh token does not do, or Keycloak cannot be asked.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<TokenResponse, RefreshError> {
        if refresh_token.is_empty() || refresh_token.len() > MAX_TOKEN_BYTES {
            return Err(RefreshError::InvalidGrant);
        }
        let Asker {
            settings,
            door,
            clock,
            ..
        } = &*self.asker;
        let now = Timestamp::now(&**clock);
        let candidate = candidate::look(refresh_token, settings, &self.asker.sessions, now);
        if matches!(candidate, Candidate::NotGood) {
            return Err(RefreshError::InvalidGrant);
        }
        if !self.flights.has(refresh_token) {
            self.asker.look(refresh_token, &candidate)?;
        }
        // Where the realm revokes used refresh tokens, a second call for the same one would end
        // the session: so all who ask share one, which is made once at most.
        let asked = self.flights.join(refresh_token, door.deadline(), || {
            let asker = Arc::clone(&self.asker);
            let token = refresh_token.to_owned();
            let span = tracing::debug_span!(target: "keycloak::refresh", "keycloak.refresh_token");
            async move { asker.refresh(&token, candidate).await.map(Arc::new) }.instrument(span)
        });
        match asked.await {
            Ok(tokens) => tokens.map(|tokens| (*tokens).clone()),
            Err(NoFlight::Crowded | NoFlight::NoRuntime) => Err(RefreshError::NotSent),
            Err(NoFlight::Late) => Err(RefreshError::Unknown("no complete answer in time")),
            Err(NoFlight::CutOff) => Err(RefreshError::Unknown("the call ended in a panic")),
        }
    }
}

impl Asker {
    /// A call that would not be made now does not wait for its turn.
    fn look(&self, token: &str, candidate: &Candidate) -> Result<(), RefreshError> {
        if let Candidate::Known(session) = candidate {
            session.look(token, Timestamp::monotonic())?;
        }
        Ok(self.door.look(candidate.post())?)
    }

    async fn refresh(
        &self,
        refresh_token: &str,
        candidate: Candidate,
    ) -> Result<TokenResponse, RefreshError> {
        // Drawn when its turn has come, so that waiting costs nothing.
        let leave = match &candidate {
            Candidate::Known(session) => Some(session.ask(refresh_token, Timestamp::monotonic())?),
            Candidate::Plausible | Candidate::Opaque | Candidate::NotGood => None,
        };
        let answer = match self.door.post(candidate.post()) {
            Ok(permit) => {
                let answer = self.ask(refresh_token, &permit).await;
                let session = leave.as_ref().map_or(STRANGERS, Leave::session);
                self.door.ended(&permit, &ended(&answer, session));
                answer
            }
            Err(shut) => Err(shut.into()),
        };
        if let Some(leave) = leave {
            leave.answered(&answer, Timestamp::monotonic());
        }
        if let Ok(Some(next)) = answer.as_ref().map(TokenResponse::refresh_token) {
            self.sessions.remember(next);
        }
        answer
    }

    async fn ask(
        &self,
        refresh_token: &str,
        permit: &Permit,
    ) -> Result<TokenResponse, RefreshError> {
        let form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        let answer = self.endpoint.post(form, false, permit).await?;
        if answer.status == reqwest::StatusCode::OK {
            serde_json::from_slice(&answer.body)
                .map_err(|_| RefreshError::Unknown("the answer holds no tokens"))
        } else {
            Err(refusal(&answer))
        }
    }
}

/// What an answer to a token of `session` says of the endpoint.
fn ended(answer: &Result<TokenResponse, RefreshError>, session: [u8; 32]) -> Ended {
    match answer {
        Ok(_) => Ended::Accepted,
        Err(error) if error.before_any_call() => Ended::NotCalled,
        Err(error) if error.is_of_token() => Ended::Refused,
        // Of another error code nobody knows whose fault it is.
        Err(RefreshError::Status(400 | 403)) => Ended::Failed,
        Err(error) => Ended::Erred {
            session,
            fault: error.fault(),
        },
    }
}

/// RFC 6749 section 5.2: who is to blame.
fn refusal(answer: &Answer) -> RefreshError {
    if let Some(Fault::ClientCredentials { code }) = client_auth::our_fault(answer) {
        return RefreshError::ClientRefused { code };
    }
    match client_auth::oauth_error(answer) {
        Some("invalid_grant") => RefreshError::InvalidGrant,
        Some(code) if answer.status.is_client_error() => RefreshError::Refused { code },
        // A gateway does not know what became of the request that it passed on.
        _ if matches!(answer.status.as_u16(), 502 | 504) => {
            RefreshError::Unknown("a gateway answered in Keycloak's place")
        }
        _ => RefreshError::Status(answer.status.as_u16()),
    }
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}
