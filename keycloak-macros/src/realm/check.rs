//! The names of a policy against the names of the realm.

use keycloak_policy::{
    export::{ClientRoles, Names, known},
    grammar::{group_path, template},
    vocabulary::Subject,
};
use proc_macro2::Span;

use super::Source;
use crate::{
    diag::Diagnostics,
    nearest::{did_you_mean, nearest},
    policy::model::{Item, SetTerm, Term, each_set},
    rule::Rule,
};

/// Every literal of `terms` must name something of the realm.
pub(crate) fn check(terms: &[Term], source: &Source, diag: &mut Diagnostics) {
    each_set(terms, &mut |set| {
        let comparison = Comparison { source, diag };
        comparison.set(set);
    });
}

struct Comparison<'a> {
    source: &'a Source,
    diag: &'a mut Diagnostics,
}

impl Comparison<'_> {
    fn set(self, set: &SetTerm) {
        let Self { source, diag } = self;
        if let (Subject::Client, Some(client)) = (set.key.kind.row().subject, &set.key.subject)
            && let Some(clients) = &source.realm.clients
            && !clients.contains(&client.value)
        {
            let names = clients.iter().map(String::as_str);
            unknown("client", &client.value, client.span, names, source, diag);
            return;
        }
        let Some(known) = known(set.key.kind, set.key.subject(), &source.realm) else {
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

fn ambiguous(name: &str, span: Span, source: &Source, diag: &mut Diagnostics) {
    diag.rule_at(
        Rule::AmbiguousInRealm,
        span,
        format!(
            "two groups of the realm of {:?} have the path {:?} (one of them has a `/` in its \
             name), and nothing in a token tells them apart; rename one, or let the server escape \
             slashes (`escape-slashes-in-group-path`), and export it again",
            source.shown,
            group_path::full(name)
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
    if template::has_braces(name) {
        let all: Vec<String> = names.take(8).map(|name| format!("{name:?}")).collect();
        let message = format!(
            "the realm of {:?} has no {what} that {name:?} can be; it has {}",
            source.shown,
            all.join(", ")
        );
        diag.rule_at(Rule::UnknownInRealm, span, message);
        return;
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

/// `"api:writer"`, which is not a name, but nearly says which client's role is meant.
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
