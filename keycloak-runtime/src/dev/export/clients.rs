//! Realm settings, client scopes, clients and protocol mappers.

use keycloak_policy::{
    export::{
        Node,
        parts::{self, Named, is_openid},
    },
    facts,
};

use super::model::{ClientModel, Mapper, RealmModel, ScopeModel};
use crate::{base::secret::Secret, jose::algorithm::Algorithm};

/// What the admin console's partial export writes in place of a secret.
const MASKED: &str = "**********";

pub(super) fn settings(realm: &Node<'_>, model: &mut RealmModel) {
    let settings = &mut model.settings;
    let lifetimes = [
        ("accessTokenLifespan", &mut settings.access_token_lifespan),
        ("ssoSessionIdleTimeout", &mut settings.session_idle),
        ("ssoSessionMaxLifespan", &mut settings.session_max),
        ("accessCodeLifespan", &mut settings.code_lifespan),
        ("accessCodeLifespanLogin", &mut settings.login_lifespan),
    ];
    for (name, setting) in lifetimes {
        if let Some(seconds) = realm.count(name).filter(|seconds| *seconds > 0) {
            *setting = seconds;
        }
    }
    settings.refresh_token_max_reuse = realm.count("refreshTokenMaxReuse").unwrap_or(0);
    settings.revoke_refresh_token = realm.flag("revokeRefreshToken").unwrap_or(false);
    settings.login_with_email = realm.flag("loginWithEmailAllowed").unwrap_or(true);
    settings.organizations = realm.flag("organizationsEnabled").unwrap_or(false);
    if let Some(algorithm) = algorithm(realm, "defaultSignatureAlgorithm") {
        settings.signature_algorithm = algorithm;
    }
    settings.profile_required = profile_required(realm);
}

/// Keycloak's default is RS256; an absent or empty value means just that.
fn algorithm(node: &Node<'_>, name: &str) -> Option<Algorithm> {
    let place = node.get(name)?;
    let text = place.as_text()?;
    if text.is_empty() {
        return None;
    }
    let algorithm = text.parse().ok();
    if algorithm.is_none() {
        let known: Vec<_> = Algorithm::ALL.iter().map(|known| known.name()).collect();
        place.problem(format!("expected one of {}", known.join(", ")));
    }
    algorithm
}

/// The user attributes without which Keycloak answers "Account is not fully set up".
///
/// With the default user profile and the action `VERIFY_PROFILE`, both on unless the export says
/// otherwise, these are `email`, `firstName` and `lastName`.
fn profile_required(realm: &Node<'_>) -> Vec<String> {
    let off = realm.objects("requiredActions").iter().any(|action| {
        action.text("alias").as_deref() == Some("VERIFY_PROFILE")
            && action.flag("enabled") == Some(false)
    });
    if off {
        return Vec::new();
    }
    let custom = realm
        .get("components")
        .into_iter()
        .flat_map(|components| components.objects("org.keycloak.userprofile.UserProfileProvider"))
        .find_map(|provider| {
            let text = provider
                .get("config")?
                .texts("kc.user.profile.config")
                .into_iter()
                .next()?;
            serde_json::from_str::<serde_json::Value>(&text).ok()
        });
    let Some(profile) = custom else {
        return ["email", "firstName", "lastName"].map(str::to_owned).into();
    };
    let required = |attribute: &&serde_json::Value| {
        // `required` without roles or scopes, or with the role `user`, binds users themselves.
        attribute.get("required").is_some_and(|required| {
            let list = |name| required.get(name).and_then(serde_json::Value::as_array);
            let scoped = list("scopes").is_some_and(|scopes| !scopes.is_empty());
            let for_users = list("roles").is_none_or(|roles| {
                roles.is_empty() || roles.iter().any(|role| role.as_str() == Some("user"))
            });
            !required.is_null() && !scoped && for_users
        })
    };
    profile
        .get("attributes")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter(required)
        .filter_map(|attribute| attribute.get("name")?.as_str().map(str::to_owned))
        .filter(|name| name != "username")
        .collect()
}

pub(super) fn scopes(realm: &Node<'_>, model: &mut RealmModel) {
    for parts::Scope { name, node, .. } in parts::client_scopes(realm).into_iter().flatten() {
        let in_token_scope = node
            .get("attributes")
            .and_then(|attributes| attributes.text("include.in.token.scope"))
            .is_none_or(|flag| flag != "false");
        let scope = ScopeModel {
            name: name.clone(),
            in_token_scope,
            mappers: mappers(&node),
            scope_mappings: Vec::new(),
        };
        if model.scopes.insert(name.clone(), scope).is_some() {
            node.problem(format!(
                "expected each client scope once, found `{name}` again"
            ));
        }
    }
    model.default_scopes = realm.texts("defaultDefaultClientScopes");
    model.optional_scopes = realm.texts("defaultOptionalClientScopes");
}

fn mappers(node: &Node<'_>) -> Vec<Mapper> {
    node.objects("protocolMappers")
        .iter()
        .filter(|mapper| is_openid(mapper))
        .filter_map(|mapper| {
            Some(Mapper {
                name: mapper.text("name").unwrap_or_default(),
                kind: mapper.required_name("protocolMapper")?,
                config: mapper
                    .members("config")
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, value.as_text()?)))
                    .collect(),
            })
        })
        .collect()
}

pub(super) fn clients(realm: &Node<'_>, model: &mut RealmModel) {
    for Named {
        name: client_id,
        node,
    } in parts::clients(realm).into_iter().flatten()
    {
        if model.client(&client_id).is_some() {
            node.problem(format!(
                "expected each client once, found `{client_id}` again"
            ));
            continue;
        }
        let client = client(&node, client_id, model);
        model.clients.push(client);
    }
}

fn client(node: &Node<'_>, client_id: String, model: &mut RealmModel) -> ClientModel {
    let flag = |name| node.flag(name).unwrap_or(false);
    let openid = is_openid(node);
    let public = flag("publicClient");
    let bearer_only = flag("bearerOnly");
    let secret = node
        .text("secret")
        .filter(|secret| secret != MASKED && !secret.is_empty())
        .map(Secret::from);
    if secret.is_none() && openid && !public && !bearer_only {
        model.note(format!(
            "the export holds no secret of client `{client_id}`; it gets a random one \
             (`RunningRealm::client_secret`)"
        ));
    }
    let attributes = node.get("attributes");
    let (default_scopes, optional_scopes) = client_scopes(node, &client_id, model);
    ClientModel {
        name: node.text("name"),
        secret,
        enabled: node.flag("enabled").unwrap_or(true),
        public,
        bearer_only,
        standard_flow: node.flag("standardFlowEnabled").unwrap_or(true),
        direct_access: flag("directAccessGrantsEnabled"),
        service_account: flag("serviceAccountsEnabled"),
        full_scope: node
            .flag("fullScopeAllowed")
            .unwrap_or(!flag("consentRequired")),
        openid,
        builtin: facts::clients::is_built_in(&client_id),
        redirect_uris: node.texts("redirectUris"),
        web_origins: node.texts("webOrigins"),
        attributes: node
            .members("attributes")
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.as_text()?)))
            .collect(),
        mappers: mappers(node),
        default_scopes,
        optional_scopes,
        scope_mappings: Vec::new(),
        signature_algorithm: attributes
            .and_then(|attributes| algorithm(&attributes, "access.token.signed.response.alg")),
        client_id,
    }
}

/// Either list in the export replaces both of the realm's defaults.
fn client_scopes(
    node: &Node<'_>,
    client_id: &str,
    model: &mut RealmModel,
) -> (Vec<String>, Vec<String>) {
    let own_default = node.texts_if_present("defaultClientScopes");
    let own_optional = node.texts_if_present("optionalClientScopes");
    if own_default.is_none() && own_optional.is_none() {
        let mut default = model.default_scopes.clone();
        // Before Keycloak 4 a client had one template in their place.
        default.extend(
            node.text("clientTemplate")
                .map(|template| parts::template_scope(&template))
                .filter(|template| model.scopes.contains_key(template)),
        );
        return (default, model.optional_scopes.clone());
    }
    let (default, optional) = (
        own_default.unwrap_or_default(),
        own_optional.unwrap_or_default(),
    );
    for scope in default.iter().chain(&optional) {
        if !model.scopes.contains_key(scope) {
            model.note(format!(
                "client `{client_id}` names the client scope `{scope}`, which the realm does not \
                 have; it is ignored, as Keycloak does"
            ));
        }
    }
    (default, optional)
}
