//! Who acts as the user: claim `act` (RFC 8693 section 4.1), which Keycloak itself writes from 26.8 on
//! where an administrator impersonates somebody. No client and no mapper decides about it, so that a
//! token without it is one of nobody but the user.

use super::evidence::Evidence;
use crate::caller::User;

/// Whether somebody acts as the user.
pub(crate) fn is_impersonated(user: &User, value: bool) -> Evidence {
    let impersonated = match user.lookup("act") {
        None => false,
        Some(act) if act.members().is_some() => true,
        Some(_) => return Evidence::Unreadable,
    };
    if impersonated == value {
        Evidence::Shown
    } else {
        Evidence::Contrary
    }
}
