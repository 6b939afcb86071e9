//! The clients that the settings declare complete, against the realm: do their tokens leave nothing
//! out? And the policies that admit no caller because no client is declared.

use crate::{
    Keycloak, Policy,
    authorization::policy::{Mode, Term},
    dev::{ClientModel, Mapper, RealmModel},
};

/// What is wrong with each declared client, by client id. `negated`: the policies in force.
pub(super) fn problems(
    keycloak: &Keycloak,
    model: &RealmModel,
    policies: &[Policy],
) -> Vec<(String, &'static str)> {
    let asks = |wanted: fn(&Term) -> bool| {
        let mut policies = policies.iter();
        policies.any(|policy| negates(policy.terms, false, wanted))
    };
    let groups = asks(|term| matches!(term, Term::Groups(_)));
    let realm_roles = asks(|term| matches!(term, Term::Roles(_) | Term::RealmRoles(_)));
    let client_roles = asks(|term| matches!(term, Term::Roles(_) | Term::ClientRoles(..)));
    let mut found = Vec::new();
    for name in &keycloak.rules().complete_clients {
        let Some(client) = model.clients.iter().find(|own| own.client_id == *name) else {
            found.push((name.clone(), "the realm has no such client"));
            continue;
        };
        let mut problem = |wrong: bool, text| {
            if wrong {
                found.push((name.clone(), text));
            }
        };
        problem(
            !client.full_scope,
            "\"Full scope allowed\" is off, so that its tokens leave roles out",
        );
        problem(
            client.is_lightweight(),
            "its access tokens are lightweight, and leave roles and groups out",
        );
        let has = |kind: &str| {
            mappers(model, client).any(|mapper| {
                mapper.kind == kind
                    && mapper.config.get("access.token.claim").map(String::as_str) != Some("false")
            })
        };
        problem(
            groups && !has("oidc-group-membership-mapper"),
            "it has no group mapper by default, and a policy excludes by groups",
        );
        problem(
            realm_roles && !has("oidc-usermodel-realm-role-mapper"),
            "it has no mapper of realm roles by default, and a policy excludes by roles",
        );
        problem(
            client_roles && !has("oidc-usermodel-client-role-mapper"),
            "it has no mapper of client roles by default, and a policy excludes by roles",
        );
    }
    found
}

/// What the client's tokens always go through: its own mappers and those of its default scopes.
fn mappers<'m>(model: &'m RealmModel, client: &'m ClientModel) -> impl Iterator<Item = &'m Mapper> {
    let scopes = client.default_scopes.iter();
    scopes
        .filter_map(|scope| model.scopes.get(scope))
        .flat_map(|scope| &scope.mappers)
        .chain(&client.mappers)
}

/// Whether a term of the kind is asked for under an odd number of negations.
fn negates(terms: &'static [Term], negated: bool, wanted: fn(&Term) -> bool) -> bool {
    terms.iter().any(|term| match term {
        Term::All(inner) | Term::Any(inner) => negates(inner, negated, wanted),
        Term::Not(inner) => negates(std::slice::from_ref(*inner), !negated, wanted),
        Term::Policy(_, policy) => negates(policy.terms, negated, wanted),
        Term::Roles(set)
        | Term::RealmRoles(set)
        | Term::ClientRoles(_, set)
        | Term::Groups(set)
        | Term::Scopes(set)
        | Term::Claim(_, set) => wanted(term) && negated != (set.mode == Mode::None),
        Term::ClaimBool(..) | Term::Check(..) | Term::Require(..) => false,
    })
}
