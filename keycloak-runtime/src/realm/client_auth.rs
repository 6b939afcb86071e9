//! How we prove to Keycloak who we are (RFC 6749 section 2.3.1), and what it says when it does not
//! believe it (section 5.2).

use url::{Url, form_urlencoded};

use crate::{
    base::fault::Fault,
    base::secret::Secret,
    settings::{ClientAuth, Settings},
    transport::{
        http_client::{Answer, HttpClient, HttpError},
        outbound::Permit,
    },
};

/// Our client id and secret.
#[derive(Debug, Clone)]
pub(crate) struct ClientCredentials {
    client_id: String,
    secret: Secret,
    method: ClientAuth,
}

impl ClientCredentials {
    /// `None` for a public client.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        Some(Self {
            client_id: settings.client_id.clone(),
            secret: settings.client_secret.clone()?,
            method: settings.client_auth,
        })
    }

    /// The answer to a form that is posted as our client; `repeatable` as for
    /// [`HttpClient::post_form`].
    ///
    /// # Errors
    /// [`HttpError`], except for an HTTP status.
    pub(crate) async fn post(
        &self,
        client: &HttpClient,
        url: &Url,
        mut form: Vec<(&str, &str)>,
        repeatable: bool,
        permit: &Permit,
    ) -> Result<Answer, HttpError> {
        form.extend(self.form());
        let basic = self.basic();
        let basic = basic.as_ref().map(|(id, secret)| (&**id, &**secret));
        client
            .post_form(url, &form, basic, repeatable, permit)
            .await
    }

    /// The fields to send in the form.
    fn form(&self) -> Vec<(&str, &str)> {
        match self.method {
            ClientAuth::Basic => Vec::new(),
            ClientAuth::Post => vec![
                ("client_id", self.client_id.as_str()),
                ("client_secret", self.secret.expose()),
            ],
        }
    }

    /// User and password to send in the header: both form-encoded first, as the standard asks.
    fn basic(&self) -> Option<(String, String)> {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        match self.method {
            ClientAuth::Basic => Some((encode(&self.client_id), encode(self.secret.expose()))),
            ClientAuth::Post => None,
        }
    }
}

/// The `error` of an OAuth error answer (RFC 6749 section 5.2), as one of our own words.
pub(crate) fn oauth_error(answer: &Answer) -> Option<&'static str> {
    #[derive(serde::Deserialize)]
    struct Body {
        error: String,
    }
    let body: Body = serde_json::from_slice(&answer.body).ok()?;
    [
        "invalid_request",
        "invalid_client",
        "invalid_client_credentials",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ]
    .into_iter()
    .find(|known| *known == body.error)
}

/// The fault when the answer says that it is our own client that is not accepted.
pub(crate) fn our_fault(answer: &Answer) -> Option<Fault> {
    match oauth_error(answer) {
        Some(code @ ("invalid_client" | "unauthorized_client" | "invalid_client_credentials")) => {
            Some(Fault::ClientCredentials { code })
        }
        // Keycloak's introspection endpoint says `invalid_request` to a wrong secret.
        _ if answer.status == reqwest::StatusCode::UNAUTHORIZED => Some(Fault::ClientCredentials {
            code: "invalid_client_credentials",
        }),
        _ => None,
    }
}
