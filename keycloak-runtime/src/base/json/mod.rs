//! Strict JSON (RFC 8259) for everything that decides about access.
//!
//! Invariants: no member name twice in one object, at any depth; nesting of [`MAX_DEPTH`] at most;
//! nothing after the value; valid UTF-8 without lone surrogates; numbers keep their exact digits.
//! `serde_json` keeps the last of two equal members silently and rounds numbers, and its reading of
//! numbers changes with features that any crate of a build can turn on; none of that may decide who
//! is admitted.

mod compact;
mod de;
mod parser;

use std::fmt;

use serde_json::{Map, Number, Value};

pub(crate) use self::compact::View;
use self::{compact::Members, parser::Duplicates};

/// How deeply arrays and objects may nest; Keycloak's own claims need four levels.
pub(crate) const MAX_DEPTH: u8 = 32;

/// Far above every body that is read: those have limits of their own.
const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;

/// Why a text is not acceptable JSON. Carries no content: the text is a caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum JsonError {
    #[error("too long")]
    TooLong,
    #[error("not valid UTF-8")]
    NotUtf8,
    #[error("not an object")]
    NotAnObject,
    #[error("not well-formed JSON")]
    Syntax,
    #[error("something follows the JSON value")]
    TrailingData,
    #[error("a member name occurs twice in one object")]
    DuplicateMember,
    #[error("nested too deeply")]
    TooDeep,
    #[error("a number is out of range")]
    NumberOutOfRange,
}

/// A JSON object in its compact form, one allocation; equal where it is the same text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Object(Box<str>);

impl Object {
    /// Parses one object and nothing else.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::new(parser::object(bytes, Duplicates::Refuse)?)
    }

    /// As [`Object::parse`], but a *nested* object with a member twice reads as `null`, so that a
    /// list survives its one bad element.
    pub(crate) fn parse_nulling_bad_elements(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::new(parser::object(bytes, Duplicates::Null)?)
    }

    fn new(form: Vec<u8>) -> Result<Self, JsonError> {
        let form = String::from_utf8(form).map_err(|_| JsonError::NotUtf8)?;
        Ok(Self(form.into_boxed_str()))
    }

    /// The whole object.
    pub(crate) fn root(&self) -> View<'_> {
        View(&self.0)
    }

    pub(crate) fn get(&self, name: &str) -> Option<View<'_>> {
        self.root().get(name)
    }

    /// The text that all names and strings of the object are parts of.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Bytes on the heap.
    pub(crate) fn memory(&self) -> usize {
        self.0.len()
    }

    /// The members as `serde_json` has them.
    pub(crate) fn to_map(&self) -> Map<String, Value> {
        let members = self.root().members();
        members.map(Members::into_map).unwrap_or_default()
    }
}

/// From members that are parsed already.
impl From<&Map<String, Value>> for Object {
    fn from(members: &Map<String, Value>) -> Self {
        let mut form = Vec::new();
        compact::write_map(&mut form, members);
        Self::new(form).unwrap_or_default()
    }
}

/// No members.
impl Default for Object {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl fmt::Debug for Object {
    // The content is a caller's: not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").finish_non_exhaustive()
    }
}

/// The value of a number for code that only shows or compares it; dates use the exact text instead.
fn number(text: &str) -> Result<Number, JsonError> {
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(Number::from(integer));
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Ok(Number::from(integer));
    }
    let float: f64 = text.parse().map_err(|_| JsonError::Syntax)?;
    // `from_f64` refuses infinity: nothing is decided by a number that cannot be represented.
    Number::from_f64(float).ok_or(JsonError::NumberOutOfRange)
}

#[cfg(test)]
mod tests;
