//! What `check` and `require` terms have answered so far in one decision.

use super::term::Term;

/// Answers of one decision. Empty, and without an allocation, until the first one.
#[derive(Debug, Default, Clone)]
pub(crate) struct Answers(Vec<(Question, bool)>);

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
    pub(crate) fn of(&self, term: &'static Term) -> Option<bool> {
        if self.0.is_empty() {
            return None;
        }
        let question = Question::of(term)?;
        let answered = self.0.iter().find(|(asked, _)| *asked == question);
        answered.map(|(_, answer)| *answer)
    }

    pub(crate) fn check(&mut self, term: &'static Term, answer: bool) {
        self.0
            .extend(Question::of(term).map(|question| (question, answer)));
    }

    pub(crate) fn require(&mut self, number: u8, answer: bool) {
        self.0.push((Question::Require(number), answer));
    }
}
