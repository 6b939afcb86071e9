//! Claims by path: a string, an array of strings, or a boolean. Any other shape, and absence,
//! prove nothing.

use serde_json::Value;

use super::outcomes::Truth;
use crate::{User, user::lookup};

/// Whether the claim at `path` is the string `value`, or an array of strings with it.
pub(crate) fn has(user: &User, path: &str, value: &str) -> Truth {
    match lookup(user.claims(), path) {
        Some(Value::String(own)) => Truth::of(own == value),
        Some(Value::Array(own)) if own.iter().all(Value::is_string) => {
            Truth::of(own.iter().any(|own| own.as_str() == Some(value)))
        }
        _ => Truth::Unknown,
    }
}

/// Whether the claim at `path` is the boolean `value`.
pub(crate) fn is(user: &User, path: &str, value: bool) -> Truth {
    lookup(user.claims(), path)
        .and_then(Value::as_bool)
        .map_or(Truth::Unknown, |own| Truth::of(own == value))
}
