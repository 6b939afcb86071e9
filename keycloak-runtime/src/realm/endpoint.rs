//! An endpoint of Keycloak's that is called as our client: where it is, and the call.

use std::sync::Arc;

use url::Url;

use super::{
    client_auth::ClientCredentials,
    discovery::{Discovery, DiscoveryError, Endpoints},
};
use crate::{
    settings::Settings,
    transport::{
        http_client::{Answer, HttpClient, HttpError},
        outbound::Permit,
    },
};

/// One endpoint, by settings or by discovery, and what our client proves itself with there.
pub(crate) struct Endpoint {
    which: fn(&Endpoints) -> Option<&Url>,
    configured: Endpoints,
    discovery: Arc<Discovery>,
    client: Arc<HttpClient>,
    credentials: ClientCredentials,
}

/// Why there is no answer to look at.
pub(crate) enum NoAnswer {
    /// Where the endpoint is cannot be found out.
    Discovery(DiscoveryError),
    /// The realm has none.
    NoEndpoint,
    /// It was called, or nearly.
    Http(HttpError),
}

impl Endpoint {
    /// `None` for a public client: these endpoints ask for a secret.
    pub(crate) fn new(
        which: fn(&Endpoints) -> Option<&Url>,
        settings: &Settings,
        discovery: &Arc<Discovery>,
        client: &Arc<HttpClient>,
    ) -> Option<Self> {
        Some(Self {
            which,
            configured: Endpoints::configured(settings),
            discovery: Arc::clone(discovery),
            client: Arc::clone(client),
            credentials: ClientCredentials::of(settings)?,
        })
    }

    /// The answer to a form, whatever its status; `repeatable` as for [`HttpClient::post_form`].
    pub(crate) async fn post(
        &self,
        form: Vec<(&str, &str)>,
        repeatable: bool,
        permit: &Permit,
    ) -> Result<Answer, NoAnswer> {
        let url = self.url().await?;
        self.credentials
            .post(&self.client, &url, form, repeatable, permit)
            .await
            .map_err(NoAnswer::Http)
    }

    async fn url(&self) -> Result<Url, NoAnswer> {
        if let Some(url) = (self.which)(&self.configured) {
            return Ok(url.clone());
        }
        let document = self
            .discovery
            .at_hand()
            .await
            .map_err(NoAnswer::Discovery)?;
        (self.which)(&document.endpoints)
            .cloned()
            .ok_or(NoAnswer::NoEndpoint)
    }
}
