//! The call (RFC 7662 section 2.1).

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;
use tracing::Instrument as _;

use super::{IntrospectionError, response};
use crate::{
    client_auth::{self, Credentials, sha256},
    clock::{Clock, Timestamp},
    config::settings::Settings,
    discovery::Discovery,
    flights::{Flights, NoFlight},
    http_client::HttpClient,
    jwks::Bucket,
    jwt::{AskableToken, ValidationPolicy, VerifiedToken},
    transport::outbound::{Exhausted, Ours, Outbound, Permit, Theirs},
};

/// Asks Keycloak about tokens.
#[derive(Debug)]
pub(crate) struct Introspection {
    asker: Arc<Asker>,
    flights: Flights<Result<Arc<Vec<u8>>, IntrospectionError>>,
    /// Genuine tokens that Keycloak called inactive, by the hash of what is signed, because one token
    /// may have several good signatures: whoever sends a revoked token again and
    /// again causes a few calls, and then one a second. The answer itself is not kept.
    inactive: Cache<[u8; 32], Arc<Mutex<Bucket>>>,
}

/// How often in a row Keycloak is asked about a genuine token that it calls inactive.
const INACTIVE: u32 = 8;

/// After which time it is asked once more.
const INACTIVE_REFILL: Duration = Duration::from_secs(1);

/// How many of them are remembered.
const REMEMBERED: usize = 16 * 1024;

/// What is known of a token that Keycloak is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Its signature was verified with a key of the realm: whoever has it got it from Keycloak.
    Signature,
    /// There are no keys to verify it with.
    Nothing,
}

struct Asker {
    settings: Arc<Settings>,
    credentials: Credentials,
    discovery: Arc<Discovery>,
    client: Arc<HttpClient>,
    door: Arc<Outbound>,
}

impl Introspection {
    /// `None` without a client secret, which the endpoint asks for.
    pub(crate) fn new(
        settings: Arc<Settings>,
        discovery: Arc<Discovery>,
        client: Arc<HttpClient>,
        door: Arc<Outbound>,
    ) -> Option<Self> {
        let credentials = Credentials::of(&settings)?;
        Some(Self {
            asker: Arc::new(Asker {
                settings,
                credentials,
                discovery,
                client,
                door,
            }),
            // A question changes nothing, so it may be asked again.
            flights: Flights::new(true),
            inactive: Cache::new(REMEMBERED),
        })
    }

    /// What Keycloak says about `token`, checked against `policy`.
    ///
    /// # Errors
    /// The token is not active or not for us, or Keycloak cannot be asked.
    pub(crate) async fn introspect(
        &self,
        token: &AskableToken<'_>,
        proof: Proof,
        policy: &ValidationPolicy,
        clock: &dyn Clock,
    ) -> Result<VerifiedToken, IntrospectionError> {
        if proof == Proof::Nothing {
            return self.question(token, proof, policy, clock).await;
        }
        let hash = sha256(token.signed());
        let before = self.inactive.get(&hash);
        let now = Timestamp::monotonic();
        if let Some(asked) = &before
            && !lock(asked).draw(now)
        {
            return Err(IntrospectionError::Inactive);
        }
        let answer = self.question(token, proof, policy, clock).await;
        match (&answer, before) {
            (Err(IntrospectionError::Inactive), None) => {
                let asked = Bucket::new(INACTIVE, INACTIVE_REFILL, now);
                self.inactive.insert(hash, Arc::new(Mutex::new(asked)));
            }
            // Only answers of this kind count.
            (Err(IntrospectionError::Inactive), Some(_)) | (_, None) => {}
            (_, Some(asked)) => lock(&asked).put_back(),
        }
        answer
    }

    async fn question(
        &self,
        token: &AskableToken<'_>,
        proof: Proof,
        policy: &ValidationPolicy,
        clock: &dyn Clock,
    ) -> Result<VerifiedToken, IntrospectionError> {
        let deadline = self.asker.door.deadline();
        let asked = self.flights.join(token.compact(), deadline, || {
            let asker = Arc::clone(&self.asker);
            let token = token.compact().to_owned();
            let span =
                tracing::debug_span!(target: "keycloak::introspection", "keycloak.introspect");
            async move { asker.introspect(&token, proof).await.map(Arc::new) }.instrument(span)
        });
        let body = match asked.await {
            Ok(answer) => answer?,
            Err(NoFlight::Crowded) => return Err(IntrospectionError::Crowded),
            Err(NoFlight::Late) => return Err(IntrospectionError::Deadline),
            Err(NoFlight::NoRuntime | NoFlight::CutOff) => return Err(IntrospectionError::CutOff),
        };
        response::read(&body, token, policy, Timestamp::now(clock))
    }
}

fn lock(asked: &Mutex<Bucket>) -> MutexGuard<'_, Bucket> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Asker {
    fn permit(&self, proof: Proof) -> Result<Permit, IntrospectionError> {
        match proof {
            Proof::Signature => Ok(self.door.ours(Ours::Proven)),
            Proof::Nothing => {
                let drawn = self.door.theirs(Theirs::Introspection);
                drawn.map_err(|Exhausted| IntrospectionError::Exhausted)
            }
        }
    }

    async fn introspect(&self, token: &str, proof: Proof) -> Result<Vec<u8>, IntrospectionError> {
        // Drawn when its turn has come, so that waiting costs nobody anything.
        let permit = self.permit(proof)?;
        let body = self.ask(token, &permit).await?;
        if response::is_active(&body) {
            self.door.was_worth_it(&permit);
        }
        Ok(body)
    }

    async fn ask(&self, token: &str, permit: &Permit) -> Result<Vec<u8>, IntrospectionError> {
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
        let answer = self
            .client
            .post_form(&endpoint, &form, basic, true, permit)
            .await?;
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
