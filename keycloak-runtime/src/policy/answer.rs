//! What a rule of the application answers: yes, no, or a refusal of its own.

use std::{error::Error, fmt};

use crate::base::{fault::Fault, foreign::Foreign};

/// How a rule of the application (`check`, `require`) refuses, where "no" does not say enough.
///
/// A rule that fails decides nothing: the policy does not hold by it, negated or not. Where the request
/// is refused in the end, it is refused as the first failure says.
///
/// Every error converts into one, so that `?` works in rules: it becomes
/// [`unavailable`](Self::unavailable), and its text goes to the log and to no caller.
///
/// ```
/// use keycloak::{Deny, User};
///
/// # struct Db;
/// # impl Db { async fn owner(&self, _: u64) -> Result<Option<String>, std::io::Error> { Ok(None) } }
/// async fn is_owner(user: &User, db: &Db, id: u64) -> Result<bool, Deny> {
///     let owner = db.owner(id).await?; // the database is down: 503
///     let owner = owner.ok_or(Deny::not_found())?; // there is no such document: 404
///     Ok(owner == user.subject()) // somebody else's: 403
/// }
/// ```
pub struct Deny {
    fault: Fault,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Deny {
    /// 403, code `forbidden`.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self::of(Fault::Forbidden)
    }

    /// 403 with a code of the application, such as `limit_exceeded`.
    #[must_use]
    pub const fn code(code: &'static str) -> Self {
        Self::of(Fault::Denied { code })
    }

    /// 404, code `not_found`: whether it is there is nothing that the caller may know.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::of(Fault::NotFound)
    }

    /// 503 with `Retry-After`, code `rule_unavailable`: it cannot be decided at the moment.
    #[must_use]
    pub const fn unavailable() -> Self {
        Self::of(Fault::RuleUnavailable)
    }

    const fn of(fault: Fault) -> Self {
        Self { fault, cause: None }
    }

    pub(crate) fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The error that it was made of, for logs.
    pub(crate) fn cause(&self) -> Option<Foreign<String>> {
        let cause = self.cause.as_deref()?;
        Some(Foreign::causes(cause))
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Deny {
    fn from(error: E) -> Self {
        Self {
            fault: Fault::RuleUnavailable,
            cause: Some(Box::new(error)),
        }
    }
}

impl fmt::Debug for Deny {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Deny").field(&self.fault.code()).finish()
    }
}

/// An answer with its shape erased.
#[derive(Debug)]
pub struct Answered(pub(crate) Result<bool, Deny>);

/// What a rule may answer.
#[diagnostic::on_unimplemented(
    message = "a rule answers `bool` or `Result<bool, E>`, and this one answers `{Self}`",
    label = "neither `bool` nor `Result<bool, E>`",
    note = "`E` is `keycloak::Deny` or an error that is `Send`, `Sync` and `'static`"
)]
pub trait Answer {
    /// The answer.
    fn answered(self) -> Answered;
}

impl Answer for bool {
    fn answered(self) -> Answered {
        Answered(Ok(self))
    }
}

impl<E: Into<Deny>> Answer for Result<bool, E> {
    fn answered(self) -> Answered {
        Answered(self.map_err(Into::into))
    }
}

/// What generated code calls with the value of a `require` expression.
#[must_use]
pub fn rule<A: Answer>(answer: A) -> Answered {
    answer.answered()
}

/// What generated code calls with what left the expression, also by `?`.
#[must_use]
pub fn answer(value: Result<Answered, Deny>) -> Answered {
    value.unwrap_or_else(|deny| Answered(Err(deny)))
}
