//! Lists that read differently from what they mean, and lists that could be one.

use keycloak_policy::{grammar::claim_path, vocabulary::Subject};

use crate::{
    diag::Diagnostics,
    policy::{
        model::{Key, Mode, SetTerm, Term, TermKind, each_leaf},
        text,
    },
    rule::Rule,
};

/// `not(roles = ["suspended", "banned"])` would let a merely suspended caller in.
pub(super) fn bare_list_under_not(terms: &[Term], diag: &mut Diagnostics) {
    each_leaf(terms, 0, &mut |term, nots| {
        if let (TermKind::Set(set), 1..) = (&term.kind, nots) {
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
            | TermKind::Flag(..)
            | TermKind::Policy(_)
            | TermKind::Check(_)
            | TermKind::Require(_)
            | TermKind::Invalid => {}
        }
    }
}

fn could_be_one(a: &SetTerm, b: &SetTerm) -> bool {
    let subject = |key: &Key| {
        let subject = key.subject()?;
        Some(match key.kind.row().subject {
            Subject::ClaimPath => claim_path::names(subject),
            Subject::None | Subject::Client => vec![subject.to_owned()],
        })
    };
    let same_key = a.key.kind == b.key.kind && subject(&a.key) == subject(&b.key);
    let all = |mode| matches!(mode, Mode::Bare | Mode::All);
    same_key && ((all(a.mode) && all(b.mode)) || (a.mode == Mode::None && b.mode == Mode::None))
}
