//! Extractors: from a request to the verified caller, and the injected guards.

pub(crate) mod bearer;
pub(crate) mod guard;
mod user;

pub(crate) use self::user::anonymous_or;
