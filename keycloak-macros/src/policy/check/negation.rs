//! What cannot be asked under a negation.

use crate::{
    diag::Diagnostics,
    policy::{
        model::{Mode, SetTerm, Term, TermKind, each_leaf},
        text,
    },
    rule::Rule,
};

/// A caller chooses which scopes their client requests: a rule that a scope must be absent is
/// avoided by not asking for it.
pub(super) fn scopes(terms: &[Term], diag: &mut Diagnostics) {
    each_leaf(terms, 0, &mut |term, nots| {
        let TermKind::Set(set) = &term.kind else {
            return;
        };
        let negated = nots % 2 == 1;
        if set.key.kind.row().requested && negated != (set.mode == Mode::None) {
            refuse(term, set, diag);
        }
    });
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
