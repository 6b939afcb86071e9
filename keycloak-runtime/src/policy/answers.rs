//! What is known of the request in one decision: its path parameters, and what `check` and `require`
//! terms have answered so far.

use super::{answer::Answered, parameters::Parameters, term::Term};
use crate::{
    base::{fault::Fault, truth::Truth},
    telemetry::emit,
};

/// Answers of one decision. Empty, and without an allocation, until the first one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Answers {
    given: Vec<(Question, Truth)>,
    /// How the first rule that failed refuses.
    denied: Option<Fault>,
    /// `None` where no request is known, or the policy names none.
    pub(crate) parameters: Option<Parameters>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// A `check` term, known by its address: the policy is `'static` data, and two terms that
    /// share an address are the same function under the same path.
    Check(usize),
    /// A `require` term, known by its number in the handler.
    Require(u8),
}

impl Question {
    fn of(term: &'static Term) -> Option<Self> {
        if let Term::Require(number, _) = term {
            return Some(Self::Require(*number));
        }
        matches!(term, Term::Check(..)).then(|| Self::Check(std::ptr::from_ref(term).addr()))
    }
}

impl Answers {
    /// For a request with these path parameters.
    pub(crate) fn with(parameters: Option<Parameters>) -> Self {
        Self {
            given: Vec::new(),
            denied: None,
            parameters,
        }
    }

    pub(crate) fn of(&self, term: &'static Term) -> Option<Truth> {
        if self.given.is_empty() {
            return None;
        }
        let question = Question::of(term)?;
        let answered = self.given.iter().find(|(asked, _)| *asked == question);
        answered.map(|(_, answer)| *answer)
    }

    /// How the first rule that failed refuses.
    pub(crate) fn denied(&self) -> Option<&Fault> {
        self.denied.as_ref()
    }

    pub(crate) fn check(&mut self, term: &'static Term, answer: Answered) {
        if let Some(question) = Question::of(term) {
            self.keep(question, answer);
        }
    }

    pub(crate) fn require(&mut self, number: u8, answer: Answered) {
        self.keep(Question::Require(number), answer);
    }

    /// A rule that failed decides nothing.
    fn keep(&mut self, question: Question, Answered(answer): Answered) {
        let truth = match answer {
            Ok(answer) => Truth::of(answer),
            Err(deny) => {
                if let Some(cause) = deny.cause() {
                    emit!(
                        ERROR,
                        "keycloak::authorization",
                        RULE_FAILED,
                        error = %cause,
                        "a rule of the application failed, so that it decides nothing"
                    );
                }
                self.denied.get_or_insert_with(|| deny.fault().clone());
                Truth::Unknown
            }
        };
        self.given.push((question, truth));
    }
}
