//! The names of a policy against the names of the realm.

use std::collections::BTreeSet;

use keycloak_policy::{
    export::{ClientRoles, Names},
    grammar::group_path,
};
use proc_macro2::Span;

use super::Source;
use crate::{
    diag::Diagnostics,
    nearest::{did_you_mean, nearest},
    policy::model::{Item, Key, SetTerm, Term, each_set},
    rule::Rule,
};

/// Every literal of `terms` must name something of the realm.
pub(crate) fn check(terms: &[Term], source: &Source, diag: &mut Diagnostics) {
    each_set(terms, &mut |set| {
        let judge = Judge { source, diag };
        judge.set(set);
    });
}

struct Judge<'a> {
    source: &'a Source,
    diag: &'a mut Diagnostics,
}

impl Judge<'_> {
    fn set(self, set: &SetTerm) {
        let Self { source, diag } = self;
        if let Key::ClientRoles(Some(client)) = &set.key
            && let Some(clients) = &source.realm.clients
            && !clients.contains(&client.value)
        {
            let names = clients.iter().map(String::as_str);
            unknown("client", &client.value, client.span, names, source, diag);
            return;
        }
        let Some(known) = known(&set.key, &source.realm) else {
            return;
        };
        for item in &set.items {
            let Item::Literal(literal) = item else {
                continue;
            };
            if known.is_ambiguous(&literal.value, &source.realm) {
                ambiguous(&literal.value, literal.span, source, diag);
            } else if !known.contains(&literal.value, &source.realm) {
                unknown(
                    known.what,
                    &literal.value,
                    literal.span,
                    known.names(),
                    source,
                    diag,
                );
            }
        }
    }
}

/// The names a key can take.
pub(crate) struct Known<'a> {
    /// What they are, for a message.
    pub(crate) what: &'static str,
    sets: Vec<&'a BTreeSet<String>>,
}

impl<'a> Known<'a> {
    /// Every name, once or more often.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.sets
            .iter()
            .flat_map(|set| set.iter().map(String::as_str))
    }

    /// Whether two groups have the path.
    fn is_ambiguous(&self, name: &str, realm: &Names) -> bool {
        self.what == "group" && realm.ambiguous_groups.contains(&own_path(name))
    }

    fn contains(&self, name: &str, realm: &Names) -> bool {
        let listed = |name: &str| self.sets.iter().any(|set| set.contains(name));
        match self.what {
            "group" => listed(&own_path(name)),
            "scope" => {
                let stem = name.split_once(':').map(|(stem, _)| stem);
                listed(name) || stem.is_some_and(|stem| realm.dynamic_scopes.contains(stem))
            }
            _ => listed(name),
        }
    }
}

/// The full path of the group that an item names.
fn own_path(item: &str) -> String {
    format!("/{}", group_path::pattern(item).own)
}

/// The names that `key` can take; `None` where the export does not tell.
pub(crate) fn known<'a>(key: &Key, realm: &'a Names) -> Option<Known<'a>> {
    let (what, sets) = match key {
        Key::RealmRoles => ("realm role", vec![realm.realm_roles.as_ref()?]),
        Key::Roles => {
            // Our own client id is settings, not code: any client's role may be ours.
            let clients = realm.client_roles.as_ref()?.values();
            let mut sets = vec![realm.realm_roles.as_ref()?];
            sets.extend(clients.map(|client| &client.roles));
            ("role", sets)
        }
        Key::ClientRoles(None) => {
            let clients = realm.client_roles.as_ref()?;
            (
                "client role",
                clients.values().map(|client| &client.roles).collect(),
            )
        }
        Key::ClientRoles(Some(client)) => {
            let client = realm.client_roles.as_ref()?.get(&client.value)?;
            let ClientRoles { roles, built_in } = client;
            if *built_in {
                return None;
            }
            ("client role", vec![roles])
        }
        Key::Groups => ("group", vec![realm.groups.as_ref()?]),
        Key::Scopes => ("scope", vec![realm.scopes.as_ref()?]),
        Key::Claim(_) => return None,
    };
    Some(Known { what, sets })
}

fn ambiguous(name: &str, span: Span, source: &Source, diag: &mut Diagnostics) {
    diag.rule_at(
        Rule::AmbiguousInRealm,
        span,
        format!(
            "two groups of the realm of {:?} have the path {:?} (one of them has a `/` in its \
             name), and nothing in a token tells them apart; rename one, or let the server escape \
             slashes (`escape-slashes-in-group-path`), and export it again",
            source.shown,
            own_path(name)
        ),
    );
}

fn unknown<'n>(
    what: &str,
    name: &str,
    span: Span,
    names: impl Iterator<Item = &'n str>,
    source: &Source,
    diag: &mut Diagnostics,
) {
    let mut wanted = name.to_owned();
    if what == "group" && !wanted.starts_with('/') {
        wanted.insert(0, '/');
    }
    let suggestions = nearest(&wanted, names, 3);
    let hint = if what.ends_with("role")
        && let Some(term) = of_a_client(name, &source.realm)
    {
        format!(" (did you mean the term `{term}`?)")
    } else if suggestions.is_empty() {
        "; correct the name, or add it to the realm and export it again".to_owned()
    } else {
        did_you_mean(&suggestions, '"')
    };
    diag.rule_at(
        Rule::UnknownInRealm,
        span,
        format!(
            "the realm of {:?} has no {what} {name:?}{hint}",
            source.shown
        ),
    );
}

/// `"api:writer"`, which is no name, but nearly says which client's role is meant.
fn of_a_client(name: &str, realm: &Names) -> Option<String> {
    let clients = realm.client_roles.as_ref()?;
    clients
        .iter()
        .find_map(|(client, ClientRoles { roles, built_in })| {
            let role = name.strip_prefix(client.as_str())?;
            let role = role.strip_prefix([':', '.', '/'])?;
            (roles.contains(role) || *built_in)
                .then(|| format!("client_roles({client:?}) = [{role:?}]"))
        })
}
