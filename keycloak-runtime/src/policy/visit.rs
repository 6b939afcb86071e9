//! The one walk over the questions of a policy, for what asks about the policy and not about a user.

use super::term::{Question, Term};

/// Calls `visit` for every question about the token, however deep and in named policies as well, with
/// whether it is under an odd number of `not(..)`, where `negated` is that of `terms`.
pub(crate) fn each_question(
    terms: &'static [Term],
    negated: bool,
    visit: &mut impl FnMut(&'static Question, bool),
) {
    for term in terms {
        match term {
            Term::All(inner) | Term::Any(inner) => each_question(inner, negated, visit),
            Term::Not(inner) => each_question(std::slice::from_ref(*inner), !negated, visit),
            Term::Policy(_, policy) => each_question(policy.terms, negated, visit),
            Term::Ask(question) => visit(question, negated),
            Term::Check(..) | Term::Require(..) => {}
        }
    }
}
