//! Claims by path: a string, an array of strings, or a boolean. Any other shape, and absence,
//! prove nothing.

use keycloak_policy::grammar::claim_path;

use super::evidence::Evidence;
use crate::{base::json::View, caller::User};

/// Claims that callers fill by what they request: the audience, the scopes, the organization.
const REQUESTED: [&str; 3] = ["aud", "scope", "organization"];

/// Whether the claim at `path` is the string `value`, or an array of strings with it.
/// A single string is an array of one: Keycloak writes some that way. Where a mapper without
/// "Multivalued" writes one of several, the audit of declared clients finds it.
pub(crate) fn has(user: &User, path: &str, value: &str) -> Evidence {
    let Some(claim) = user.lookup(path) else {
        return Evidence::Absent;
    };
    let shown = if let Some(own) = claim.as_str() {
        own == value
    } else {
        match claim.items() {
            Some(mut own) if own.clone().all(|own| own.as_str().is_some()) => {
                own.any(|own| own.as_str() == Some(value))
            }
            _ => return Evidence::Unreadable,
        }
    };
    if shown {
        Evidence::Shown
    } else if is_requested(path) {
        Evidence::NotRequested
    } else {
        Evidence::NotShown
    }
}

fn is_requested(path: &str) -> bool {
    let (name, _) = claim_path::split(path);
    let is = |requested: &&str| claim_path::unescaped(name).eq(requested.chars());
    REQUESTED.iter().any(is)
}

/// Whether the claim at `path` is the boolean `value`.
pub(crate) fn is(user: &User, path: &str, value: bool) -> Evidence {
    match user.lookup(path).and_then(View::as_bool) {
        Some(own) if own == value => Evidence::Shown,
        Some(_) => Evidence::Contrary,
        None => Evidence::Unreadable,
    }
}
