//! The guards that the macros inject as a handler's first parameter.
//!
//! Being first, a guard decides before any other extractor runs. A policy with `require` terms may
//! still be open then: the guard carries what is left to ask, and the handler's body does not
//! begin before [`Pending::finish`] has said yes.

use std::{convert::Infallible, fmt, marker::PhantomData, sync::LazyLock};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use super::user::anonymous_or;
use crate::{
    AuthError, Fault, Keycloak, Policy, Rejection, User,
    authorization::{
        answers::Answers, decision::Decision, outcomes::Outcomes, policy::Term, refusal,
    },
    manifest::entry::Declared,
    user::ClaimRules,
};

/// A policy as a type, so that a guard knows what it has to ask for.
pub trait HasPolicy: 'static {
    /// What a caller must satisfy, and the handler that asks for it. A function and no constant:
    /// the compiler evaluates constants whenever it checks the crate.
    fn declared() -> Declared;
}

/// Proof that the caller satisfies the policy of `P`, as far as it can be told before the
/// handler's own arguments are there.
pub struct Guard<P> {
    /// Absent only where the policy is `optional`.
    user: Option<User>,
    /// What is left to ask.
    open: Option<Box<Open>>,
    policy: PhantomData<fn() -> P>,
}

struct Open {
    policy: Policy,
    answers: Answers,
    /// Absent in unit tests of handlers only.
    keycloak: Option<Keycloak>,
}

impl<P: HasPolicy> Guard<P> {
    /// Lets a caller in, or says why not.
    async fn admit(keycloak: Keycloak, parts: &mut Parts) -> Result<Self, AuthError> {
        let policy = P::declared().policy;
        let caller = keycloak.authenticate_parts(parts).await;
        if policy.optional {
            return Ok(Self::settled(anonymous_or(caller)?));
        }
        let user = caller?;
        let decision = policy.decide(&user, parts).await;
        Self::decided(policy, user, decision, Some(keycloak))
    }

    /// The same decision for a user that a unit test made.
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) async fn offline(user: &User, parts: &Parts) -> Result<Self, AuthError> {
        let policy = P::declared().policy;
        if policy.optional {
            return Ok(Self::settled(Some(user.clone())));
        }
        let decision = policy.decide(user, parts).await;
        Self::decided(policy, user.clone(), decision, None)
    }

    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn offline_anonymous() -> Result<Self, AuthError> {
        if P::declared().policy.optional {
            Ok(Self::settled(None))
        } else {
            Err(AuthError::new(Fault::MissingHeader))
        }
    }

    fn decided(
        policy: Policy,
        user: User,
        decision: Decision,
        keycloak: Option<Keycloak>,
    ) -> Result<Self, AuthError> {
        match decision {
            Decision::Allow => Ok(Self::settled(Some(user))),
            Decision::Deny(answers) => {
                Err(refusal::refuse(&policy, &user, &answers, keycloak.as_ref()))
            }
            Decision::Pending(answers) => Ok(Self {
                user: Some(user),
                open: Some(Box::new(Open {
                    policy,
                    answers,
                    keycloak,
                })),
                policy: PhantomData,
            }),
        }
    }

    fn settled(user: Option<User>) -> Self {
        Self {
            user,
            open: None,
            policy: PhantomData,
        }
    }

    /// The caller, for the expressions of `require` terms.
    #[must_use]
    pub fn user(&self) -> &User {
        self.user.as_ref().unwrap_or(&NOBODY)
    }

    /// What is left to ask before the body may run.
    pub fn pending(self) -> Pending {
        Pending {
            user: self.user,
            open: self.open,
        }
    }
}

/// Stands in for a caller that cannot be missing: the macro refuses `require` beside `optional`,
/// and [`Pending::finish`] refuses without a user.
static NOBODY: LazyLock<User> = LazyLock::new(|| {
    let rules = ClaimRules {
        client_id: String::new(),
        groups_claim: String::new(),
        complete_clients: Box::default(),
        name_only_groups: false,
    };
    User::from_claims(&serde_json::Map::new(), &rules.into())
});

impl<P: HasPolicy, S> FromRequestParts<S> for Guard<P>
where
    S: Send + Sync,
    Keycloak: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        Ok(Self::admit(Keycloak::from_ref(state), parts).await?)
    }
}

impl<P> fmt::Debug for Guard<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

/// A decision that waits for the `require` terms of a handler.
#[must_use = "a pending decision is not a permission: call `finish`"]
pub struct Pending {
    user: Option<User>,
    open: Option<Box<Open>>,
}

impl Pending {
    /// The caller, for the expressions of `require` terms.
    #[must_use]
    pub fn user(&self) -> &User {
        self.user.as_ref().unwrap_or(&NOBODY)
    }

    /// Whether the answer to `require` number `number` can still change the verdict.
    #[must_use]
    pub fn needs(&self, number: u8) -> bool {
        let (Some(open), Some(user)) = (&self.open, &self.user) else {
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
    pub fn answer(&mut self, number: u8, holds: bool) {
        if let Some(open) = &mut self.open {
            open.answers.require(number, holds);
        }
    }

    /// The verdict.
    ///
    /// # Errors
    /// 403 where the policy is not proven to hold.
    pub fn finish(self) -> Result<(), Rejection> {
        match (self.user, self.open) {
            (Some(_), None) => Ok(()),
            (Some(user), Some(open)) => {
                let Open {
                    policy,
                    answers,
                    keycloak,
                } = *open;
                if policy.evaluate(&user, &answers) == Outcomes::TRUE {
                    Ok(())
                } else {
                    Err(refusal::refuse(&policy, &user, &answers, keycloak.as_ref()).into())
                }
            }
            (None, _) => Err(AuthError::new(Fault::Forbidden).into()),
        }
    }
}

/// A pending decision without a guard's policy type.
#[cfg(test)]
pub(crate) fn pending_for_tests(policy: Policy, user: &User, answers: Answers) -> Pending {
    Pending {
        user: Some(user.clone()),
        open: Some(Box::new(Open {
            policy,
            answers,
            keycloak: None,
        })),
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// Marks a handler as declared public: injected by `#[keycloak::public]`, refuses nobody.
#[derive(Debug)]
#[non_exhaustive]
pub struct PublicGuard;

impl PublicGuard {
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn offline() -> Self {
        Self
    }
}

impl<S: Sync> FromRequestParts<S> for PublicGuard {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests;
