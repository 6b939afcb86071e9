//! The client scopes that Keycloak 26.7.3 gives a realm whose export lists none.

use keycloak_policy::facts;

use super::model::{Mapper, RealmModel, ScopeModel};

/// Adds the built-in scope `name`, unless the realm has one of that name.
pub(super) fn add(name: &str, model: &mut RealmModel) {
    if model.scopes.contains_key(name) {
        return;
    }
    let scope = ScopeModel {
        name: name.to_owned(),
        in_token_scope: !facts::scopes::SILENT.contains(&name),
        mappers: scope_mappers(name),
        scope_mappings: Vec::new(),
    };
    model.scopes.insert(name.to_owned(), scope);
}

const REALM_ROLES: &str = "oidc-usermodel-realm-role-mapper";
const CLIENT_ROLES: &str = "oidc-usermodel-client-role-mapper";

/// Where a mapper's claim goes.
const EVERYWHERE: &[&str] = &["access", "id", "introspection", "userinfo"];
const TOKENS: &[&str] = &["access", "id", "introspection"];
const ACCESS: &[&str] = &["access", "introspection"];

fn scope_mappers(scope: &str) -> Vec<Mapper> {
    match scope {
        "basic" => vec![
            mapper("sub", "oidc-sub-mapper", ACCESS, &[]),
            note("AUTH_TIME", "long", "auth_time"),
        ],
        "profile" => profile(),
        "email" => vec![text("email", "email"), email_verified()],
        "address" => vec![mapper("address", "oidc-address-mapper", EVERYWHERE, &[])],
        "phone" => vec![
            text("phoneNumber", "phone_number"),
            attribute("phoneNumberVerified", "phone_number_verified", "boolean"),
        ],
        "roles" => {
            let resolve = "oidc-audience-resolve-mapper";
            vec![
                roles(REALM_ROLES, "realm_access.roles", ACCESS),
                roles(CLIENT_ROLES, "resource_access.${client_id}.roles", ACCESS),
                mapper("audience resolve", resolve, ACCESS, &[]),
            ]
        }
        "web-origins" => {
            let kind = "oidc-allowed-origins-mapper";
            vec![mapper("allowed web origins", kind, ACCESS, &[])]
        }
        "acr" => vec![mapper("acr loa level", "oidc-acr-mapper", TOKENS, &[])],
        "microprofile-jwt" => vec![
            text("username", "upn"),
            roles(REALM_ROLES, "groups", TOKENS),
        ],
        "service_account" => vec![
            note("client_id", "String", "client_id"),
            note("clientHost", "String", "clientHost"),
            note("clientAddress", "String", "clientAddress"),
        ],
        // `offline_access` and `organization` put nothing of their own into tokens here.
        _ => Vec::new(),
    }
}

fn profile() -> Vec<Mapper> {
    let mut mappers = vec![
        mapper("full name", "oidc-full-name-mapper", EVERYWHERE, &[]),
        text("username", "preferred_username"),
        text("firstName", "given_name"),
        text("lastName", "family_name"),
        text("middleName", "middle_name"),
        attribute("updatedAt", "updated_at", "long"),
    ];
    let same = [
        "nickname",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
    ];
    mappers.extend(same.map(|name| text(name, name)));
    mappers
}

fn text(name: &str, claim: &str) -> Mapper {
    attribute(name, claim, "String")
}

fn attribute(name: &str, claim: &str, label: &str) -> Mapper {
    let config = [
        ("user.attribute", name),
        ("claim.name", claim),
        ("jsonType.label", label),
    ];
    mapper(
        claim,
        "oidc-usermodel-attribute-mapper",
        EVERYWHERE,
        &config,
    )
}

fn email_verified() -> Mapper {
    let config = [
        ("user.attribute", "emailVerified"),
        ("claim.name", "email_verified"),
        ("jsonType.label", "boolean"),
    ];
    let kind = "oidc-usermodel-property-mapper";
    mapper("email verified", kind, EVERYWHERE, &config)
}

fn note(note: &str, label: &str, claim: &str) -> Mapper {
    let config = [
        ("user.session.note", note),
        ("claim.name", claim),
        ("jsonType.label", label),
    ];
    mapper(claim, "oidc-usersessionmodel-note-mapper", TOKENS, &config)
}

fn roles(kind: &str, claim: &str, places: &[&str]) -> Mapper {
    let config = [
        ("claim.name", claim),
        ("jsonType.label", "String"),
        ("multivalued", "true"),
    ];
    mapper(claim, kind, places, &config)
}

fn mapper(name: &str, kind: &str, places: &[&str], config: &[(&str, &str)]) -> Mapper {
    let places = places
        .iter()
        .map(|place| (format!("{place}.token.claim"), "true".to_owned()));
    let config = config
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()));
    Mapper {
        name: name.to_owned(),
        kind: kind.to_owned(),
        config: places.chain(config).collect(),
    }
}
