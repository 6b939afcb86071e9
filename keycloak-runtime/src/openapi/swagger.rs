//! Swagger UI with its assets in the binary, logged in by authorization code and PKCE.

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware::map_response,
    response::Response,
};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi as Assets, oauth};

use super::{PolicyText, Scheme};
use crate::keycloak::Keycloak;

/// A page to read and try a document: from [`Keycloak::swagger_ui`].
///
/// It works offline: scripts and styles are part of the binary, and its `Content-Security-Policy`
/// lets no other script run. "Authorize" logs in at Keycloak
/// with the authorization code flow and PKCE, and comes back to `/docs/oauth2-redirect.html`: the
/// client needs that URL among its redirect URIs and the page's origin among its web origins, and
/// it has to be a public client, because a page cannot keep a secret.
///
/// # Defaults
/// | setting | default |
/// |---|---|
/// | [`path`](Self::path) | `/docs` |
/// | [`document_path`](Self::document_path) | `/openapi.json` |
/// | [`client_id`](Self::client_id) | the client id of the [`Keycloak`] |
/// | [`scopes`](Self::scopes) | those of the scheme, `openid` |
/// | [`policy_text`](Self::policy_text) | [`PolicyText::ScopesOnly`] |
///
/// Merge it at the top of the application, where both paths are what they say. Under
/// [`Keycloak::layer`] they have to be public paths (`/docs`, `/docs/**`, `/openapi.json`).
///
/// ```
/// # use axum::Router;
/// # use utoipa::OpenApi as _;
/// # #[derive(utoipa::OpenApi)]
/// # struct Api;
/// # fn main() -> Result<(), keycloak::ConfigError> {
/// # let keycloak = keycloak::Keycloak::builder()
/// #     .server_url("https://sso.example.com").realm("demo").client_id("demo-api").build()?;
/// let app: Router = Router::new().merge(
///     keycloak
///         .swagger_ui(Api::openapi())
///         .client_id("demo-web")
///         .policy_text(keycloak::openapi::PolicyText::Full),
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "the page is served by a router that it is merged into"]
pub struct SwaggerUi {
    document: OpenApi,
    scheme: Scheme,
    path: String,
    document_path: String,
    client_id: String,
    scopes: Vec<String>,
}

impl Keycloak {
    /// Swagger UI for `document`; the security scheme is applied to it.
    pub fn swagger_ui(&self, document: OpenApi) -> SwaggerUi {
        let scheme = self.security_scheme();
        SwaggerUi {
            document,
            path: "/docs".to_owned(),
            document_path: "/openapi.json".to_owned(),
            client_id: self.settings().client_id.clone(),
            scopes: scheme.scopes().to_vec(),
            scheme,
        }
    }
}

impl SwaggerUi {
    /// Where the page is; default `/docs`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Where the document is; default `/openapi.json`.
    pub fn document_path(mut self, path: impl Into<String>) -> Self {
        self.document_path = path.into();
        self
    }

    /// The public client that the page logs in with.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// The scopes that are ticked when the login dialog opens.
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// How much of the policies the document tells.
    pub fn policy_text(mut self, text: PolicyText) -> Self {
        self.scheme = self.scheme.policy_text(text);
        self
    }

    /// The body of refusals, as [`Scheme::error_schema`].
    pub fn error_schema<T: utoipa::ToSchema>(mut self, content_type: impl Into<String>) -> Self {
        self.scheme = self.scheme.error_schema::<T>(content_type);
        self
    }

    /// The document as it is served.
    #[must_use]
    pub fn document(&self) -> OpenApi {
        self.scheme.apply(self.document.clone())
    }

    /// The routes of page and document.
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let oauth = oauth::Config::new()
            .client_id(&self.client_id)
            .scopes(self.scopes.clone())
            .use_pkce_with_authorization_code_grant(true);
        // The validator is a badge from another site: it would tell that site about the document.
        let config = Config::default()
            .validator_url("none")
            .display_request_duration(true);
        let assets: Router<S> = Assets::new(self.path.clone())
            .config(config)
            .oauth(oauth)
            .url(self.document_path.clone(), self.document())
            .into();
        // Not the fallback: merged, that is the application's own 404.
        assets.route_layer(map_response(harden))
    }
}

/// The page holds access tokens: scripts come from this service only, whatever the document's
/// texts contain, and no other site may show the page in a frame.
async fn harden(mut response: Response) -> Response {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

impl<S: Clone + Send + Sync + 'static> From<SwaggerUi> for Router<S> {
    fn from(page: SwaggerUi) -> Self {
        page.router()
    }
}

impl std::fmt::Debug for SwaggerUi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SwaggerUi")
            .field("path", &self.path)
            .field("document_path", &self.document_path)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
