//! The three shapes of a `check` function, brought to one.

use std::{
    future::{Future, ready},
    pin::Pin,
};

use axum::http::request::Parts;

use super::answer::{Answer, Answered};
use crate::caller::User;

/// The answer of a check, with the function's shape erased.
pub type Verdict<'a> = Pin<Box<dyn Future<Output = Answered> + Send + 'a>>;

/// A function that is allowed in `check = path`. `Shape` tells the three shapes apart.
#[diagnostic::on_unimplemented(
    message = "this function cannot be used as a `check`",
    label = "not one of the three shapes of a check",
    note = "a check is `fn(&User) -> bool`, `async fn(&User) -> bool` or \
            `async fn(&User, &Parts) -> bool`, and the futures are `Send`; each may answer \
            `Result<bool, E>` instead, where `E` is `keycloak::Deny` or an error",
    note = "for state, write `require = f(user, &db).await`"
)]
pub trait Check<'a, Shape> {
    /// Asks the function.
    fn ask(self, user: &'a User, parts: &'a Parts) -> Verdict<'a>;
}

/// `fn(&User) -> bool`.
#[derive(Debug)]
pub enum Plain {}
/// `async fn(&User) -> bool`.
#[derive(Debug)]
pub enum OfUser {}
/// `async fn(&User, &Parts) -> bool`.
#[derive(Debug)]
pub enum OfRequest {}

impl<'a, F, A> Check<'a, Plain> for F
where
    F: FnOnce(&'a User) -> A,
    A: Answer,
{
    fn ask(self, user: &'a User, _: &'a Parts) -> Verdict<'a> {
        Box::pin(ready(self(user).answered()))
    }
}

impl<'a, F, V> Check<'a, OfUser> for F
where
    F: FnOnce(&'a User) -> V,
    V: Future<Output: Answer> + Send + 'a,
{
    fn ask(self, user: &'a User, _: &'a Parts) -> Verdict<'a> {
        let answer = self(user);
        Box::pin(async { answer.await.answered() })
    }
}

impl<'a, F, V> Check<'a, OfRequest> for F
where
    F: FnOnce(&'a User, &'a Parts) -> V,
    V: Future<Output: Answer> + Send + 'a,
{
    fn ask(self, user: &'a User, parts: &'a Parts) -> Verdict<'a> {
        let answer = self(user, parts);
        Box::pin(async { answer.await.answered() })
    }
}

/// What generated code calls for one `check` term.
pub fn run_check<'a, Shape, F: Check<'a, Shape>>(
    check: F,
    user: &'a User,
    parts: &'a Parts,
) -> Verdict<'a> {
    check.ask(user, parts)
}
