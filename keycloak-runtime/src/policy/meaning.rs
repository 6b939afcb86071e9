//! What each term of the vocabulary means: one row for each.

use keycloak_policy::vocabulary::Kind;

use super::facts::{self, Had, RolesOf};
use crate::caller::{User, actor, claim, client, evidence::Evidence, group, role, scope};

/// What is looked for in a token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sought<'a> {
    /// One name of a set.
    Name(&'a str),
    /// That it is so.
    Flag(bool),
}

/// Which of the 403 faults tells a caller what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lacks {
    Roles,
    Groups,
    Scopes,
    Other,
}

/// The meaning of one term. The second argument of each function is what is in the term's
/// parentheses.
pub(crate) struct Meaning {
    /// What the token says.
    pub(crate) read: fn(&User, Option<&str>, Sought<'_>) -> Evidence,
    /// What a refused caller is told.
    pub(super) lacks: Lacks,
    /// What the caller has of the kind, for explanations; never values of claims.
    pub(super) had: fn(&User, Option<&str>) -> Vec<Had>,
    /// Why it can be proven neither true nor false, and what to do about it.
    pub(super) note: fn(&User, Option<&str>) -> Option<String>,
}

static ROLES: Meaning = Meaning {
    read: |user, _, sought| name(sought, |role| role::realm_or_own(user, role)),
    lacks: Lacks::Roles,
    had: |user, _| vec![facts::realm_roles(user), facts::client_roles(user, None)],
    note: |user, _| Some(facts::roles_note(user, &RolesOf::Both)),
};

static REALM_ROLES: Meaning = Meaning {
    read: |user, _, sought| name(sought, |role| role::realm(user, role)),
    lacks: Lacks::Roles,
    had: |user, _| vec![facts::realm_roles(user)],
    note: |user, _| Some(facts::roles_note(user, &RolesOf::Realm)),
};

static CLIENT_ROLES: Meaning = Meaning {
    read: |user, client, sought| name(sought, |role| role::client(user, client, role)),
    lacks: Lacks::Roles,
    had: |user, client| vec![facts::client_roles(user, client)],
    note: |user, client| Some(facts::roles_note(user, &RolesOf::Client(client))),
};

static GROUPS: Meaning = Meaning {
    read: |user, _, sought| name(sought, |item| group::member(user, item)),
    lacks: Lacks::Groups,
    had: |user, _| vec![Had::of("groups", user.groups())],
    note: |user, _| facts::group_note(user),
};

static SCOPES: Meaning = Meaning {
    read: |user, _, sought| name(sought, |scope| scope::granted(user, scope)),
    lacks: Lacks::Scopes,
    had: |user, _| vec![Had::of("scopes", user.scopes())],
    note: |user, _| Some(facts::scope_note(user)),
};

static CLAIM: Meaning = Meaning {
    read: |user, path, sought| match (path, sought) {
        (Some(path), Sought::Name(value)) => claim::has(user, path, value),
        (Some(path), Sought::Flag(value)) => claim::is(user, path, value),
        (None, _) => Evidence::Unreadable,
    },
    lacks: Lacks::Other,
    had: |_, _| Vec::new(),
    note: |user, path| Some(facts::claim_note(user, path?)),
};

static CALLERS: Meaning = Meaning {
    read: |user, _, sought| name(sought, |party| client::authorized_party(user, party)),
    lacks: Lacks::Other,
    had: |user, _| facts::authorized_party(user),
    note: |user, _| Some(facts::authorized_party_note(user)),
};

static SERVICE_ACCOUNT: Meaning = Meaning {
    read: |user, _, sought| match sought {
        Sought::Flag(value) => client::is_service_account(user, value),
        Sought::Name(_) => Evidence::Unreadable,
    },
    lacks: Lacks::Other,
    had: |_, _| Vec::new(),
    note: |_, _| Some(facts::SERVICE_ACCOUNT_NOTE.to_owned()),
};

static IMPERSONATED: Meaning = Meaning {
    read: |user, _, sought| match sought {
        Sought::Flag(value) => actor::is_impersonated(user, value),
        Sought::Name(_) => Evidence::Unreadable,
    },
    lacks: Lacks::Other,
    had: |_, _| Vec::new(),
    note: |_, _| Some(facts::malformed("claim \"act\"")),
};

/// The row of a term.
pub(crate) fn meaning(kind: Kind) -> &'static Meaning {
    match kind {
        Kind::Roles => &ROLES,
        Kind::RealmRoles => &REALM_ROLES,
        Kind::ClientRoles => &CLIENT_ROLES,
        Kind::Groups => &GROUPS,
        Kind::Scopes => &SCOPES,
        Kind::Claim => &CLAIM,
        Kind::Callers => &CALLERS,
        Kind::ServiceAccount => &SERVICE_ACCOUNT,
        Kind::Impersonated => &IMPERSONATED,
    }
}

/// The reading of a term that takes names only; the macros refuse it another value, which proves
/// nothing.
fn name(sought: Sought<'_>, read: impl Fn(&str) -> Evidence) -> Evidence {
    match sought {
        Sought::Name(name) => read(name),
        Sought::Flag(_) => Evidence::Unreadable,
    }
}
