//! The policy as the macros write it: `'static` data, no behaviour.
//!
//! Everything here is built by `#[protected]` and `policy!` in constant expressions, and read by
//! [`decision`](super::decision), the OpenAPI text, the challenge and the manifest. It decides
//! nothing itself.

use std::{future::Future, pin::Pin};

use axum::http::request::Parts;
pub use keycloak_policy::vocabulary::Kind;

use super::answer::Answered;
use crate::caller::User;

/// What a caller must satisfy: a conjunction of terms, built at compile time.
///
/// A value comes from [`policy!`](crate::policy) or from
/// [`#[protected]`](macro@crate::protected); there is no other constructor, so a policy that
/// exists has been checked by the compiler. A policy with no term admits every authenticated
/// caller.
#[derive(Clone, Copy)]
pub struct Policy {
    pub(crate) terms: &'static [Term],
    pub(crate) source: &'static str,
    pub(crate) optional: bool,
}

/// One term of a policy. Public for generated code only.
#[doc(hidden)]
#[derive(Clone, Copy)]
#[allow(
    clippy::exhaustive_enums,
    reason = "constructed by generated code of the same version"
)]
pub enum Term {
    /// Every term holds.
    All(&'static [Self]),
    /// At least one term holds.
    Any(&'static [Self]),
    /// The term does not hold (three-valued).
    Not(&'static Self),
    /// A question about the caller's token.
    Ask(Question),
    /// A named policy: the path as written, and the policy.
    Policy(&'static str, &'static Policy),
    /// A custom check: the path as written, and its function.
    Check(&'static str, CheckFn),
    /// An expression over the handler's arguments: its number in the handler, and its text.
    Require(u8, &'static str),
}

/// A question about the caller's token. Public for generated code only.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "constructed by generated code of the same version"
)]
pub struct Question {
    /// Which term of the vocabulary.
    pub kind: Kind,
    /// What is in its parentheses: a client, or the path of a claim as written in the source (`\.`
    /// is a literal dot).
    pub subject: Option<&'static str>,
    /// Its value.
    pub asked: Asked,
}

/// The value of a [`Question`]. Public for generated code only.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "constructed by generated code of the same version"
)]
pub enum Asked {
    /// Names.
    Set(Set),
    /// A boolean.
    Flag(bool),
}

/// A custom check with its shape erased: user and request head in, answer out.
#[doc(hidden)]
pub type CheckFn =
    for<'a> fn(&'a User, &'a Parts) -> Pin<Box<dyn Future<Output = Answered> + Send + 'a>>;

/// Items and how many of them are asked for. Public for generated code only.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "constructed by generated code of the same version"
)]
pub struct Set {
    /// All, any or none of the items.
    pub mode: Mode,
    /// The items as written.
    pub items: &'static [&'static str],
    /// Whether one of them has path parameters or escaped braces.
    pub templates: bool,
}

/// How many items of a [`Set`] are asked for. Public for generated code only.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "constructed by generated code of the same version"
)]
pub enum Mode {
    /// `[..]` and `all[..]`.
    All,
    /// `any[..]`.
    Any,
    /// `none[..]`.
    None,
}

impl Policy {
    /// For generated code: `terms` are AND-ed, `source` is the policy as the user wrote it.
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(terms: &'static [Term], source: &'static str) -> Self {
        Self {
            terms,
            source,
            optional: false,
        }
    }

    /// For generated code: the policy `optional`.
    #[doc(hidden)]
    #[must_use]
    pub const fn __optional() -> Self {
        Self {
            terms: &[],
            source: "optional",
            optional: true,
        }
    }
}

/// Terms as tests write them.
#[cfg(test)]
impl Term {
    pub(crate) const fn roles(set: Set) -> Self {
        Self::names(Kind::Roles, None, set)
    }

    pub(crate) const fn realm_roles(set: Set) -> Self {
        Self::names(Kind::RealmRoles, None, set)
    }

    pub(crate) const fn client_roles(client: Option<&'static str>, set: Set) -> Self {
        Self::names(Kind::ClientRoles, client, set)
    }

    pub(crate) const fn groups(set: Set) -> Self {
        Self::names(Kind::Groups, None, set)
    }

    pub(crate) const fn scopes(set: Set) -> Self {
        Self::names(Kind::Scopes, None, set)
    }

    pub(crate) const fn claim(path: &'static str, set: Set) -> Self {
        Self::names(Kind::Claim, Some(path), set)
    }

    pub(crate) const fn claim_bool(path: &'static str, value: bool) -> Self {
        Self::Ask(Question {
            kind: Kind::Claim,
            subject: Some(path),
            asked: Asked::Flag(value),
        })
    }

    pub(crate) const fn names(kind: Kind, subject: Option<&'static str>, set: Set) -> Self {
        Self::Ask(Question {
            kind,
            subject,
            asked: Asked::Set(set),
        })
    }
}
