//! A decision that the handler ends: what its `require` terms say.

use std::fmt;

use super::refusal::refuse;
use crate::{
    base::truth::Outcomes,
    caller::User,
    error::{AuthError, Rejection},
    keycloak::Keycloak,
    policy::{
        answer::Answered,
        answers::Answers,
        term::{Policy, Term},
    },
};

/// A decision that waits for the `require` terms of a handler.
#[must_use = "a pending decision is not a permission: call `finish`"]
pub struct Pending {
    user: User,
    /// What is left to ask.
    open: Option<Box<Open>>,
}

impl Pending {
    pub(super) fn settled(user: User) -> Self {
        Self { user, open: None }
    }

    pub(super) fn open(
        policy: Policy,
        user: User,
        answers: Answers,
        keycloak: Option<&Keycloak>,
    ) -> Self {
        let open = Open {
            policy,
            answers,
            keycloak: keycloak.cloned(),
        };
        Self {
            user,
            open: Some(Box::new(open)),
        }
    }

    /// The caller, for the expressions of `require` terms.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Whether the answer to `require` number `number` can still change the decision.
    #[must_use]
    pub fn needs(&self, number: u8) -> bool {
        let (Some(open), user) = (&self.open, &self.user) else {
            return false;
        };
        open.policy.evaluate(user, &open.answers).can_be_true()
            && open
                .policy
                .next_question(
                    user,
                    &open.answers,
                    |term| matches!(term, Term::Require(own, _) if *own == number),
                )
                .is_some()
    }

    /// Answers `require` number `number`.
    pub fn answer(&mut self, number: u8, answer: Answered) {
        if let Some(open) = &mut self.open {
            open.answers.require(number, answer);
        }
    }

    /// The decision.
    ///
    /// # Errors
    /// 403 where the policy is not proven to hold.
    pub fn finish(self) -> Result<(), Rejection> {
        Ok(self.settle()?)
    }

    /// What is open stays closed.
    ///
    /// # Errors
    /// The policy is not proven to hold.
    pub(super) fn settle(self) -> Result<(), AuthError> {
        let Some(open) = self.open else { return Ok(()) };
        let Open {
            policy,
            answers,
            keycloak,
        } = *open;
        if policy.evaluate(&self.user, &answers) == Outcomes::TRUE {
            Ok(())
        } else {
            Err(refuse(&policy, &self.user, &answers, keycloak.as_ref()))
        }
    }
}

struct Open {
    policy: Policy,
    answers: Answers,
    /// Absent in unit tests of handlers only.
    keycloak: Option<Keycloak>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// A pending decision without a guard's policy type.
#[cfg(test)]
pub(crate) fn pending_for_tests(policy: Policy, user: &User, answers: Answers) -> Pending {
    Pending::open(policy, user.clone(), answers, None)
}
