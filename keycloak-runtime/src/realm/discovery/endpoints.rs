//! Which of the document's URLs we call, and whether we may.
//!
//! Invariant: an endpoint is on the scheme, host and port of the server URL, of the back-channel
//! URL, or of the issuer, all of which the settings name; or it is configured itself.

use url::Url;

use super::{DiscoveryError, ProviderMetadata};
use crate::settings::Settings;

/// The endpoints that we call ourselves, after settings and document are combined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoints {
    /// Where the keys are.
    pub(crate) jwks: Option<Url>,
    /// Where tokens are introspected.
    pub(crate) introspection: Option<Url>,
    /// Where tokens are refreshed.
    pub(crate) token: Option<Url>,
    /// Where sessions end; looked at by the diagnostics only.
    pub(crate) end_session: Option<Url>,
}

impl Endpoints {
    /// The configured endpoints, where there is no document to add to them.
    pub(crate) fn configured(settings: &Settings) -> Self {
        Self {
            jwks: settings.jwks_uri.clone(),
            introspection: settings.introspection_endpoint.clone(),
            token: settings.token_endpoint.clone(),
            end_session: None,
        }
    }

    /// Checks the document's endpoints and picks ours; configured ones are not checked again.
    pub(crate) fn choose(
        metadata: &ProviderMetadata,
        settings: &Settings,
    ) -> Result<Self, DiscoveryError> {
        let allowed = Allowed::new(metadata, settings);
        // Not called by us, but handed on to browsers and shown by `provider_metadata`.
        for (name, value) in [
            ("authorization_endpoint", &metadata.authorization_endpoint),
            ("userinfo_endpoint", &metadata.userinfo_endpoint),
        ] {
            allowed.check(name, value.as_deref())?;
        }
        let end_session = metadata.end_session_endpoint.as_deref();
        let pick = |configured: &Option<Url>, name, found: &Option<String>| match configured {
            Some(url) => Ok(Some(url.clone())),
            None => allowed.check(name, found.as_deref()),
        };
        Ok(Self {
            jwks: pick(&settings.jwks_uri, "jwks_uri", &metadata.jwks_uri)?,
            introspection: pick(
                &settings.introspection_endpoint,
                "introspection_endpoint",
                &metadata.introspection_endpoint,
            )?,
            token: pick(
                &settings.token_endpoint,
                "token_endpoint",
                &metadata.token_endpoint,
            )?,
            end_session: allowed.check("end_session_endpoint", end_session)?,
        })
    }
}

/// The places that an endpoint may be on.
struct Allowed<'a> {
    places: Vec<Place>,
    /// The public base URL and the one to use in its stead.
    rewrite: Option<(&'a str, &'a str)>,
}

/// Scheme, host and port.
#[derive(PartialEq, Eq)]
struct Place(String, String, Option<u16>);

impl Place {
    fn of(url: &Url) -> Option<Self> {
        Some(Self(
            url.scheme().to_owned(),
            url.host_str()?.to_owned(),
            url.port_or_known_default(),
        ))
    }

    fn of_text(text: &str) -> Option<Self> {
        Self::of(&Url::parse(text).ok()?)
    }
}

impl<'a> Allowed<'a> {
    fn new(metadata: &ProviderMetadata, settings: &'a Settings) -> Self {
        let backchannel = settings.backchannel_url.as_deref();
        let bases = [
            Some(settings.server_url.as_str()),
            backchannel,
            // Accepted before, so the settings name it.
            Some(metadata.issuer.as_str()),
        ];
        Self {
            places: bases
                .into_iter()
                .flatten()
                .filter_map(Place::of_text)
                .collect(),
            rewrite: backchannel.map(|inner| (settings.server_url.as_str(), inner)),
        }
    }

    fn check(
        &self,
        name: &'static str,
        value: Option<&str>,
    ) -> Result<Option<Url>, DiscoveryError> {
        let Some(value) = value else {
            return Ok(None);
        };
        let foreign = DiscoveryError::ForeignEndpoint { name };
        let Ok(url) = Url::parse(value) else {
            return Err(foreign);
        };
        let known = Place::of(&url).is_some_and(|place| self.places.contains(&place));
        if !known || !url.username().is_empty() || url.password().is_some() {
            return Err(foreign);
        }
        let inner = self.rewrite.and_then(|(public, inner)| {
            let path = value.strip_prefix(public)?;
            // Otherwise `https://sso` would be taken for a prefix of `https://sso.example.com`.
            path.starts_with('/')
                .then(|| Url::parse(&format!("{inner}{path}")).ok())?
        });
        Ok(Some(inner.unwrap_or(url)))
    }
}
