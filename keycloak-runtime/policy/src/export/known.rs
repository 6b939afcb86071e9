//! Which names of a realm a term can take.

use std::collections::BTreeSet;

use super::{ClientRoles, Names};
use crate::{
    grammar::{group_path, template},
    vocabulary::{Grammar, Kind, Lookup},
};

/// The names a term can take.
#[derive(Debug)]
#[non_exhaustive]
pub struct Known<'a> {
    /// What they are, for a message.
    pub what: &'static str,
    grammar: Grammar,
    template: bool,
    sets: Vec<&'a BTreeSet<String>>,
}

impl<'a> Known<'a> {
    /// Every name, once or more often.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.sets
            .iter()
            .flat_map(|set| set.iter().map(String::as_str))
    }

    /// Whether two groups have the path.
    #[must_use]
    pub fn is_ambiguous(&self, name: &str, realm: &Names) -> bool {
        self.grammar == Grammar::GroupPath
            && realm.ambiguous_groups.contains(&group_path::full(name))
    }

    /// Whether `name` is one of them.
    #[must_use]
    pub fn contains(&self, name: &str, realm: &Names) -> bool {
        if self.template && template::has_braces(name) {
            let name = match self.grammar {
                Grammar::GroupPath => group_path::full(name),
                Grammar::Name | Grammar::ScopeToken | Grammar::Text => name.to_owned(),
            };
            return self.names().any(|own| template::matches(&name, own));
        }
        let listed = |name: &str| self.sets.iter().any(|set| set.contains(name));
        match self.grammar {
            Grammar::GroupPath => listed(&group_path::full(name)),
            Grammar::ScopeToken => {
                let stem = name.split_once(':').map(|(stem, _)| stem);
                listed(name) || stem.is_some_and(|stem| realm.dynamic_scopes.contains(stem))
            }
            Grammar::Name | Grammar::Text => listed(name),
        }
    }
}

/// The names that the term can take; `None` where the export does not tell.
#[must_use]
pub fn known<'a>(kind: Kind, subject: Option<&str>, realm: &'a Names) -> Option<Known<'a>> {
    let row = kind.row();
    let (what, sets) = match (row.lookup, subject) {
        (Lookup::RealmRoles, _) => ("realm role", vec![realm.realm_roles.as_ref()?]),
        (Lookup::AnyRoles, _) => {
            // Our own client id is settings, not code: any client's role may be ours.
            let clients = realm.client_roles.as_ref()?.values();
            let mut sets = vec![realm.realm_roles.as_ref()?];
            sets.extend(clients.map(|client| &client.roles));
            ("role", sets)
        }
        (Lookup::ClientRoles, None) => {
            let clients = realm.client_roles.as_ref()?.values();
            ("client role", clients.map(|client| &client.roles).collect())
        }
        (Lookup::ClientRoles, Some(client)) => {
            let ClientRoles { roles, built_in } = realm.client_roles.as_ref()?.get(client)?;
            if *built_in {
                return None;
            }
            ("client role", vec![roles])
        }
        (Lookup::Groups, _) => ("group", vec![realm.groups.as_ref()?]),
        (Lookup::Scopes, _) => ("scope", vec![realm.scopes.as_ref()?]),
        (Lookup::Clients, _) => ("client", vec![realm.clients.as_ref()?]),
        (Lookup::None, _) => return None,
    };
    Some(Known {
        what,
        grammar: row.grammar,
        template: row.template,
        sets,
    })
}
