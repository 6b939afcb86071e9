//! Roles, groups and users.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{
    cursor::Node,
    link,
    model::{
        Argon2Variant, Credential, Group, HashAlgorithm, PasswordHash, RealmModel, RoleId,
        UserModel,
    },
};
use crate::Secret;

/// The first pass over the roles: their names.
pub(super) fn roles(realm: &Node<'_>, model: &mut RealmModel) {
    let Some(roles) = realm.get("roles") else {
        return;
    };
    for role in roles.objects("realm") {
        if let Some(name) = role.required_name("name") {
            declare(&role, RoleId::Realm(name), model);
        }
    }
    for (client, _) in roles.members("client") {
        for role in roles
            .get("client")
            .iter()
            .flat_map(|all| all.objects(&client))
        {
            if let Some(name) = role.required_name("name") {
                declare(&role, RoleId::client(&client, name), model);
            }
        }
    }
}

fn declare(node: &Node<'_>, role: RoleId, model: &mut RealmModel) {
    if model.roles.contains_key(&role) {
        node.problem(format!("expected each role once, found {role} again"));
    }
    model.roles.entry(role).or_default();
}

pub(super) fn groups(realm: &Node<'_>, model: &mut RealmModel) {
    for group in realm.objects("groups") {
        add_group(&group, None, model);
    }
    let default_groups = realm.texts("defaultGroups");
    for path in &default_groups {
        if !model.groups.contains_key(path)
            && let Some(list) = realm.get("defaultGroups")
        {
            list.problem(format!(
                "expected paths of groups; there is no group `{path}`"
            ));
        }
    }
    model.default_groups = default_groups;
}

/// As deep as `serde_json` lets a document nest.
fn add_group(node: &Node<'_>, parent: Option<&str>, model: &mut RealmModel) {
    let Some(name) = node.required_name("name") else {
        return;
    };
    let path = format!("{}/{name}", parent.unwrap_or_default());
    let mut roles = link::realm_roles(node, "realmRoles", model);
    roles.extend(link::client_roles(node, "clientRoles", model));
    let group = Group {
        name,
        parent: parent.map(str::to_owned),
        roles,
        attributes: attributes(node),
    };
    if model.groups.insert(path.clone(), group).is_some() {
        node.problem(format!("expected each group once, found `{path}` again"));
    }
    for child in node.objects("subGroups") {
        add_group(&child, Some(&path), model);
    }
}

fn attributes(node: &Node<'_>) -> BTreeMap<String, Vec<String>> {
    node.members("attributes")
        .into_iter()
        .map(|(name, values)| (name, values.as_texts()))
        .collect()
}

pub(super) fn users(realm: &Node<'_>, model: &mut RealmModel) {
    for node in realm.objects("users") {
        let Some(user) = user(&node, model) else {
            continue;
        };
        if model.user(&user.username).is_some() {
            node.problem(format!(
                "expected each user once, found `{}` again (names are compared without case)",
                user.username
            ));
            continue;
        }
        model.users.push(user);
    }
}

fn user(node: &Node<'_>, model: &mut RealmModel) -> Option<UserModel> {
    // Keycloak keeps names and addresses in lower case.
    let username = node.required_name("username")?.to_lowercase();
    let enabled = node.flag("enabled");
    if enabled.is_none() {
        model.note(format!(
            "user `{username}` has no `enabled: true`, which Keycloak reads as disabled"
        ));
    }
    let mut roles = link::realm_roles(node, "realmRoles", model);
    roles.extend(link::client_roles(node, "clientRoles", model));
    let mut groups = Vec::new();
    for path in node.texts("groups") {
        let path = if path.starts_with('/') {
            path
        } else {
            format!("/{path}")
        };
        if model.groups.contains_key(&path) {
            groups.push(path);
        } else if let Some(list) = node.get("groups") {
            list.problem(format!(
                "expected paths of groups; there is no group `{path}`"
            ));
        }
    }
    let service_account_of = node.text("serviceAccountClientId");
    if let Some(client) = &service_account_of
        && model.client(client).is_none()
        && let Some(place) = node.get("serviceAccountClientId")
    {
        place.problem(format!(
            "expected the id of a client of the realm; no client is called `{client}`"
        ));
    }
    let credentials = node
        .objects("credentials")
        .iter()
        .filter_map(|credential| self::credential(credential, &username, model))
        .collect();
    Some(UserModel {
        id: node
            .text("id")
            .unwrap_or_else(|| stable_id(&["user", &model.name, &username])),
        enabled: enabled.unwrap_or(false),
        email: text(node, "email").map(|email| email.to_lowercase()),
        email_verified: node.flag("emailVerified").unwrap_or(false),
        first_name: text(node, "firstName"),
        last_name: text(node, "lastName"),
        attributes: attributes(node),
        credentials,
        required_actions: node.texts("requiredActions"),
        roles,
        groups,
        service_account_of,
        username,
    })
}

fn text(node: &Node<'_>, name: &str) -> Option<String> {
    node.text(name).filter(|text| !text.is_empty())
}

/// An id in the shape of a UUID that is the same in every run, so that tests can rely on it.
pub(super) fn stable_id(parts: &[&str]) -> String {
    let hash = digest::digest(&digest::SHA256, parts.join("\u{0}").as_bytes());
    crate::dev::ids::uuid(hash.as_ref())
}

fn credential(node: &Node<'_>, username: &str, model: &mut RealmModel) -> Option<Credential> {
    if node.text("type").is_some_and(|kind| kind != "password") {
        return None;
    }
    if let Some(password) = node.text("value") {
        return Some(Credential::Plain(Secret::from(password)));
    }
    let credential = hashed(node)?;
    if let Credential::Unsupported(algorithm) = &credential {
        model.note(format!(
            "the password of `{username}` is hashed with `{algorithm}`, which the embedded realm \
             cannot check; set one with `Realm::password`"
        ));
    }
    Some(credential)
}

/// `credentialData` and `secretData`, or the flat members of exports before Keycloak 8.
fn hashed(node: &Node<'_>) -> Option<Credential> {
    let (how, what) = if node.get("credentialData").is_some() {
        (
            node.embedded("credentialData")?,
            node.embedded("secretData")?,
        )
    } else {
        let member = |name| node.text(name).map_or(Value::Null, Value::from);
        (
            serde_json::json!({
                "algorithm": member("algorithm"),
                "hashIterations": member("hashIterations"),
            }),
            serde_json::json!({ "value": member("hashedSaltedValue"), "salt": member("salt") }),
        )
    };
    let algorithm = how.get("algorithm").and_then(Value::as_str)?;
    let known = match algorithm {
        "pbkdf2" => Some(HashAlgorithm::Pbkdf2Sha1),
        "pbkdf2-sha256" => Some(HashAlgorithm::Pbkdf2Sha256),
        "pbkdf2-sha512" => Some(HashAlgorithm::Pbkdf2Sha512),
        "argon2" => argon2(how.get("additionalParameters")),
        _ => None,
    };
    let bytes = |name| {
        let text = what.get(name).and_then(Value::as_str)?;
        STANDARD.decode(text).ok()
    };
    let (Some(salt), Some(value)) = (bytes("salt"), bytes("value")) else {
        node.problem("expected `salt` and `value` as base64 in the password's data");
        return None;
    };
    let iterations = number(how.get("hashIterations"));
    Some(match (known, iterations) {
        (Some(algorithm), Some(iterations)) => Credential::Hashed(PasswordHash {
            algorithm,
            iterations,
            salt,
            value,
        }),
        _ => Credential::Unsupported(algorithm.to_owned()),
    })
}

fn argon2(parameters: Option<&Value>) -> Option<HashAlgorithm> {
    let parameter = |name| parameters?.get(name)?.get(0);
    if parameter("version").and_then(Value::as_str) != Some("1.3") {
        return None;
    }
    Some(HashAlgorithm::Argon2 {
        variant: match parameter("type").and_then(Value::as_str)? {
            "d" => Argon2Variant::D,
            "i" => Argon2Variant::I,
            "id" => Argon2Variant::Id,
            _ => return None,
        },
        memory_kib: number(parameter("memory"))?,
        parallelism: number(parameter("parallelism"))?,
    })
}

fn number(value: Option<&Value>) -> Option<u32> {
    match value? {
        Value::Number(number) => number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok()),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
