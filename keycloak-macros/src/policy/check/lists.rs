//! Lists that read differently from what they mean, and lists that could be one.

use keycloak_policy::grammar::claim_path;

use super::negation::each_set;
use crate::{
    diag::Diagnostics,
    policy::{
        model::{Key, Mode, SetTerm, Term, TermKind},
        text,
    },
    rule::Rule,
};

/// `not(roles = ["suspended", "banned"])` would let a merely suspended caller in.
pub(super) fn bare_list_under_not(terms: &[Term], diag: &mut Diagnostics) {
    each_set(terms, 0, &mut |_, set, nots| {
        if nots > 0 {
            bare_list(set, diag);
        }
    });
}

fn bare_list(set: &SetTerm, diag: &mut Diagnostics) {
    if set.mode != Mode::Bare || set.items.len() < 2 {
        return;
    }
    let key = text::key(&set.key);
    let items: Vec<String> = set.items.iter().map(text::item).collect();
    let items = items.join(", ");
    diag.rule_at(
        Rule::BareListUnderNot,
        set.span,
        format!(
            "under `not(..)` a bare list refuses only callers who have all of it; write \
             `not({key} = any[{items}])` or `{key} = none[{items}]` to refuse callers who have \
             one, or `all[{items}]` if all is meant"
        ),
    );
}

/// Two sets of one key in the same list that could be one. Not inside `any`, where they are
/// alternatives, and not for `any[..]`, which cannot be merged.
pub(super) fn duplicate_keys(terms: &[Term], diag: &mut Diagnostics) {
    let mut seen: Vec<&SetTerm> = Vec::new();
    for term in terms {
        match &term.kind {
            TermKind::Set(set) => {
                if let Some(first) = seen.iter().find(|first| could_be_one(first, set)) {
                    let mut joined = (*first).clone();
                    joined.items.extend(set.items.iter().cloned());
                    let joined = text::set(&joined);
                    let key = text::key(&set.key);
                    diag.rule_at(
                        Rule::DuplicateKey,
                        term.span,
                        format!("`{key}` is given twice in this list; write `{joined}`"),
                    );
                } else {
                    seen.push(set);
                }
            }
            TermKind::All(inner) => duplicate_keys(inner, diag),
            TermKind::Not(inner) => duplicate_keys(std::slice::from_ref(inner), diag),
            TermKind::Any(_)
            | TermKind::ClaimBool(..)
            | TermKind::Policy(_)
            | TermKind::Check(_)
            | TermKind::Require(_)
            | TermKind::Invalid => {}
        }
    }
}

fn could_be_one(a: &SetTerm, b: &SetTerm) -> bool {
    let same_key = match (&a.key, &b.key) {
        (Key::Roles, Key::Roles)
        | (Key::RealmRoles, Key::RealmRoles)
        | (Key::Groups, Key::Groups)
        | (Key::Scopes, Key::Scopes)
        | (Key::ClientRoles(None), Key::ClientRoles(None)) => true,
        (Key::ClientRoles(Some(a)), Key::ClientRoles(Some(b))) => a.value == b.value,
        (Key::Claim(a), Key::Claim(b)) => {
            claim_path::names(&a.value) == claim_path::names(&b.value)
        }
        _ => false,
    };
    let all = |mode| matches!(mode, Mode::Bare | Mode::All);
    same_key && ((all(a.mode) && all(b.mode)) || (a.mode == Mode::None && b.mode == Mode::None))
}
