//! Why a policy came out as it did: what it asks for, which branch failed, what the caller has.
//!
//! Built by the same walk that decides, so the two cannot differ. Role, group and scope names of
//! the caller are shown (quoted and escaped); values of other claims never are.

mod render;

use super::{
    answers::Answers,
    decision::{Recorder, walk_all},
    facts::Had,
    meaning::meaning,
    term::{Asked, Mode, Policy, Question, Set, Term},
};
use crate::base::truth::Outcomes;
use crate::caller::User;
use crate::caller::evidence::Reading;

/// The reason tree of one decision: each term of the policy with its outcome, what is missing, and
/// what the caller has.
///
/// `Display` is one line, `{:#}` an indented tree. Serializes to `{"policy", "outcome", "terms":
/// [{"term", "outcome", "missing"?, "excluded"?, "unproven"?, "caller_has"?, "note"?, "terms"?}]}`; outcomes
/// are `met`, `not met`, `cannot be proven` and `depends on the request`. Names of roles, groups
/// and scopes are shown, values of other claims never.
#[derive(Debug, Clone)]
pub struct Reason {
    policy: &'static str,
    outcomes: Outcomes,
    pub(super) terms: Vec<Node>,
}

/// One term of the policy and how it came out.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) term: &'static Term,
    pub(super) outcomes: Outcomes,
    /// Items of a set that stand in the way.
    pub(super) failed: Vec<&'static str>,
    had: Vec<Had>,
    note: Option<String>,
    pub(super) terms: Vec<Self>,
}

impl Policy {
    /// Why `user` satisfies this policy or does not, as far as it can be told without a request:
    /// `check` and `require` terms depend on one.
    ///
    /// ```no_run
    /// # fn f(policy: keycloak::Policy, user: &keycloak::User) {
    /// println!("{:#}", policy.explain(user));
    /// # }
    /// ```
    #[must_use]
    pub fn explain(&self, user: &User) -> Reason {
        self.explain_with(user, &Answers::default())
    }

    /// Whether `user` satisfies this policy, whatever the request is. What cannot be proven does not
    /// hold, and neither does what depends on a request: `check` and `require` terms, and names with
    /// path parameters.
    ///
    /// ```no_run
    /// # fn f(user: &keycloak::User) {
    /// const EDITORS: keycloak::Policy = keycloak::policy!(roles = ["editor"]);
    /// let shows_the_button = EDITORS.admits(user);
    /// # }
    /// ```
    #[must_use]
    pub fn admits(&self, user: &User) -> bool {
        self.evaluate(user, &Answers::default()) == Outcomes::TRUE
    }

    /// The reason tree for these answers.
    pub(crate) fn explain_with(&self, user: &User, answers: &Answers) -> Reason {
        let mut builder = Builder {
            user,
            answers,
            open: Vec::new(),
            done: Vec::new(),
        };
        let outcomes = walk_all(self.terms, Reading::of(user), user, answers, &mut builder);
        Reason {
            policy: self.source,
            outcomes,
            terms: builder.done,
        }
    }
}

struct Builder<'u> {
    user: &'u User,
    answers: &'u Answers,
    /// Terms that are being walked, outermost first, each with its finished siblings before it.
    open: Vec<(Node, Vec<Node>)>,
    done: Vec<Node>,
}

impl Builder<'_> {
    /// The item whose path parameters are missing or name nothing.
    fn unfilled(&self, term: &Term) -> Option<String> {
        let (Some(parameters), Term::Ask(question)) = (&self.answers.parameters, term) else {
            return None;
        };
        let Asked::Set(set) = question.asked else {
            return None;
        };
        let mut items = set.items.iter().filter(|_| set.templates);
        let item = items.find(|item| parameters.fill(item).is_none())?;
        Some(format!(
            "a path parameter of {item:?} is missing in the route, or its value cannot be a name"
        ))
    }
}

impl Recorder for Builder<'_> {
    const COMPLETE: bool = true;

    fn enter(&mut self, term: &'static Term) {
        let node = Node {
            term,
            outcomes: Outcomes::UNKNOWN,
            failed: Vec::new(),
            had: Vec::new(),
            note: None,
            terms: Vec::new(),
        };
        self.open.push((node, std::mem::take(&mut self.done)));
    }

    fn item(&mut self, item: &'static str, held: Outcomes) {
        if let Some((node, _)) = self.open.last_mut() {
            let wanted = if is_none_of(node.term) {
                Outcomes::FALSE
            } else {
                Outcomes::TRUE
            };
            if held.is_decided() && held != wanted {
                node.failed.push(item);
            }
        }
    }

    fn leave(&mut self, outcomes: Outcomes) {
        let Some((mut node, before)) = self.open.pop() else {
            return;
        };
        node.outcomes = outcomes;
        node.terms = std::mem::replace(&mut self.done, before);
        if outcomes == Outcomes::TRUE {
            node.failed.clear();
        }
        if let Term::Ask(Question { kind, subject, .. }) = node.term {
            let meaning = meaning(*kind);
            node.had = (meaning.had)(self.user, *subject);
            if outcomes == Outcomes::UNKNOWN {
                node.note = self
                    .unfilled(node.term)
                    .or_else(|| (meaning.note)(self.user, *subject));
            }
        }
        self.done.push(node);
    }
}

fn is_none_of(term: &Term) -> bool {
    matches!(
        term,
        Term::Ask(Question {
            asked: Asked::Set(Set {
                mode: Mode::None,
                ..
            }),
            ..
        })
    )
}
