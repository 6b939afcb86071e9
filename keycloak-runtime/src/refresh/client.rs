//! The call (RFC 6749 section 6).

use std::sync::Arc;

use tracing::Instrument as _;

use super::{TokenResponse, error::RefreshError};
use crate::{
    Fault,
    client_auth::{self, Credentials},
    config::settings::Settings,
    discovery::Discovery,
    flights::Flights,
    http_client::{Answer, HttpClient},
    jwt::MAX_TOKEN_BYTES,
};

/// Refreshes tokens of our own client.
#[derive(Debug)]
pub(crate) struct Refresh {
    asker: Arc<Asker>,
    flights: Flights<Result<Arc<TokenResponse>, RefreshError>>,
}

struct Asker {
    settings: Arc<Settings>,
    credentials: Credentials,
    discovery: Arc<Discovery>,
    client: Arc<HttpClient>,
}

impl Refresh {
    /// `None` unless it was switched on.
    pub(crate) fn new(
        settings: Arc<Settings>,
        discovery: Arc<Discovery>,
        client: Arc<HttpClient>,
    ) -> Option<Self> {
        if !settings.token_refresh {
            return None;
        }
        let credentials = Credentials::of(&settings)?;
        Some(Self {
            asker: Arc::new(Asker {
                settings,
                credentials,
                discovery,
                client,
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
        // Where the realm revokes used refresh tokens, a second call for the same one would end
        // the session: so all who ask share one.
        // From the question to the answer, waiting for a turn included.
        let deadline = self.asker.client.total();
        let asked = self.flights.join(refresh_token, || {
            let asker = Arc::clone(&self.asker);
            let token = refresh_token.to_owned();
            let span = tracing::debug_span!(target: "keycloak::refresh", "keycloak.refresh_token");
            async move { asker.ask(&token).await.map(Arc::new) }.instrument(span)
        });
        match tokio::time::timeout(deadline, asked).await {
            Ok(Ok(tokens)) => tokens.map(|tokens| (*tokens).clone()),
            Ok(Err(_)) => Err(RefreshError::CutOff),
            Err(_) => Err(RefreshError::Deadline),
        }
    }
}

impl Asker {
    async fn ask(&self, refresh_token: &str) -> Result<TokenResponse, RefreshError> {
        let endpoint = match &self.settings.token_endpoint {
            Some(endpoint) => endpoint.clone(),
            None => self
                .discovery
                .at_hand()
                .await?
                .endpoints
                .token
                .clone()
                .ok_or(RefreshError::NoEndpoint)?,
        };
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        form.extend(self.credentials.form());
        let basic = self.credentials.basic();
        let basic = basic.as_ref().map(|(id, secret)| (&**id, &**secret));
        let answer = self
            .client
            .post_form(&endpoint, &form, basic, false)
            .await?;
        if answer.status == reqwest::StatusCode::OK {
            serde_json::from_slice(&answer.body).map_err(|_| RefreshError::NotAnAnswer)
        } else {
            Err(refusal(&answer))
        }
    }
}

/// RFC 6749 section 5.2: who is to blame.
fn refusal(answer: &Answer) -> RefreshError {
    if let Some(Fault::ClientCredentials(code)) = client_auth::our_fault(answer) {
        return RefreshError::ClientRefused { code };
    }
    match client_auth::oauth_error(answer) {
        Some("invalid_grant") => RefreshError::InvalidGrant,
        Some(code) if answer.status.is_client_error() => RefreshError::Refused { code },
        _ => RefreshError::Status(answer.status.as_u16()),
    }
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}
