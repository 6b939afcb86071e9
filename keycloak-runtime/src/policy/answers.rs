//! What is known of the request in one decision: its path parameters, and what `check` and `require`
//! terms have answered so far.

use super::{parameters::Parameters, term::Term};

/// Answers of one decision. Empty, and without an allocation, until the first one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Answers {
    given: Vec<(Question, bool)>,
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
            parameters,
        }
    }

    pub(crate) fn of(&self, term: &'static Term) -> Option<bool> {
        if self.given.is_empty() {
            return None;
        }
        let question = Question::of(term)?;
        let answered = self.given.iter().find(|(asked, _)| *asked == question);
        answered.map(|(_, answer)| *answer)
    }

    pub(crate) fn check(&mut self, term: &'static Term, answer: bool) {
        self.given
            .extend(Question::of(term).map(|question| (question, answer)));
    }

    pub(crate) fn require(&mut self, number: u8, answer: bool) {
        self.given.push((Question::Require(number), answer));
    }
}
