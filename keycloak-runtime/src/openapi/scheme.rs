//! The security scheme of a document, and what operations say about their policies.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value, json};
use utoipa::{
    Modify, ToSchema,
    openapi::{
        OpenApi,
        path::Operation,
        security::{
            AuthorizationCode, Flow, HttpAuthScheme, HttpBuilder, OAuth2, OpenIdConnect, Scopes,
            SecurityScheme,
        },
    },
};

use super::{
    identity::{Identity, Known, take_out},
    operation::{SCHEME, requirements},
    response::Body,
    scopes::{are_everything, ways},
    walk::operations_mut,
    words,
};
use crate::{
    keycloak::Keycloak,
    policy::term::Policy,
    settings::{Settings, urls::realm_url},
};

/// The extension that holds the published part of the policy as JSON.
const POLICY: &str = "x-keycloak-policy";

/// How much of a policy the document tells.
///
/// A document is read by more people than the policies are meant for: what a 403 hides, it should
/// not give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PolicyText {
    /// Everything: roles, groups, claims, checks and expressions, in words and as JSON.
    Full,
    /// OAuth scopes, and whether there is more: the default.
    #[default]
    ScopesOnly,
    /// Nothing but that a token is needed.
    None,
}

/// How callers get their tokens, as the document says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SchemeKind {
    /// OAuth 2.0 authorization code flow (RFC 6749 section 4.1) with PKCE (RFC 7636): what Swagger
    /// UI logs in with. The default.
    #[default]
    AuthorizationCode,
    /// The realm's OpenID Connect discovery document.
    OpenIdConnect,
    /// A bearer token (RFC 6750) from wherever; operations then list no scopes, because the
    /// scheme has none.
    Bearer,
}

/// The security scheme of one [`Keycloak`], to be applied to a document: from
/// [`Keycloak::security_scheme`].
///
/// Applied ([`Modify::modify`], or [`apply`](Self::apply)), it adds the scheme to the components,
/// gives every declared operation its scheme's name, its policy in words (at the end of the
/// description) and as `x-keycloak-policy`, as far as [`PolicyText`] allows, moves the error
/// body's schema to the components, and takes out the ids that tie operations to handlers. Applying
/// it again, also with another [`PolicyText`], replaces what it wrote.
///
/// Without it, operations still carry their security requirement (scheme `keycloak`, OAuth scopes)
/// and their 400, 401, 403 and 503 responses, and nothing else of the policy.
///
/// # Defaults
/// | setting | default |
/// |---|---|
/// | name and scopes | those of [`openapi_security_scheme`](crate::KeycloakBuilder::openapi_security_scheme), else `keycloak` and `openid` |
/// | [`kind`](Self::kind) | [`SchemeKind::AuthorizationCode`] |
/// | [`policy_text`](Self::policy_text) | [`PolicyText::ScopesOnly`] |
///
/// ```
/// # use utoipa::{Modify as _, OpenApi as _};
/// #[derive(utoipa::OpenApi)]
/// struct Api;
///
/// # fn main() -> Result<(), keycloak::ConfigError> {
/// let keycloak = keycloak::Keycloak::builder()
///     .server_url("https://sso.example.com")
///     .realm("demo")
///     .client_id("demo-api")
///     .build()?;
/// let mut document = Api::openapi();
/// keycloak.security_scheme().modify(&mut document);
/// assert!(document.components.unwrap().security_schemes.contains_key("keycloak"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a scheme does nothing until it is applied to a document"]
pub struct Scheme {
    name: String,
    scopes: Vec<String>,
    realm: String,
    /// The realm's URL as browsers see it.
    issuer: String,
    kind: SchemeKind,
    policy_text: PolicyText,
    body: Body,
}

impl Keycloak {
    /// The OpenAPI security scheme of this realm, to be applied to a document.
    pub fn security_scheme(&self) -> Scheme {
        let mut scheme = Scheme::new(self.settings());
        if self.has_own_error_body() {
            scheme.body = Body::Untold;
        }
        scheme
    }
}

impl Scheme {
    fn new(settings: &Settings) -> Self {
        let (name, scopes) = match &settings.scheme {
            Some(scheme) => (scheme.name.clone(), scheme.scopes.clone()),
            None => (SCHEME.to_owned(), vec!["openid".to_owned()]),
        };
        Self {
            name,
            scopes,
            realm: settings.realm.clone(),
            issuer: settings
                .issuers
                .first()
                .cloned()
                .unwrap_or_else(|| realm_url(&settings.server_url, &settings.realm)),
            kind: SchemeKind::default(),
            policy_text: PolicyText::default(),
            body: Body::Ours,
        }
    }

    /// The body of refusals where the application has its own
    /// ([`error_body`](crate::KeycloakBuilder::error_body)): schema and content type,
    /// `application/problem+json`. Where it has one and this is not called, refusals are documented
    /// without a body.
    pub fn error_schema<T: ToSchema>(mut self, content_type: impl Into<String>) -> Self {
        self.body = Body::of::<T>(content_type.into());
        self
    }

    /// How much of the policies is published; default [`PolicyText::ScopesOnly`].
    pub fn policy_text(mut self, text: PolicyText) -> Self {
        self.policy_text = text;
        self
    }

    /// How callers get their tokens; default [`SchemeKind::AuthorizationCode`].
    pub fn kind(mut self, kind: SchemeKind) -> Self {
        self.kind = kind;
        self
    }

    /// The scheme's name in the document.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configured scopes, without those that policies ask for.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The scheme as utoipa has it, with the configured scopes.
    #[must_use]
    pub fn scheme(&self) -> SecurityScheme {
        self.scheme_with(&[])
    }

    /// The document with this scheme applied.
    #[must_use]
    pub fn apply(&self, mut document: OpenApi) -> OpenApi {
        self.modify(&mut document);
        document
    }

    fn scheme_with(&self, asked_for: &[&str]) -> SecurityScheme {
        let description = format!("Keycloak realm `{}`.", self.realm);
        match self.kind {
            SchemeKind::AuthorizationCode => {
                let endpoint = |name| format!("{}/protocol/openid-connect/{name}", self.issuer);
                let scopes: BTreeMap<&str, &str> = self
                    .scopes
                    .iter()
                    .map(String::as_str)
                    .chain(asked_for.iter().copied())
                    .map(|scope| (scope, scope_description(scope)))
                    .collect();
                let flow = AuthorizationCode::new(
                    endpoint("auth"),
                    endpoint("token"),
                    Scopes::from_iter(scopes),
                );
                let description =
                    format!("{description} Authorization code flow with PKCE (S256).");
                let flows = [Flow::AuthorizationCode(flow)];
                SecurityScheme::OAuth2(OAuth2::with_description(flows, description))
            }
            SchemeKind::OpenIdConnect => {
                let url = format!("{}/.well-known/openid-configuration", self.issuer);
                SecurityScheme::OpenIdConnect(OpenIdConnect::with_description(url, description))
            }
            SchemeKind::Bearer => SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some(description))
                    .build(),
            ),
        }
    }

    /// Whether operations list OAuth scopes.
    fn lists_scopes(&self) -> bool {
        self.policy_text != PolicyText::None && self.kind != SchemeKind::Bearer
    }

    /// `policies` all have to hold, outermost first.
    fn describe(&self, operation: &mut Operation, policies: &[Policy]) {
        type Words = fn(&Policy) -> String;
        type Json = fn(&Policy) -> Value;
        let plain = requirements(SCHEME, policies, true);
        // Another kind or text of this scheme may have been applied before.
        let ours = [
            &plain,
            &requirements(&self.name, policies, true),
            &requirements(&self.name, policies, false),
        ];
        if operation
            .security
            .as_ref()
            .is_some_and(|security| ours.contains(&security))
        {
            operation.security = Some(requirements(&self.name, policies, self.lists_scopes()));
        }
        for response in operation.responses.responses.values_mut() {
            self.body.put_into(response);
        }
        let told: Option<(Words, Json)> = match self.policy_text {
            PolicyText::Full => Some((words::full, full_json)),
            PolicyText::ScopesOnly => Some((words::scopes_only, scopes_json)),
            PolicyText::None => None,
        };
        let text = told.map(|(words, _)| words::all(policies, words));
        words::append(&mut operation.description, text.as_deref());
        let extensions = operation.extensions.get_or_insert_default();
        match (told, policies) {
            (Some((_, json)), [policy]) => extensions.insert(POLICY.to_owned(), json(policy)),
            (Some((_, json)), policies) => {
                let all: Vec<Value> = policies.iter().map(json).collect();
                extensions.insert(POLICY.to_owned(), json!({ "all": all }))
            }
            (None, _) => extensions.remove(POLICY),
        };
    }
}

impl Modify for Scheme {
    fn modify(&self, document: &mut OpenApi) {
        let known = Known::now();
        let mut asked_for: Vec<&str> = Vec::new();
        let secured_by_default = document.security.is_some();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations_mut(item) {
                let way_in = known.way_in(&Identity::of(method, path, operation));
                let policies = way_in.policies();
                if !policies.is_empty() {
                    self.describe(operation, &policies);
                    if self.lists_scopes() {
                        asked_for.extend(ways(&policies).into_iter().flatten());
                    }
                } else if secured_by_default && way_in.handler.is_some() {
                    // A public handler is not covered by what the document asks of the others.
                    operation.security.get_or_insert_default();
                }
            }
        }
        take_out(document);
        let components = document.components.get_or_insert_default();
        for (name, schema) in self.body.schemas() {
            components.schemas.entry(name).or_insert(schema);
        }
        components.add_security_scheme(self.name.clone(), self.scheme_with(&asked_for));
    }
}

impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheme")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("policy_text", &self.policy_text)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

fn full_json(policy: &Policy) -> Value {
    let mut json = policy.to_json();
    if let Some(object) = json.as_object_mut() {
        object.insert("text".to_owned(), policy.to_string().into());
    }
    json
}

/// `{"any": [[scope, ..], ..]}` in the policy's JSON form, and `"partial": true` where something
/// is left out.
fn scopes_json(policy: &Policy) -> Value {
    if policy.optional {
        return policy.to_json();
    }
    let ways: Vec<Value> = ways(std::slice::from_ref(policy))
        .into_iter()
        .filter(|way| !way.is_empty())
        .map(|way| json!({ "scopes": { "all": way } }))
        .collect();
    let terms = match ways.len() {
        0 | 1 => ways,
        _ => vec![json!({ "any": ways })],
    };
    let mut object = Map::new();
    object.insert("all".to_owned(), terms.into());
    if !are_everything(policy) {
        object.insert("partial".to_owned(), true.into());
    }
    Value::Object(object)
}

/// Keycloak's built-in client scopes in words; an application's own scopes are known to itself.
fn scope_description(scope: &str) -> &'static str {
    match scope {
        "openid" => "Sign in with OpenID Connect",
        "profile" => "Name and profile",
        "email" => "E-mail address",
        "roles" => "Roles",
        "offline_access" => "Stay signed in",
        _ => "",
    }
}
