//! Roles, groups and users.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use keycloak_policy::export::{
    Node,
    parts::{self, Named},
};
use serde_json::Value;

use super::{
    link,
    model::{
        Argon2Variant, Credential, Group, HashAlgorithm, PasswordHash, RealmModel, RoleId,
        UserModel,
    },
};
use crate::base::secret::Secret;

/// The first pass over the roles: their names.
pub(super) fn roles(realm: &Node<'_>, model: &mut RealmModel) {
    for Named { name, node } in parts::realm_roles(realm).into_iter().flatten() {
        declare(&node, RoleId::Realm(name), model);
    }
    for (client, roles) in parts::client_roles(realm).into_iter().flatten() {
        for role in roles {
            declare(&role.node, RoleId::client(&client.name, role.name), model);
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
    for group in parts::groups(realm).into_iter().flatten() {
        add_group(group, model);
    }
    for path in realm.texts("defaultGroups") {
        if let Some(path) = known_group(realm, "defaultGroups", &path, model) {
            model.default_groups.push(path);
        }
    }
}

fn add_group(group: parts::Group<'_>, model: &mut RealmModel) {
    let parts::Group {
        name,
        path,
        parent,
        odd_path,
        node,
    } = group;
    if odd_path {
        model.note(format!(
            "the path `{path}` of the group `{name}` is not what Keycloak makes of the names; an \
             import would call it differently"
        ));
    }
    let mut roles = link::realm_roles(&node, "realmRoles", model);
    roles.extend(link::client_roles(&node, "clientRoles", model));
    let attributes = attributes(&node);
    let group = Group {
        name,
        parent,
        roles,
        attributes,
    };
    if model.groups.insert(path.clone(), group).is_some() {
        node.problem(format!(
            "expected each group's path once, found `{path}` again: nothing in a token tells the \
             two groups apart; rename one, or let the server escape slashes \
             (`escape-slashes-in-group-path`) and export again"
        ));
    }
}

/// The path of the group that the list `list` of `node` calls `written`. Slashes in names may be
/// escaped as in the groups' own paths, or not.
fn known_group(node: &Node<'_>, list: &str, written: &str, model: &RealmModel) -> Option<String> {
    let written = if written.starts_with('/') {
        written.to_owned()
    } else {
        format!("/{written}")
    };
    if model.groups.contains_key(&written) {
        return Some(written);
    }
    let plain = |path: &str| path.replace("~/", "/");
    let mut same = model
        .groups
        .keys()
        .filter(|path| plain(path) == plain(&written));
    if let (Some(path), None) = (same.next(), same.next()) {
        return Some(path.clone());
    }
    if let Some(list) = node.get(list) {
        list.problem(format!(
            "expected paths of groups; the realm has no group `{written}`"
        ));
    }
    None
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
    let groups = node.texts("groups");
    let groups = groups
        .iter()
        .filter_map(|path| known_group(node, "groups", path, model))
        .collect();
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
