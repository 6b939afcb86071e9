//! Claims by path: a string, an array of strings, or a boolean. Any other shape, and absence,
//! prove nothing.

use super::outcomes::Truth;
use crate::{User, json::View};

/// Whether the claim at `path` is the string `value`, or an array of strings with it.
pub(crate) fn has(user: &User, path: &str, value: &str) -> Truth {
    let Some(claim) = user.lookup(path) else {
        return Truth::Unknown;
    };
    if let Some(own) = claim.as_str() {
        return Truth::of(own == value);
    }
    match claim.items() {
        Some(mut own) if own.clone().all(|own| own.as_str().is_some()) => {
            Truth::of(own.any(|own| own.as_str() == Some(value)))
        }
        _ => Truth::Unknown,
    }
}

/// Whether the claim at `path` is the boolean `value`.
pub(crate) fn is(user: &User, path: &str, value: bool) -> Truth {
    user.lookup(path)
        .and_then(View::as_bool)
        .map_or(Truth::Unknown, |own| Truth::of(own == value))
}
