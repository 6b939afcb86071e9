//! What cannot be asked under a negation.

use crate::{
    diag::Diagnostics,
    policy::{
        model::{Key, Mode, SetTerm, Term, TermKind},
        text,
    },
    rule::Rule,
};

/// A caller chooses which scopes their client requests: a rule that a scope must be absent is
/// avoided by not asking for it.
pub(super) fn scopes(terms: &[Term], diag: &mut Diagnostics) {
    walk(terms, false, diag);
}

fn walk(terms: &[Term], negated: bool, diag: &mut Diagnostics) {
    for term in terms {
        match &term.kind {
            TermKind::All(inner) | TermKind::Any(inner) => walk(inner, negated, diag),
            TermKind::Not(inner) => walk(std::slice::from_ref(inner), !negated, diag),
            TermKind::Set(set)
                if matches!(set.key, Key::Scopes) && negated != (set.mode == Mode::None) =>
            {
                refuse(term, set, diag);
            }
            TermKind::Set(_)
            | TermKind::ClaimBool(..)
            | TermKind::Policy(_)
            | TermKind::Check(_)
            | TermKind::Require(_)
            | TermKind::Invalid => {}
        }
    }
}

fn refuse(term: &Term, set: &SetTerm, diag: &mut Diagnostics) {
    let items: Vec<String> = set.items.iter().map(text::item).collect();
    diag.rule_at(
        Rule::NegatedScopes,
        term.span,
        format!(
            "a scope cannot be excluded: callers choose which scopes they request, so they would \
             leave {} out; ask for a scope that must be there, or exclude a role or a group",
            items.join(", ")
        ),
    );
}
