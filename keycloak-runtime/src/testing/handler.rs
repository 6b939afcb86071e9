//! Whom a handler's policy lets in, without its other arguments.

use crate::{
    caller::User,
    enforce::guard::{Asking, Both, Guard, HasPolicy, PendingGuard, PublicGuard, Settled},
};

/// Whether the policy of `handler` admits `user`, by what the token says.
///
/// Any handler that an attribute made will do: its policy is found by its type, and it is not
/// called. `check` functions see an empty request head, and one that has to wait counts as
/// unanswered, as in [`guard`](super::guard).
///
/// A policy with `require` asks the handler's own arguments, which are not here: `true` says that
/// the token does not rule the user out, and calling the handler says the rest. A
/// `#[keycloak::public]` handler admits every caller.
///
/// ```
/// #[keycloak::protected(roles = ["admin"])]
/// async fn close(axum::extract::Path(id): axum::extract::Path<u64>) -> String {
///     format!("closed {id}")
/// }
///
/// use keycloak::testing::{admitted, refused, user};
/// assert!(admitted(close, &user("alice").realm_role("admin").build()));
/// assert!(refused(close, &user("bob").build()));
/// ```
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "calls read better, and it is a function"
)]
pub fn admitted<H, A>(handler: H, user: &User) -> bool
where
    H: Declared<A>,
{
    // Only its type is asked.
    let _: &H = &handler;
    <H::Guard as sealed::Guarding>::admits(user)
}

/// Whether the policy of `handler` refuses `user` for what the token says: the opposite of
/// [`admitted`], for the tests that a policy needs most.
///
/// With `require` in the policy, `true` says that the user is refused whatever the handler's
/// arguments are; who is refused for their sake is found out by calling the handler with a
/// [`guard`](super::guard).
///
/// ```
/// use axum::extract::Path;
/// use keycloak::{User, testing};
///
/// #[keycloak::protected(roles = ["member"], require = owner == user.subject())]
/// async fn read(user: User, Path(owner): Path<String>) -> &'static str {
///     "a letter"
/// }
///
/// # async fn test() -> Result<(), keycloak::Rejection> {
/// let stranger = testing::user("mallory").build();
/// assert!(testing::refused(read, &stranger));
///
/// // A member may own the letter or not: the token alone does not refuse.
/// let bob = testing::user("bob").realm_role("member").build();
/// assert!(!testing::refused(read, &bob));
/// let guard = testing::guard(&bob)?;
/// let answer = read(guard, bob, Path("alice".to_owned())).await;
/// assert!(answer.is_err_and(|refused| refused.status() == 403));
/// # Ok(())
/// # }
/// # futures_util::FutureExt::now_or_never(test()).unwrap().unwrap();
/// ```
#[must_use]
pub fn refused<H, A>(handler: H, user: &User) -> bool
where
    H: Declared<A>,
{
    !admitted(handler, user)
}

/// A handler of `#[keycloak::protected]` or `#[keycloak::public]`; `A` are its parameters, which
/// the compiler finds out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of `#[keycloak::protected]` or `#[keycloak::public]`",
    label = "no policy is declared for it"
)]
pub trait Declared<A> {
    /// Its first parameter.
    type Guard: sealed::Guarding;
}

#[expect(unnameable_types, reason = "so that no other crate can implement it")]
mod sealed {
    use crate::caller::User;

    /// What an attribute puts first.
    pub trait Guarding {
        fn admits(user: &User) -> bool;
    }
}

impl<P: HasPolicy<Questions = Settled>> sealed::Guarding for Guard<P> {
    fn admits(user: &User) -> bool {
        super::guard::<Self>(user).is_ok()
    }
}

impl<P: HasPolicy<Questions = Asking>> sealed::Guarding for PendingGuard<P> {
    fn admits(user: &User) -> bool {
        super::guard::<Self>(user).is_ok()
    }
}

impl sealed::Guarding for PublicGuard {
    fn admits(_: &User) -> bool {
        true
    }
}

/// Where axum has no room for one more parameter.
impl<G: sealed::Guarding, T> sealed::Guarding for Both<G, T> {
    fn admits(user: &User) -> bool {
        G::admits(user)
    }
}

macro_rules! handlers {
    ($($arg:ident)*) => {
        impl<F, R, G, $($arg),*> Declared<(G, $($arg,)*)> for F
        where
            F: FnOnce(G, $($arg),*) -> R,
            G: sealed::Guarding,
        {
            type Guard = G;
        }
    };
    ($first:ident $($arg:ident)*; all) => {
        handlers!($first $($arg)*);
        handlers!($($arg)*; all);
    };
    (; all) => {
        handlers!();
    };
}

// As many as axum has.
handlers!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15; all);
