//! The values of path parameters that a route is predicted and called with, where its policies name
//! some: those that the callers' own groups, roles and claims suggest. So each caller meets values
//! that they have, and values of others that they do not have.

use std::collections::{BTreeMap, BTreeSet};

use keycloak_policy::{
    grammar::{group_path, template},
    vocabulary::{Grammar, Kind, Lookup},
};

use super::caller::{Authentication, Caller};
use crate::{
    caller::User,
    policy::{
        term::{Asked, Policy, Question, Set},
        visit::each_question,
    },
};

/// Values by the name of their parameter.
pub(super) type Binding = BTreeMap<String, String>;

/// More rows for one route are not worth reading.
const MOST: usize = 8;

/// The bindings that the callers suggest, each once, in order. Parameters that `route` does not have
/// are left out.
pub(super) fn suggested(policies: &[Policy], route: &str, callers: &[Caller]) -> Vec<Binding> {
    let mut found = BTreeSet::new();
    for policy in policies {
        each_question(policy.terms, false, &mut |question, _| {
            for caller in callers {
                if let Authentication::Verified(user) = &caller.authentication {
                    found.extend(of_user(question, user));
                }
            }
        });
    }
    let own: BTreeSet<&str> = template::of_route(route).collect();
    let kept = found.into_iter().map(|mut binding| {
        binding.retain(|name, _| own.contains(name.as_str()));
        binding
    });
    let kept: BTreeSet<Binding> = kept.filter(|binding| !binding.is_empty()).collect();
    kept.into_iter().take(MOST).collect()
}

fn of_user(question: &Question, user: &User) -> BTreeSet<Binding> {
    let mut found = BTreeSet::new();
    let Asked::Set(Set {
        items,
        templates: true,
        ..
    }) = question.asked
    else {
        return found;
    };
    let groups = question.kind.row().grammar == Grammar::GroupPath;
    let names = held(question, user);
    for item in items.iter().filter(|item| template::has_braces(item)) {
        for name in &names {
            let captured = if groups {
                template::captures(group_path::pattern(item).own, name)
            } else {
                template::captures(item, name)
            };
            let captured = captured.into_iter().flatten();
            let binding: Binding = captured
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            found.insert(binding);
        }
    }
    found
}

/// The names that the user has of the kind; of groups, without the leading `/`, those above as well.
fn held(question: &Question, user: &User) -> Vec<String> {
    let own = user.rules().client_id.as_str();
    match question.kind.row().lookup {
        Lookup::AnyRoles => {
            let own = user.client_roles(own);
            let realm = user.realm_roles();
            realm.iter().chain(own.iter()).map(str::to_owned).collect()
        }
        Lookup::RealmRoles => user.realm_roles().iter().map(str::to_owned).collect(),
        Lookup::ClientRoles => {
            let client = question.subject.unwrap_or(own);
            user.client_roles(client)
                .iter()
                .map(str::to_owned)
                .collect()
        }
        Lookup::Groups => user
            .groups()
            .iter()
            .map(|group| group.strip_prefix('/').unwrap_or(group))
            .flat_map(|group| {
                let above = group.match_indices('/').map(|(at, _)| group.split_at(at).0);
                above.chain([group]).map(str::to_owned)
            })
            .collect(),
        Lookup::None if question.kind == Kind::Claim => {
            let path = question.subject.unwrap_or_default();
            let one = user.claim::<String>(path).map(|value| vec![value]);
            one.or_else(|| user.claim::<Vec<String>>(path))
                .unwrap_or_default()
        }
        Lookup::Scopes | Lookup::Clients | Lookup::None => Vec::new(),
    }
}
