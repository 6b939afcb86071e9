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
    each_set(terms, 0, &mut |term, set, nots| {
        let negated = nots % 2 == 1;
        if matches!(set.key, Key::Scopes) && negated != (set.mode == Mode::None) {
            refuse(term, set, diag);
        }
    });
}

/// Every set of these terms, and how many `not(..)` it is under, `nots` of them outside.
pub(super) fn each_set(
    terms: &[Term],
    nots: usize,
    visit: &mut impl FnMut(&Term, &SetTerm, usize),
) {
    for term in terms {
        match &term.kind {
            TermKind::All(inner) | TermKind::Any(inner) => each_set(inner, nots, visit),
            TermKind::Not(inner) => {
                each_set(std::slice::from_ref(inner), nots.saturating_add(1), visit);
            }
            TermKind::Set(set) => visit(term, set, nots),
            TermKind::ClaimBool(..)
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
