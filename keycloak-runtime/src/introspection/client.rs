//! The call (RFC 7662 section 2.1).

use std::sync::Arc;

use tracing::Instrument as _;

use super::{IntrospectionError, response};
use crate::{
    client_auth::{self, Credentials},
    clock::{Clock, Timestamp},
    config::settings::Settings,
    discovery::Discovery,
    flights::{Flights, NoFlight},
    http_client::HttpClient,
    jwt::{AskableToken, ValidationPolicy, VerifiedToken},
};

/// Asks Keycloak about tokens.
#[derive(Debug)]
pub(crate) struct Introspection {
    asker: Arc<Asker>,
    flights: Flights<Result<Arc<Vec<u8>>, IntrospectionError>>,
}

struct Asker {
    settings: Arc<Settings>,
    credentials: Credentials,
    discovery: Arc<Discovery>,
    client: Arc<HttpClient>,
}

impl Introspection {
    /// `None` without a client secret, which the endpoint asks for.
    pub(crate) fn new(
        settings: Arc<Settings>,
        discovery: Arc<Discovery>,
        client: Arc<HttpClient>,
    ) -> Option<Self> {
        let credentials = Credentials::of(&settings)?;
        Some(Self {
            asker: Arc::new(Asker {
                settings,
                credentials,
                discovery,
                client,
            }),
            // A question changes nothing, so it may be asked again.
            flights: Flights::new(true),
        })
    }

    /// What Keycloak says about `token`, checked against `policy`.
    ///
    /// # Errors
    /// The token is not active or not for us, or Keycloak cannot be asked.
    pub(crate) async fn introspect(
        &self,
        token: &AskableToken<'_>,
        policy: &ValidationPolicy,
        clock: &dyn Clock,
    ) -> Result<VerifiedToken, IntrospectionError> {
        // From the question to the answer, waiting for a turn included.
        let deadline = self.asker.client.total();
        let asked = self.flights.join(token.compact(), || {
            let asker = Arc::clone(&self.asker);
            let token = token.compact().to_owned();
            let span =
                tracing::debug_span!(target: "keycloak::introspection", "keycloak.introspect");
            async move { asker.ask(&token).await.map(Arc::new) }.instrument(span)
        });
        let body = match tokio::time::timeout(deadline, asked).await {
            Ok(Ok(answer)) => answer?,
            Ok(Err(NoFlight::Crowded)) => return Err(IntrospectionError::Crowded),
            Ok(Err(NoFlight::CutOff)) => return Err(IntrospectionError::CutOff),
            Err(_) => return Err(IntrospectionError::Deadline),
        };
        response::read(&body, token, policy, Timestamp::now(clock))
    }
}

impl Asker {
    async fn ask(&self, token: &str) -> Result<Vec<u8>, IntrospectionError> {
        let endpoint = match &self.settings.introspection_endpoint {
            Some(endpoint) => endpoint.clone(),
            None => self
                .discovery
                .at_hand()
                .await?
                .endpoints
                .introspection
                .clone()
                .ok_or(IntrospectionError::NoEndpoint)?,
        };
        let mut form = vec![("token", token), ("token_type_hint", "access_token")];
        form.extend(self.credentials.form());
        let basic = self.credentials.basic();
        let basic = basic.as_ref().map(|(id, secret)| (&**id, &**secret));
        let answer = self.client.post_form(&endpoint, &form, basic, true).await?;
        match answer.status {
            reqwest::StatusCode::OK => Ok(answer.body),
            status => Err(match client_auth::our_fault(&answer) {
                Some(crate::Fault::ClientCredentials(code)) => {
                    IntrospectionError::ClientRefused { code }
                }
                _ => IntrospectionError::Status(status.as_u16()),
            }),
        }
    }
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}
