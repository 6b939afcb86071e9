//! `optional`, and where `require` may stand.

use crate::{
    diag::Diagnostics,
    policy::{
        check::Place,
        model::{Model, Term, TermKind},
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
                "`optional` stands alone: a caller could avoid `{written}` by sending no token; \
                 remove `optional`, or this term"
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
    for term in terms {
        match &term.kind {
            TermKind::All(inner) | TermKind::Any(inner) => {
                require_has_a_handler(inner, optional, place, diag);
            }
            TermKind::Not(inner) => {
                require_has_a_handler(std::slice::from_ref(inner), optional, place, diag);
            }
            TermKind::Require(_) if place == Place::Macro => diag.rule_at(
                Rule::RequirePlace,
                term.span,
                "`require` sees a handler's arguments, and `policy!` has none; use `check = path` \
                 with a function over `&User`, or write `require` on the handler",
            ),
            TermKind::Require(_) if optional => diag.rule_at(
                Rule::RequirePlace,
                term.span,
                "`require` needs a caller, and with `optional` there may be none; remove \
                 `optional`, or test for the caller in the handler",
            ),
            TermKind::Require(_)
            | TermKind::Set(_)
            | TermKind::ClaimBool(..)
            | TermKind::Policy(_)
            | TermKind::Check(_)
            | TermKind::Invalid => {}
        }
    }
}
