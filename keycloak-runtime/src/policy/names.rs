//! The names that a policy asks about, for audits and probes.

use super::term::{Asked, Question, Term};

/// Every role name in the terms, of realm and clients alike, also negated ones.
pub(crate) fn role_names(terms: &'static [Term]) -> Vec<&'static str> {
    let mut names = Vec::new();
    collect(terms, &mut names);
    names
}

fn collect(terms: &'static [Term], names: &mut Vec<&'static str>) {
    for term in terms {
        match term {
            Term::All(inner) | Term::Any(inner) => collect(inner, names),
            Term::Not(inner) => collect(std::slice::from_ref(*inner), names),
            Term::Policy(_, policy) => collect(policy.terms, names),
            Term::Ask(Question {
                kind,
                asked: Asked::Set(set),
                ..
            }) if kind.row().lookup.is_roles() => names.extend(set.items),
            Term::Ask(_) | Term::Check(..) | Term::Require(..) => {}
        }
    }
}
