//! The names that a policy asks about, for audits and probes.

use super::{
    term::{Asked, Term},
    visit::each_question,
};

/// Every role name in the terms, of realm and clients alike, also negated ones.
pub(crate) fn role_names(terms: &'static [Term]) -> Vec<&'static str> {
    let mut names = Vec::new();
    each_question(terms, false, &mut |question, _| {
        if let Asked::Set(set) = question.asked
            && question.kind.row().lookup.is_roles()
        {
            names.extend(set.items);
        }
    });
    names
}
