//! Claims by path: a string, an array of strings, or a boolean. Any other shape, and absence,
//! prove nothing.

use super::evidence::Evidence;
use crate::{User, json::View};

/// Whether the claim at `path` is the string `value`, or an array of strings with it. A string
/// excludes every other one; an array may have been cut by the client.
pub(crate) fn has(user: &User, path: &str, value: &str) -> Evidence {
    let Some(claim) = user.lookup(path) else {
        return Evidence::Unreadable;
    };
    if let Some(own) = claim.as_str() {
        return if own == value {
            Evidence::Shown
        } else {
            Evidence::Contrary
        };
    }
    match claim.items() {
        Some(mut own) if own.clone().all(|own| own.as_str().is_some()) => {
            Evidence::of(own.any(|own| own.as_str() == Some(value)))
        }
        _ => Evidence::Unreadable,
    }
}

/// Whether the claim at `path` is the boolean `value`.
pub(crate) fn is(user: &User, path: &str, value: bool) -> Evidence {
    match user.lookup(path).and_then(View::as_bool) {
        Some(own) if own == value => Evidence::Shown,
        Some(_) => Evidence::Contrary,
        None => Evidence::Unreadable,
    }
}
