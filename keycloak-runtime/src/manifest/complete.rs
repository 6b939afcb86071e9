//! The clients that the settings declare complete, against the realm: do their tokens leave nothing
//! out?
//!
//! The kinds of mappers decide nothing: a user is made who has the name that a policy excludes by,
//! the realm makes the claims of their tokens, and these are read as those of a request are.

use std::{collections::BTreeSet, sync::Arc};

use keycloak_policy::{
    grammar::group_path,
    vocabulary::{Lookup, Subject},
};

use crate::{
    caller::{User, evidence::Evidence},
    dev::{Assignment, ClientModel, Issuer, Mapper, Place, RealmModel, RoleId, UserModel},
    keycloak::Keycloak,
    policy::{
        meaning::{Sought, meaning},
        term::{Asked, Kind, Mode, Policy, Question},
        visit::each_question,
    },
    settings::TokenCheck,
};

/// What is wrong with each declared client, by client id. `policies`: those in force.
pub(super) fn problems(
    keycloak: &Keycloak,
    issuer: &Issuer,
    policies: &[Policy],
) -> Vec<(String, String)> {
    let mut names = BTreeSet::new();
    for policy in policies {
        each_question(policy.terms, false, &mut |question, odd| {
            names.extend(asked(question, odd));
        });
    }
    let mut found = Vec::new();
    for id in &keycloak.rules().complete_clients {
        let problems = match issuer.model.client(id) {
            None => vec!["the realm has no such client".to_owned()],
            Some(client) => of_client(keycloak, issuer, client, &names),
        };
        found.extend(problems.into_iter().map(|problem| (id.clone(), problem)));
    }
    found
}

fn of_client(
    keycloak: &Keycloak,
    issuer: &Issuer,
    client: &ClientModel,
    names: &BTreeSet<Name>,
) -> Vec<String> {
    let mut found = Vec::new();
    if !client.full_scope {
        let text = "\"Full scope allowed\" is off, so that its tokens leave roles out";
        found.push(text.to_owned());
    }
    if client.is_lightweight() {
        let text = "its access tokens are lightweight, and leave roles and groups out";
        found.push(text.to_owned());
    }
    // Whatever the names are, they would only repeat it.
    let settled = !found.is_empty();
    let exchanges = client.attribute_is_true("standard.token.exchange.enabled");
    let own = &keycloak.rules().client_id;
    for name in names {
        for assignment in name.assignments(own, &issuer.model) {
            if exchanges && matches!(&assignment, Assignment::Role(RoleId::Client { .. })) {
                found.push(format!(
                    "\"Standard token exchange\" is on, and exchanged tokens leave out the roles \
                     of clients that they are not for: {assignment}, which a policy excludes by"
                ));
            }
            if settled {
                continue;
            }
            for (place, wording) in places(keycloak) {
                if !shows(keycloak, issuer, client, *place, *name, &assignment) {
                    found.push(format!(
                        "{wording} a user who has the {assignment} do not show it where the \
                         settings read it, and a policy excludes by it"
                    ));
                }
            }
        }
    }
    let claims = names
        .iter()
        .filter_map(|name| of_claim(issuer, client, name));
    found.extend(claims);
    // Two names may be of one role.
    let mut seen = BTreeSet::new();
    found.retain(|problem| seen.insert(problem.clone()));
    found
}

/// What the claims of a caller may come from.
fn places(keycloak: &Keycloak) -> &'static [(Place, &'static str)] {
    let all = &[
        (Place::Access, "the access tokens of"),
        (
            Place::Introspection,
            "the answers of Keycloak's introspection about",
        ),
    ];
    match keycloak.settings().token_check {
        TokenCheck::Local => all.get(..1).unwrap_or(all),
        TokenCheck::Introspect | TokenCheck::LocalThenIntrospect => all,
    }
}

/// Whether everybody who has it is seen to have it, whatever scopes they ask for.
fn shows(
    keycloak: &Keycloak,
    issuer: &Issuer,
    client: &ClientModel,
    place: Place,
    name: Name,
    assignment: &Assignment,
) -> bool {
    let holders = issuer.holders(assignment);
    let mut holders = holders.iter().filter(|holder| {
        let only = holder.only.as_ref();
        only.is_none_or(|only| *only == client.client_id)
    });
    holders.all(|holder| {
        let mut claims = issuer
            .claims_from(client, holder, place)
            .into_iter()
            .map(|claims| User::from_claims(&claims, &Arc::clone(keycloak.rules())));
        claims.all(|user| name.evidence(&user) == Evidence::Shown)
    })
}

/// Something that a policy asks the absence of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    kind: Kind,
    subject: Option<&'static str>,
    item: &'static str,
}

impl Name {
    /// The roles or groups of the realm that the name may mean; nothing where the realm has none.
    fn assignments(self, own: &str, model: &RealmModel) -> Vec<Assignment> {
        if self.kind.row().lookup == Lookup::Groups {
            let group_path::Pattern { own, below } = group_path::pattern(self.item);
            let named = |path: &&String| {
                let path = path.strip_prefix('/').unwrap_or(path);
                path == own || below.is_some_and(|below| path.starts_with(below))
            };
            let groups = model.groups.keys().filter(named);
            return groups.cloned().map(Assignment::Group).collect();
        }
        let roles = RoleId::of_term(self.kind, self.subject.unwrap_or(own), self.item);
        let there = roles
            .into_iter()
            .filter(|role| model.roles.contains_key(role));
        there.map(Assignment::Role).collect()
    }

    fn evidence(self, user: &User) -> Evidence {
        (meaning(self.kind).read)(user, self.subject, Sought::Name(self.item))
    }
}

fn is_claim(kind: Kind) -> bool {
    kind.row().subject == Subject::ClaimPath
}

/// What is wrong with the mappers of a claim whose values a policy excludes by.
fn of_claim(issuer: &Issuer, client: &ClientModel, name: &Name) -> Option<String> {
    let path = name.subject.filter(|_| is_claim(name.kind))?;
    let writes = |mapper: &&Mapper| {
        mapper
            .config
            .get("claim.name")
            .is_some_and(|own| own == path)
    };
    let of = |names: &[String]| -> Vec<&Mapper> {
        let scopes = names.iter();
        let scopes = scopes.filter_map(|scope| issuer.model.scopes.get(scope));
        scopes
            .flat_map(|scope| &scope.mappers)
            .filter(writes)
            .collect()
    };
    let said = |problem: String| Some(format!("{problem}, and a policy excludes by {path:?}"));
    if let Some(mapper) = of(&client.optional_scopes).first() {
        return said(format!(
            "its callers choose by an optional scope whether the mapper {:?} writes the claim",
            mapper.name
        ));
    }
    let mut always = of(&client.default_scopes);
    always.extend(client.mappers.iter().filter(writes));
    if let [first, second, ..] = always.as_slice() {
        return said(format!(
            "two of its mappers, {:?} and {:?}, write the same claim, and the later one wins",
            first.name, second.name
        ));
    }
    let mapper = always.first()?;
    let set = |key: &str| mapper.config.get(key).map(String::as_str);
    let attribute = set("user.attribute")?;
    let has_several = |user: &&UserModel| {
        let values = user.attributes.get(attribute);
        values.is_some_and(|values| values.len() > 1)
    };
    let user = issuer.model.users.iter().find(has_several)?;
    if set("multivalued") == Some("true") {
        return None;
    }
    said(format!(
        "\"Multivalued\" is off in its mapper {:?}, so that the claim has one of the several values \
         that {:?} has",
        mapper.name, user.username
    ))
}

/// The names whose absence is asked for.
fn asked(question: &Question, odd: bool) -> impl Iterator<Item = Name> {
    let Question {
        kind,
        subject,
        asked,
    } = *question;
    let lookup = kind.row().lookup;
    let items = match asked {
        Asked::Set(set)
            if (lookup.is_roles() || lookup == Lookup::Groups || is_claim(kind))
                && odd != (set.mode == Mode::None) =>
        {
            set.items
        }
        Asked::Set(_) | Asked::Flag(_) => &[],
    };
    items.iter().map(move |item| Name {
        kind,
        subject,
        item,
    })
}
