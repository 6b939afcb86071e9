//! The guards that the macros inject as a handler's first parameter.
//!
//! Being first, a guard decides before any other extractor runs. Whether a policy asks anything of
//! the handler's own arguments (`require`) is a part of its type: without, a [`Guard`] is extracted,
//! and it exists only where the policy holds; with, a [`PendingGuard`], which admits nobody by
//! itself: [`Pending::finish`] has to say yes before the handler's body begins.

use std::{convert::Infallible, fmt, marker::PhantomData};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Response},
};

use super::extract::anonymous_or;
use crate::{
    base::fault::Fault,
    base::truth::Outcomes,
    caller::User,
    enforce::refusal,
    error::{AuthError, Rejection},
    keycloak::Keycloak,
    policy::declaration::Declared,
    policy::{
        answers::Answers,
        decision::Decision,
        term::{Policy, Term},
    },
};

/// A policy as a type, so that a guard knows what it has to ask for.
///
/// Only the attributes implement it, beside the handler that they register: what it returns is made
/// by nothing else.
pub trait HasPolicy: 'static {
    /// [`Settled`], or [`Asking`] where the policy has `require` terms.
    type Questions: Questions;

    /// What a caller must satisfy, and the handler that asks for it. A function and no constant:
    /// the compiler evaluates constants whenever it checks the crate.
    fn declared() -> Declared;
}

/// Whether a policy has `require` terms: [`Settled`] or [`Asking`].
pub trait Questions: sealed::Questions {}

/// No `require`: the policy is decided before the handler's arguments are extracted.
#[expect(clippy::exhaustive_enums, reason = "no value of it exists")]
#[derive(Debug)]
pub enum Settled {}

/// With `require`: something is left to ask when the handler's arguments are there.
#[expect(clippy::exhaustive_enums, reason = "no value of it exists")]
#[derive(Debug)]
pub enum Asking {}

impl Questions for Settled {}
impl Questions for Asking {}

/// What an attribute injects as the first parameter: a guard, alone or as one half of [`Both`].
pub trait Injected: sealed::Injected {
    /// Of the guard's policy.
    type Questions: Questions;
}

impl<P: HasPolicy<Questions = Settled>> Injected for Guard<P> {
    type Questions = Settled;
}
impl<P: HasPolicy<Questions = Asking>> Injected for PendingGuard<P> {
    type Questions = Asking;
}
impl Injected for PublicGuard {
    type Questions = Settled;
}
impl<G: Injected, T> Injected for Both<G, T> {
    type Questions = G::Questions;
}

#[expect(unnameable_types, reason = "so that nobody else can implement them")]
mod sealed {
    use super::{Asking, Both, Guard, HasPolicy, PendingGuard, PublicGuard, Settled};

    pub trait Questions {}
    impl Questions for Settled {}
    impl Questions for Asking {}

    pub trait Injected {}
    impl<P: HasPolicy<Questions = Settled>> Injected for Guard<P> {}
    impl<P: HasPolicy<Questions = Asking>> Injected for PendingGuard<P> {}
    impl Injected for PublicGuard {}
    impl<G: Injected, T> Injected for Both<G, T> {}
}

/// Proof that the caller satisfies the policy of `P`.
pub struct Guard<P> {
    policy: PhantomData<fn() -> P>,
}

/// The caller of a handler with `require` terms, who may still be refused: not a permission.
pub struct PendingGuard<P> {
    pending: Pending,
    policy: PhantomData<fn() -> P>,
}

struct Open {
    policy: Policy,
    answers: Answers,
    /// Absent in unit tests of handlers only.
    keycloak: Option<Keycloak>,
}

/// Lets a caller in, leaves questions open, or says why not. `None`: an anonymous caller of an
/// `optional` policy.
async fn admit(
    policy: Policy,
    keycloak: Keycloak,
    parts: &mut Parts,
) -> Result<Option<Pending>, AuthError> {
    let caller = keycloak.authenticate_parts(parts).await;
    if policy.optional {
        return Ok(anonymous_or(caller)?.map(Pending::settled));
    }
    let user = caller?;
    let decision = policy.decide(&user, parts).await;
    decided(policy, user, decision, Some(keycloak)).map(Some)
}

fn decided(
    policy: Policy,
    user: User,
    decision: Decision,
    keycloak: Option<Keycloak>,
) -> Result<Pending, AuthError> {
    match decision {
        Decision::Allow => Ok(Pending::settled(user)),
        Decision::Deny(answers) => {
            Err(refusal::refuse(&policy, &user, &answers, keycloak.as_ref()))
        }
        Decision::Pending(answers) => Ok(Pending {
            user,
            open: Some(Box::new(Open {
                policy,
                answers,
                keycloak,
            })),
        }),
    }
}

/// The same decision for a user that a unit test made; `None` is the caller without credentials.
#[cfg(any(test, feature = "test-util"))]
async fn offline<P: HasPolicy>(
    user: Option<&User>,
    parts: &Parts,
) -> Result<Option<Pending>, AuthError> {
    let policy = P::declared().policy;
    match user {
        _ if policy.optional => Ok(user.cloned().map(Pending::settled)),
        None => Err(AuthError::new(Fault::MissingHeader)),
        Some(user) => {
            let decision = policy.decide(user, parts).await;
            decided(policy, user.clone(), decision, None).map(Some)
        }
    }
}

impl<P: HasPolicy<Questions = Settled>> Guard<P> {
    /// What is open stays closed: a policy without `require` has nothing left to ask.
    fn of(pending: Option<Pending>) -> Result<Self, AuthError> {
        if let Some(pending) = pending {
            pending.verdict()?;
        }
        Ok(Self {
            policy: PhantomData,
        })
    }

    #[cfg(any(test, feature = "test-util"))]
    pub(crate) async fn offline(user: Option<&User>, parts: &Parts) -> Result<Self, AuthError> {
        Self::of(offline::<P>(user, parts).await?)
    }
}

impl<P: HasPolicy<Questions = Asking>> PendingGuard<P> {
    /// Whoever is asked about is somebody: `optional` has no `require` beside it.
    fn of(pending: Option<Pending>) -> Result<Self, AuthError> {
        Ok(Self {
            pending: pending.ok_or_else(|| AuthError::new(Fault::Forbidden))?,
            policy: PhantomData,
        })
    }

    #[cfg(any(test, feature = "test-util"))]
    pub(crate) async fn offline(user: Option<&User>, parts: &Parts) -> Result<Self, AuthError> {
        Self::of(offline::<P>(user, parts).await?)
    }
}

impl<P> PendingGuard<P> {
    /// What is left to ask before the body may run.
    pub fn pending(self) -> Pending {
        self.pending
    }
}

impl<P, S> FromRequestParts<S> for Guard<P>
where
    P: HasPolicy<Questions = Settled>,
    S: Send + Sync,
    Keycloak: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let keycloak = Keycloak::from_ref(state);
        let admitted = admit(P::declared().policy, keycloak, parts).await?;
        Ok(Self::of(admitted)?)
    }
}

impl<P, S> FromRequestParts<S> for PendingGuard<P>
where
    P: HasPolicy<Questions = Asking>,
    S: Send + Sync,
    Keycloak: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let keycloak = Keycloak::from_ref(state);
        let admitted = admit(P::declared().policy, keycloak, parts).await?;
        Ok(Self::of(admitted)?)
    }
}

impl<P> fmt::Debug for Guard<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl<P> fmt::Debug for PendingGuard<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingGuard").finish_non_exhaustive()
    }
}

/// A guard together with the handler's own first parameter, where axum has no room for one more.
/// A type of its own, because axum's names for the parameters of a handler are made of tuples.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "taken apart by generated code of the same version"
)]
pub struct Both<G, T>(pub G, pub T);

impl<G, T> From<(G, T)> for Both<G, T> {
    fn from((guard, first): (G, T)) -> Self {
        Self(guard, first)
    }
}

impl<G, T, S> FromRequestParts<S> for Both<G, T>
where
    G: Injected + FromRequestParts<S> + Send,
    T: FromRequestParts<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let guard = G::from_request_parts(parts, state).await;
        let guard = guard.map_err(IntoResponse::into_response)?;
        let first = T::from_request_parts(parts, state).await;
        let first = first.map_err(IntoResponse::into_response)?;
        Ok(Self(guard, first))
    }
}

/// A decision that waits for the `require` terms of a handler.
#[must_use = "a pending decision is not a permission: call `finish`"]
pub struct Pending {
    user: User,
    /// What is left to ask.
    open: Option<Box<Open>>,
}

impl Pending {
    fn settled(user: User) -> Self {
        Self { user, open: None }
    }

    /// The caller, for the expressions of `require` terms.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Whether the answer to `require` number `number` can still change the verdict.
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
        Ok(self.verdict()?)
    }

    fn verdict(self) -> Result<(), AuthError> {
        let Some(open) = self.open else { return Ok(()) };
        let Open {
            policy,
            answers,
            keycloak,
        } = *open;
        if policy.evaluate(&self.user, &answers) == Outcomes::TRUE {
            Ok(())
        } else {
            Err(refusal::refuse(
                &policy,
                &self.user,
                &answers,
                keycloak.as_ref(),
            ))
        }
    }
}

/// A pending decision without a guard's policy type.
#[cfg(test)]
pub(crate) fn pending_for_tests(policy: Policy, user: &User, answers: Answers) -> Pending {
    Pending {
        user: user.clone(),
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
