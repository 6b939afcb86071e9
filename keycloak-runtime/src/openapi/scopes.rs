//! The OAuth scopes that a policy certainly asks for.
//!
//! Only `scopes` terms count, and only where no caller gets past them: roles and groups are no
//! scopes, and a scope that is one way among others is not required.

use crate::policy::term::{Asked, Kind, Mode, Policy, Question, Term};

/// More ways than these are not worth reading; such a term is left out.
const MOST_WAYS: usize = 8;

/// Scopes that are asked for together.
pub(super) type Way = Vec<&'static str>;

/// The ways to satisfy the scope terms of policies that all have to hold: a caller needs every
/// scope of at least one of them. Never empty; an empty way says that no scope is needed.
pub(super) fn ways(policies: &[Policy]) -> Vec<Way> {
    product(policies.iter().map(|policy| all_of(policy.terms)))
}

fn all_of(terms: &[Term]) -> Vec<Way> {
    product(terms.iter().map(one_of))
}

fn product(all: impl Iterator<Item = Vec<Way>>) -> Vec<Way> {
    all.fold(vec![Way::new()], |ways, own| {
        let product = ways.len().saturating_mul(own.len());
        if product > MOST_WAYS || own.iter().any(Vec::is_empty) {
            return ways;
        }
        ways.iter()
            .flat_map(|way| own.iter().map(|more| joined(way, more)))
            .collect()
    })
}

fn one_of(term: &Term) -> Vec<Way> {
    match term {
        Term::Ask(Question {
            kind: Kind::Scopes,
            asked: Asked::Set(set),
            ..
        }) => match set.mode {
            Mode::All => vec![set.items.to_vec()],
            Mode::Any => set.items.iter().map(|scope| vec![*scope]).collect(),
            Mode::None => vec![Way::new()],
        },
        Term::All(terms) => all_of(terms),
        Term::Any(terms) => terms.iter().flat_map(one_of).collect(),
        Term::Policy(_, policy) => all_of(policy.terms),
        Term::Ask(_) | Term::Not(_) | Term::Check(..) | Term::Require(..) => vec![Way::new()],
    }
}

fn joined(way: &Way, more: &Way) -> Way {
    let mut all = way.clone();
    for scope in more {
        if !all.contains(scope) {
            all.push(scope);
        }
    }
    all
}

/// Whether the policy asks for nothing but the scopes of [`ways`].
pub(super) fn are_everything(policy: &Policy) -> bool {
    fn plain(term: &Term) -> bool {
        match term {
            Term::Ask(Question {
                kind: Kind::Scopes,
                asked: Asked::Set(set),
                ..
            }) => set.mode != Mode::None,
            Term::All(terms) => terms.iter().all(plain),
            Term::Policy(_, policy) => are_everything(policy),
            Term::Ask(_) | Term::Any(_) | Term::Not(_) | Term::Check(..) | Term::Require(..) => {
                false
            }
        }
    }
    policy.terms.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::term::Set;

    const fn all(items: &'static [&'static str]) -> Set {
        Set {
            mode: Mode::All,
            items,
            templates: false,
        }
    }

    const fn any(items: &'static [&'static str]) -> Set {
        Set {
            mode: Mode::Any,
            items,
            templates: false,
        }
    }

    const AB: Term = Term::scopes(all(&["a", "b"]));
    const C_OR_D: Term = Term::scopes(any(&["c", "d"]));
    const ROLE: Term = Term::roles(all(&["admin"]));
    const NOT_AB: Term = Term::Not(&AB);
    const NONE: Term = Term::scopes(Set {
        mode: Mode::None,
        items: &["a"],
        templates: false,
    });
    const NAMED: Policy = Policy::__new(&[AB], "");

    #[track_caller]
    fn check(terms: &'static [Term], expected: &[&[&str]], everything: bool) {
        let policy = Policy::__new(terms, "");
        assert_eq!(ways(&[policy]), expected);
        assert_eq!(are_everything(&policy), everything);
    }

    #[test]
    fn what_is_certain_is_listed() {
        check(&[], &[&[]], true);
        check(&[AB], &[&["a", "b"]], true);
        check(&[AB, C_OR_D], &[&["a", "b", "c"], &["a", "b", "d"]], true);
        check(&[Term::All(&[AB, ROLE])], &[&["a", "b"]], false);
        check(&[Term::Policy("NAMED", &NAMED), AB], &[&["a", "b"]], true);
        check(
            &[Term::Any(&[AB, C_OR_D])],
            &[&["a", "b"], &["c"], &["d"]],
            false,
        );
    }

    #[test]
    fn what_is_one_way_among_others_is_not() {
        check(&[ROLE], &[&[]], false);
        check(&[Term::Any(&[AB, ROLE])], &[&[]], false);
        check(&[NOT_AB], &[&[]], false);
        check(&[NONE], &[&[]], false);
    }

    #[test]
    fn too_many_ways_are_left_out() {
        const MANY: Term = Term::scopes(any(&["1", "2", "3"]));
        check(
            &[MANY, MANY, AB],
            &[&["1", "a", "b"], &["2", "a", "b"], &["3", "a", "b"]],
            true,
        );
    }
}
