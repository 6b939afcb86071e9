//! Which of the four 403 faults a refusal is.
//!
//! `MissingScopes` tells a client to come back with more scopes, so it is chosen only where those
//! scopes would be enough; a role or group that is missing too cannot be asked for.
//!
//! Every refusal needs its fault, also where its reason is not read: allocates for scopes only.

use std::borrow::Cow;

use super::{
    answers::Answers,
    decision::{Recorder, Silent, walk},
    meaning::{Lacks, meaning},
    term::{Asked, Mode, Policy, Question, Set, Term},
};
use crate::base::truth::Outcomes;
use crate::caller::evidence::Reading;
use crate::{base::fault::Fault, caller::User};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Blame {
    Roles,
    Groups,
    Scopes(Vec<&'static str>),
    Other,
}

impl Policy {
    /// The fault that tells a refused caller, without names, what is missing.
    pub(crate) fn fault(&self, user: &User, answers: &Answers) -> Fault {
        let caller = Caller { user, answers };
        match caller.lacks_of_all(self.terms) {
            Blame::Roles => Fault::MissingRoles,
            Blame::Groups => Fault::MissingGroups,
            Blame::Scopes(scopes) => Fault::MissingScopes {
                scopes: Cow::Owned(scopes),
            },
            Blame::Other => Fault::Forbidden,
        }
    }
}

/// A caller who is refused, and what was answered about them.
struct Caller<'a> {
    user: &'a User,
    answers: &'a Answers,
}

impl Caller<'_> {
    /// The terms that do not hold.
    fn failing(&self, terms: &'static [Term]) -> impl Iterator<Item = &'static Term> {
        terms.iter().filter(|term| {
            walk(
                term,
                Reading::of(self.user),
                self.user,
                self.answers,
                &mut Silent,
            ) != Outcomes::TRUE
        })
    }

    /// Every term is needed: the first that scopes would not mend, else all scopes together.
    fn lacks_of_all(&self, terms: &'static [Term]) -> Blame {
        let mut scopes = Vec::new();
        for term in self.failing(terms) {
            match self.lacks(term) {
                Blame::Scopes(more) => scopes.extend(more),
                other @ (Blame::Roles | Blame::Groups | Blame::Other) => return other,
            }
        }
        scopes.dedup();
        if scopes.is_empty() {
            Blame::Other
        } else {
            Blame::Scopes(scopes)
        }
    }

    /// One term would do: what all arms have in common, else no particular one.
    fn lacks_of_any(&self, terms: &'static [Term]) -> Blame {
        let mut arms = self.failing(terms).map(|term| self.lacks(term));
        let Some(first) = arms.next() else {
            return Blame::Other;
        };
        let same = |arm: &Blame| std::mem::discriminant(arm) == std::mem::discriminant(&first);
        if arms.all(|arm| same(&arm)) {
            first
        } else {
            Blame::Other
        }
    }

    fn lacks(&self, term: &'static Term) -> Blame {
        match term {
            Term::All(terms) => self.lacks_of_all(terms),
            Term::Policy(_, policy) => self.lacks_of_all(policy.terms),
            Term::Any(terms) => self.lacks_of_any(terms),
            Term::Ask(Question {
                kind,
                asked: Asked::Set(set),
                ..
            }) => match meaning(*kind).lacks {
                Lacks::Roles => asked(*set, Blame::Roles),
                Lacks::Groups => asked(*set, Blame::Groups),
                Lacks::Scopes => self.lacks_scopes(term, *set),
                Lacks::Other => Blame::Other,
            },
            Term::Ask(_) | Term::Not(_) | Term::Check(..) | Term::Require(..) => Blame::Other,
        }
    }

    fn lacks_scopes(&self, term: &'static Term, set: Set) -> Blame {
        let mut missing = Missing(Vec::new());
        walk(
            term,
            Reading::of(self.user),
            self.user,
            self.answers,
            &mut missing,
        );
        let Missing(mut scopes) = missing;
        if set.mode == Mode::Any {
            scopes.truncate(1);
        }
        asked(set, Blame::Scopes(scopes))
    }
}

/// What a set asks for; one that excludes is nothing the caller could go and get.
fn asked(set: Set, blame: Blame) -> Blame {
    match set.mode {
        Mode::All | Mode::Any => blame,
        Mode::None => Blame::Other,
    }
}

/// Keeps the items of a set that the caller does not have.
struct Missing(Vec<&'static str>);

impl Recorder for Missing {
    const COMPLETE: bool = true;
    fn enter(&mut self, _: &'static Term) {}
    fn item(&mut self, item: &'static str, held: Outcomes) {
        if held != Outcomes::TRUE {
            self.0.push(item);
        }
    }
    fn leave(&mut self, _: Outcomes) {}
}
