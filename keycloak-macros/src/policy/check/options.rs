//! `optional`, and where `require` is allowed.

use crate::{
    diag::Diagnostics,
    policy::{
        check::Place,
        model::{Model, Term, TermKind, each_leaf},
        text,
    },
    rule::Rule,
};

/// Beside `optional`, a term could be avoided by sending no token.
pub(super) fn optional_stands_alone(model: &Model, diag: &mut Diagnostics) {
    if model.optional.is_none() {
        return;
    }
    for term in &model.terms {
        if matches!(term.kind, TermKind::Require(_)) {
            // Said by `require_has_a_handler`.
            continue;
        }
        let written = text::term(term);
        diag.rule_at(
            Rule::OptionalStandsAlone,
            term.span,
            format!(
                "`optional` cannot be combined with other terms: a caller could avoid `{written}` \
                 by sending no token; remove `optional`, or this term"
            ),
        );
    }
}

/// `require` needs a handler's arguments and a caller.
pub(super) fn require_has_a_handler(
    terms: &[Term],
    optional: bool,
    place: Place,
    diag: &mut Diagnostics,
) {
    each_leaf(terms, 0, &mut |term, _| {
        if !matches!(term.kind, TermKind::Require(_)) {
            return;
        }
        if place == Place::Macro {
            diag.rule_at(
                Rule::RequirePlace,
                term.span,
                "`require` sees a handler's arguments, and `policy!` has none; use `check = path` \
                 with a function over `&User`, or write `require` on the handler",
            );
        } else if optional {
            diag.rule_at(
                Rule::RequirePlace,
                term.span,
                "`require` needs a caller, and with `optional` there may be none; remove \
                 `optional`, or test for the caller in the handler",
            );
        }
    });
}
