//! What explanations say about a caller: the names they have, and why something cannot be proven.

use crate::caller::{Container, Names, User};

/// At most so many of the caller's names are shown for one term.
const SHOWN: usize = 32;

/// What the caller has of one kind.
#[derive(Debug, Clone)]
pub(super) struct Had {
    pub(super) kind: String,
    pub(super) names: Vec<String>,
    /// How many more there are.
    pub(super) more: usize,
}

impl Had {
    pub(super) fn of(kind: impl Into<String>, names: Names<'_>) -> Self {
        Self {
            kind: kind.into(),
            names: names.iter().take(SHOWN).map(str::to_owned).collect(),
            more: names.len().saturating_sub(SHOWN),
        }
    }
}

pub(super) fn realm_roles(user: &User) -> Had {
    Had::of("realm roles", user.realm_roles())
}

/// Roles of `client`, or of our own.
pub(super) fn client_roles(user: &User, client: Option<&str>) -> Had {
    let client = client.unwrap_or(&user.rules().client_id);
    Had::of(
        format!("roles of client {client:?}"),
        user.client_roles(client),
    )
}

/// Whose roles a term is about.
pub(super) enum RolesOf<'a> {
    /// The realm.
    Realm,
    /// The named client, or our own.
    Client(Option<&'a str>),
    /// The realm and our own client.
    Both,
}

pub(super) fn roles_note(user: &User, of: &RolesOf<'_>) -> String {
    let (unreadable, with_clients) = match of {
        RolesOf::Realm => (realm_malformed(user), false),
        RolesOf::Client(client) => (client_malformed(user, *client), true),
        RolesOf::Both => (realm_malformed(user) || client_malformed(user, None), true),
    };
    match (unreadable, with_clients) {
        (false, _) => undeclared(user),
        (true, false) => malformed("claim \"realm_access\""),
        (true, true) => malformed("claim \"realm_access\" or \"resource_access\""),
    }
}

pub(super) fn scope_note(user: &User) -> String {
    match user.scope_access() {
        Container::Absent => "the token has no claim \"scope\"".to_owned(),
        Container::Malformed => malformed("claim \"scope\""),
        Container::Present(_) => {
            "the client chooses which scopes it requests, so that the absence of a scope proves \
             nothing; ask for a scope that must be there"
                .to_owned()
        }
    }
}

pub(super) fn claim_note(user: &User, path: &str) -> String {
    match user.lookup(path) {
        None => format!(
            "the token has no claim {path:?}, so that nothing can be proven about it; add a mapper \
             for it to the client"
        ),
        Some(claim)
            if claim
                .items()
                .is_some_and(|mut items| items.all(|item| item.as_str().is_some())) =>
        {
            undeclared(user)
        }
        Some(_) => format!("claim {path:?} has another type than the policy asks for"),
    }
}

/// The client that the token was issued to.
pub(super) fn authorized_party(user: &User) -> Vec<Had> {
    let party = user.authorized_party().map(|party| Had {
        kind: "a token of client".to_owned(),
        names: vec![party.to_owned()],
        more: 0,
    });
    party.into_iter().collect()
}

pub(super) fn authorized_party_note(user: &User) -> String {
    if user.lookup("azp").is_some() {
        malformed("claim \"azp\"")
    } else {
        "the token does not say which client it was issued to (azp)".to_owned()
    }
}

pub(super) const SERVICE_ACCOUNT_NOTE: &str = "the token shows neither a user's name nor both that of a service account and \
     \"clientAddress\"; give the client the scopes \"profile\" and \"service_account\", and no \
     lightweight tokens";

pub(super) fn malformed(what: &str) -> String {
    format!("{what} does not have the form that Keycloak gives it")
}

fn realm_malformed(user: &User) -> bool {
    matches!(user.realm_access(), Container::Malformed)
}

fn client_malformed(user: &User, client: Option<&str>) -> bool {
    let client = client.unwrap_or(&user.rules().client_id);
    user.resource_access_malformed()
        || matches!(user.client_access(client), Some(Container::Malformed))
}

/// What the token leaves out proves nothing.
fn undeclared(user: &User) -> String {
    match user.claim::<&str>("azp") {
        Some(client) => format!(
            "the token does not show it, which proves nothing while tokens of the client \
             {client:?} are not declared complete; if they leave out no role and no group, declare \
             it: .complete_tokens_from([{client:?}])"
        ),
        None => {
            "the token does not show it, and does not say which client it was issued to (azp), \
                 so that `complete_tokens_from` cannot declare it complete"
                .to_owned()
        }
    }
}

pub(super) fn group_note(user: &User) -> Option<String> {
    let rules = user.rules();
    Some(match user.group_access() {
        Container::Malformed => {
            format!("claim {:?} is not a list of strings", rules.groups_claim)
        }
        _ if !user.shows_everything() => undeclared(user),
        Container::Absent => return None,
        Container::Present(_) if rules.name_only_groups => {
            "the token names groups without their paths, so that non-membership in a group below \
             another cannot be proven; switch on \"Full group path\" in the mapper"
                .to_owned()
        }
        Container::Present(_) => {
            "the token names a group without the leading \"/\", so that non-membership cannot be \
             proven; switch on \"Full group path\" in the mapper, or declare name-only groups: \
             .name_only_groups()"
                .to_owned()
        }
    })
}
