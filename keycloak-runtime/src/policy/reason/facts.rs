//! What a reason says about one term: what the caller has, and why something cannot be proven.

use super::super::term::{Mode, Term};
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

/// How many of its items a set asks for.
pub(super) fn mode(term: &Term) -> Option<Mode> {
    match term {
        Term::Roles(set)
        | Term::RealmRoles(set)
        | Term::ClientRoles(_, set)
        | Term::Groups(set)
        | Term::Scopes(set)
        | Term::Claim(_, set) => Some(set.mode),
        Term::All(_)
        | Term::Any(_)
        | Term::Not(_)
        | Term::ClaimBool(..)
        | Term::Policy(..)
        | Term::Check(..)
        | Term::Require(..) => None,
    }
}

/// The names that the term is about.
pub(super) fn had(term: &Term, user: &User) -> Vec<Had> {
    let own = &user.rules().client_id;
    let list = |kind: &str, names: Names<'_>| Had {
        kind: kind.to_owned(),
        names: names.iter().take(SHOWN).map(str::to_owned).collect(),
        more: names.len().saturating_sub(SHOWN),
    };
    let of_client = |client: &str| {
        list(
            &format!("roles of client {client:?}"),
            user.client_roles(client),
        )
    };
    match term {
        Term::Roles(_) => vec![list("realm roles", user.realm_roles()), of_client(own)],
        Term::RealmRoles(_) => vec![list("realm roles", user.realm_roles())],
        Term::ClientRoles(client, _) => vec![of_client(client.unwrap_or(own))],
        Term::Groups(_) => vec![list("groups", user.groups())],
        Term::Scopes(_) => vec![list("scopes", user.scopes())],
        Term::All(_)
        | Term::Any(_)
        | Term::Not(_)
        | Term::Claim(..)
        | Term::ClaimBool(..)
        | Term::Policy(..)
        | Term::Check(..)
        | Term::Require(..) => Vec::new(),
    }
}

/// Why a term can be proven neither true nor false, and what to do about it.
pub(super) fn note(term: &Term, user: &User) -> Option<String> {
    let malformed = |what: &str| {
        Some(format!(
            "{what} does not have the form that Keycloak gives it"
        ))
    };
    match term {
        Term::Groups(_) => group_note(user),
        Term::Scopes(_) => match user.scope_access() {
            Container::Absent => Some("the token has no claim \"scope\"".to_owned()),
            Container::Malformed => malformed("claim \"scope\""),
            Container::Present(_) => Some(
                "the client chooses which scopes it requests, so that the absence of a scope \
                 proves nothing; ask for a scope that must be there"
                    .to_owned(),
            ),
        },
        Term::Claim(path, _) | Term::ClaimBool(path, _) => Some(match user.lookup(path) {
            None => format!(
                "the token has no claim {path:?}, so that nothing can be proven about it; add \
                     a mapper for it to the client"
            ),
            Some(claim)
                if claim
                    .items()
                    .is_some_and(|mut items| items.all(|item| item.as_str().is_some())) =>
            {
                undeclared(user)
            }
            Some(_) => format!("claim {path:?} has another type than the policy asks for"),
        }),
        Term::RealmRoles(_) if !realm_malformed(user) => Some(undeclared(user)),
        Term::RealmRoles(_) => malformed("claim \"realm_access\""),
        Term::Roles(_) if !realm_malformed(user) && !client_malformed(user, None) => {
            Some(undeclared(user))
        }
        Term::ClientRoles(client, _) if !client_malformed(user, *client) => Some(undeclared(user)),
        Term::Roles(_) | Term::ClientRoles(..) => {
            malformed("claim \"realm_access\" or \"resource_access\"")
        }
        Term::All(_)
        | Term::Any(_)
        | Term::Not(_)
        | Term::Policy(..)
        | Term::Check(..)
        | Term::Require(..) => None,
    }
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

fn group_note(user: &User) -> Option<String> {
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
