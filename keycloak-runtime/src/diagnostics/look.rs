//! One look at one endpoint: the request, and the road to its host beside it.
//!
//! Invariant: what is sent means nothing to Keycloak: no request changes anything there.

use std::time::{Duration, SystemTime};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    assess::Question,
    tls::{Inspector, Road, walk},
};
use crate::{
    realm::{Realm, client_auth::ClientCredentials},
    settings::Settings,
    transport::{
        http_client::{Answer, HttpError},
        outbound::Permit,
    },
};

/// What a diagnosis works with.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) permit: &'a Permit,
}

/// An endpoint, and all that was seen of it.
pub(super) struct Seen {
    pub(super) url: Url,
    /// `None`: nothing came within the deadline.
    pub(super) answer: Option<Result<Answer, HttpError>>,
    pub(super) latency: Duration,
    /// By our clock.
    pub(super) answered_at: SystemTime,
    pub(super) road: Option<Road>,
}

/// How endpoints are looked at.
pub(super) struct Look<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) inspector: Option<&'a Inspector>,
}

/// A road that was walked before, and to where.
pub(super) type Walked<'a> = Option<(&'a Url, &'a Option<Road>)>;

impl Look<'_> {
    /// Request and road side by side.
    pub(super) async fn at(
        &self,
        url: Url,
        question: Question,
        walked: Walked<'_>,
        until: Instant,
    ) -> Seen {
        let began = Instant::now();
        let ask = async {
            let answer = timeout_at(until, self.ask(&url, question)).await.ok();
            (answer, began.elapsed(), self.scene.realm.clock.now())
        };
        let road = async {
            match walked {
                Some((to, road)) if to.origin() == url.origin() => road.clone(),
                _ => timeout_at(until, self.walk(&url)).await.ok().flatten(),
            }
        };
        let ((answer, latency, answered_at), road) = tokio::join!(ask, road);
        Seen {
            url,
            answer,
            latency,
            answered_at,
            road,
        }
    }

    async fn ask(&self, url: &Url, question: Question) -> Result<Answer, HttpError> {
        let Scene { realm, permit } = self.scene;
        let client = &realm.client;
        let form = match question {
            Question::Discovery | Question::Keys | Question::EndSession => {
                return client.look(url, permit).await;
            }
            // Not a token, so that nothing comes of it, and no secret if it is logged somewhere.
            Question::Introspection => [("token", "diagnostics")].as_slice(),
            Question::Token => &[
                ("grant_type", "refresh_token"),
                ("refresh_token", "diagnostics"),
            ],
        };
        match ClientCredentials::of(&realm.settings) {
            Some(credentials) => {
                let form = form.to_vec();
                credentials.post(client, url, form, true, permit).await
            }
            None => client.post_form(url, form, None, true, permit).await,
        }
    }

    /// `None` with a proxy, too: the request goes through it, and nothing goes past it.
    async fn walk(&self, url: &Url) -> Option<Road> {
        if self.scene.realm.settings.http.proxy.is_some() {
            return None;
        }
        let inspector = match url.scheme() {
            "https" => Some(self.inspector?),
            _ => None,
        };
        let port = url.port_or_known_default()?;
        let now = self.scene.realm.clock.now();
        Some(walk(url.host_str()?, port, inspector, now).await)
    }
}

/// Verifies certificates as the HTTP client does; `None` where no URL is `https` or the configured
/// roots are not readable, which `build()` has reported.
pub(super) async fn inspector(settings: &Settings) -> Option<Inspector> {
    if !settings.uses_tls() {
        return None;
    }
    let mut roots = Vec::new();
    for pem in &settings.http.roots {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.push(certificate.ok()?);
        }
    }
    // Reads the platform's roots from files.
    let made = tokio::task::spawn_blocking(move || {
        Inspector::new(roots.clone()).or_else(|_| Inspector::with_only(roots))
    });
    made.await.ok()?.ok()
}
