//! The guards that the macros inject as a handler's first parameter.
//!
//! Being first, a guard decides before any other extractor runs. Whether a policy asks anything of
//! the handler's own arguments (`require`) is a part of its type: without, a [`Guard`] is extracted,
//! and it exists only where the policy holds; with, a [`PendingGuard`], which admits no caller by
//! itself: [`Pending::finish`] has to say yes before the handler's body begins.

use std::{convert::Infallible, fmt, marker::PhantomData};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Response},
};

use super::admit;
pub use super::admit::Pending;
#[cfg(any(test, feature = "test-util"))]
use crate::{caller::User, error::AuthError};
use crate::{error::Rejection, keycloak::Keycloak, policy::declaration::Declared};

/// A policy as a type, so that a guard knows what it has to ask for.
///
/// Only the attributes implement it, beside the handler that they register: what it returns is made
/// by nothing else.
pub trait HasPolicy: 'static {
    /// [`Settled`], or [`Asking`] where the policy has `require` terms.
    type Questions: Questions;

    /// The policy, and the handler that asks for it. A function, not a constant: the compiler
    /// evaluates constants whenever it checks the crate.
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

#[expect(unnameable_types, reason = "so that no other crate can implement them")]
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

impl<P: HasPolicy<Questions = Settled>> Guard<P> {
    const HELD: Self = Self {
        policy: PhantomData,
    };

    #[cfg(any(test, feature = "test-util"))]
    pub(crate) async fn offline(user: Option<&User>, parts: &Parts) -> Result<Self, AuthError> {
        admit::admit_offline(P::declared().policy, user, parts).await?;
        Ok(Self::HELD)
    }
}

impl<P: HasPolicy<Questions = Asking>> PendingGuard<P> {
    fn of(pending: Pending) -> Self {
        Self {
            pending,
            policy: PhantomData,
        }
    }

    #[cfg(any(test, feature = "test-util"))]
    pub(crate) async fn offline(user: Option<&User>, parts: &Parts) -> Result<Self, AuthError> {
        let pending = admit::begin_offline(P::declared().policy, user, parts).await?;
        Ok(Self::of(pending))
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
        admit::admit(P::declared().policy, &keycloak, parts).await?;
        Ok(Self::HELD)
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
        let pending = admit::begin(P::declared().policy, &keycloak, parts).await?;
        Ok(Self::of(pending))
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

/// Marks a handler as declared public: injected by `#[keycloak::public]`, refuses no caller.
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
