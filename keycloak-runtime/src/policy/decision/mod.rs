//! One policy, one user, one decision.
//!
//! Terms of the token are decided first; `check` terms are asked only where they can still change
//! the decision, in the order they are written; `require` terms are left to the handler. Only a
//! policy that is proven true admits. A warm decision without `check` allocates nothing.

use axum::http::request::Parts;
use keycloak_policy::grammar::template;

use super::{
    answers::Answers,
    meaning::{Sought, meaning},
    term::{Asked, Mode, Policy, Question, Set, Term},
};
use crate::base::truth::Outcomes;
use crate::caller::User;
use crate::caller::evidence::{self, Evidence, Reading};

/// Follows a walk, to tell afterwards why it came out as it did.
pub(crate) trait Recorder {
    /// Whether every term is to be visited, also those that cannot change the outcome.
    const COMPLETE: bool;
    fn enter(&mut self, term: &'static Term);
    /// One item of a set: whether the caller has it.
    fn item(&mut self, item: &'static str, held: Outcomes);
    fn leave(&mut self, outcomes: Outcomes);
}

/// Records nothing.
pub(crate) struct Silent;

impl Recorder for Silent {
    const COMPLETE: bool = false;
    fn enter(&mut self, _: &'static Term) {}
    fn item(&mut self, _: &'static str, _: Outcomes) {}
    fn leave(&mut self, _: Outcomes) {}
}

/// The outcome of terms that must all hold.
pub(crate) fn walk_all<R: Recorder>(
    terms: &'static [Term],
    reading: Reading,
    user: &User,
    answers: &Answers,
    recorder: &mut R,
) -> Outcomes {
    let mut all = Outcomes::TRUE;
    for term in terms {
        all = all.and(walk(term, reading, user, answers, recorder));
        if !R::COMPLETE && all == Outcomes::FALSE {
            break;
        }
    }
    all
}

fn walk_any<R: Recorder>(
    terms: &'static [Term],
    reading: Reading,
    user: &User,
    answers: &Answers,
    recorder: &mut R,
) -> Outcomes {
    let mut any = Outcomes::FALSE;
    for term in terms {
        any = any.or(walk(term, reading, user, answers, recorder));
        if !R::COMPLETE && any == Outcomes::TRUE {
            break;
        }
    }
    any
}

/// The outcome of one term, as `reading` takes what is not shown.
pub(crate) fn walk<R: Recorder>(
    term: &'static Term,
    reading: Reading,
    user: &User,
    answers: &Answers,
    recorder: &mut R,
) -> Outcomes {
    recorder.enter(term);
    let outcomes = match term {
        Term::Ask(question) => ask(question, reading, user, answers, recorder),
        Term::All(terms) => walk_all(terms, reading, user, answers, recorder),
        Term::Any(terms) => walk_any(terms, reading, user, answers, recorder),
        Term::Not(term) => walk(term, reading.flipped(), user, answers, recorder).not(),
        Term::Policy(_, policy) => walk_all(policy.terms, reading, user, answers, recorder),
        Term::Check(..) | Term::Require(..) => {
            answers.of(term).map_or(Outcomes::OPEN, Outcomes::from)
        }
    };
    recorder.leave(outcomes);
    outcomes
}

/// The outcome of a question about the token.
fn ask<R: Recorder>(
    question: &'static Question,
    reading: Reading,
    user: &User,
    answers: &Answers,
    recorder: &mut R,
) -> Outcomes {
    fn evidence(question: &Question, user: &User, sought: Sought<'_>) -> Evidence {
        let read = meaning(question.kind).read;
        evidence::of(user, |user| read(user, question.subject, sought))
    }
    let evidence = |sought: Sought<'_>| evidence(question, user, sought);
    match question.asked {
        // The macros refuse an empty set; it admits no caller, also under a negation.
        Asked::Set(set) if set.items.is_empty() => Outcomes::UNKNOWN,
        Asked::Set(set) if set.templates => {
            set_holds(set, reading, recorder, |item, reading| {
                if !template::has_braces(item) {
                    return evidence(Sought::Name(item)).truth(reading).into();
                }
                // Without a request it depends on it; with one, what cannot be filled in is unknown.
                let Some(parameters) = &answers.parameters else {
                    return Outcomes::OPEN;
                };
                match parameters.fill(item) {
                    Some(name) => evidence(Sought::Name(&name)).truth(reading).into(),
                    None => Outcomes::UNKNOWN,
                }
            })
        }
        Asked::Set(set) => set_holds(set, reading, recorder, |item, reading| {
            evidence(Sought::Name(item)).truth(reading).into()
        }),
        Asked::Flag(value) => evidence(Sought::Flag(value)).truth(reading).into(),
    }
}

/// The outcome of a set of items.
fn set_holds<R: Recorder>(
    set: Set,
    reading: Reading,
    recorder: &mut R,
    read: impl Fn(&'static str, Reading) -> Outcomes,
) -> Outcomes {
    let (start, enough, reading) = match set.mode {
        Mode::All => (Outcomes::TRUE, Outcomes::FALSE, reading),
        Mode::Any => (Outcomes::FALSE, Outcomes::TRUE, reading),
        Mode::None => (Outcomes::FALSE, Outcomes::TRUE, reading.flipped()),
    };
    let mut outcomes = start;
    for item in set.items {
        let held = read(item, reading);
        recorder.item(item, held);
        outcomes = match set.mode {
            Mode::All => outcomes.and(held),
            Mode::Any | Mode::None => outcomes.or(held),
        };
        if !R::COMPLETE && outcomes == enough {
            break;
        }
    }
    match set.mode {
        Mode::All | Mode::Any => outcomes,
        Mode::None => outcomes.not(),
    }
}

/// What a policy says about a user, as far as it can be told before the handler's arguments.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Proven to hold.
    Allow,
    /// Cannot hold any more. The answers are those that the reason needs.
    Deny(Answers),
    /// Depends on `require` terms.
    Pending(Answers),
}

impl Policy {
    /// The outcomes that are left with these answers. Allocates nothing.
    pub(crate) fn evaluate(&self, user: &User, answers: &Answers) -> Outcomes {
        walk_all(self.terms, Reading::of(user), user, answers, &mut Silent)
    }

    /// The outcomes that would be left if the settings declared the caller's client complete.
    pub(crate) fn outcomes_if_declared(&self, user: &User, answers: &Answers) -> Outcomes {
        let reading = Reading::of(user).declared();
        walk_all(self.terms, reading, user, answers, &mut Silent)
    }

    /// Decides, asking `check` terms where they matter. `answers`: with the path parameters of the
    /// request, where the policy names some.
    pub(crate) async fn decide(
        &self,
        user: &User,
        parts: &Parts,
        mut answers: Answers,
    ) -> Decision {
        loop {
            if let Some(decision) = self.settled(user, &mut answers) {
                return decision;
            }
            match self.next_question(user, &answers, |term| matches!(term, Term::Check(..))) {
                Some(term @ Term::Check(_, check)) => {
                    answers.check(term, check(user, parts).await);
                }
                _ => return Decision::Pending(answers),
            }
        }
    }

    fn settled(&self, user: &User, answers: &mut Answers) -> Option<Decision> {
        let outcomes = self.evaluate(user, answers);
        if outcomes == Outcomes::TRUE {
            Some(Decision::Allow)
        } else if outcomes.can_be_true() {
            None
        } else {
            Some(Decision::Deny(std::mem::take(answers)))
        }
    }

    /// The first unanswered question, of those `wanted`, in a term that is still undecided.
    pub(crate) fn next_question(
        &self,
        user: &User,
        answers: &Answers,
        wanted: impl Fn(&'static Term) -> bool,
    ) -> Option<&'static Term> {
        next_question(self.terms, Reading::of(user), user, answers, &wanted)
    }
}

fn next_question(
    terms: &'static [Term],
    reading: Reading,
    user: &User,
    answers: &Answers,
    wanted: &impl Fn(&'static Term) -> bool,
) -> Option<&'static Term> {
    terms
        .iter()
        .filter(|term| !walk(term, reading, user, answers, &mut Silent).is_decided())
        .find_map(|term| match term {
            Term::Check(..) | Term::Require(..) => wanted(term).then_some(term),
            Term::All(terms) | Term::Any(terms) => {
                next_question(terms, reading, user, answers, wanted)
            }
            Term::Not(term) => next_question(
                std::slice::from_ref(*term),
                reading.flipped(),
                user,
                answers,
                wanted,
            ),
            Term::Policy(_, policy) => next_question(policy.terms, reading, user, answers, wanted),
            Term::Ask(_) => None,
        })
}

#[cfg(test)]
mod tests;
