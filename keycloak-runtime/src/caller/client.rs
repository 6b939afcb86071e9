//! The client that the token was issued to, and whether it is the client's own.

use keycloak_policy::facts;

use super::evidence::Evidence;
use crate::{base::json::View, caller::User};

/// Whether the token was issued to `client`: claim `azp`, which Keycloak writes into every token.
pub(crate) fn authorized_party(user: &User, client: &str) -> Evidence {
    match user.lookup("azp") {
        None => Evidence::Absent,
        Some(azp) => match azp.as_str() {
            Some(azp) if azp == client => Evidence::Shown,
            Some(_) => Evidence::Contrary,
            None => Evidence::Unreadable,
        },
    }
}

/// Whether the token is its client's own (client credentials, RFC 6749 section 4.4) or a user's.
///
/// Two claims together say that it is a service account's: the user's name, which Keycloak makes of
/// the client id, and `clientAddress`, which it writes where a client signed in and no user. One of
/// them alone proves nothing: users may choose their names, and the token of a service account may
/// have been exchanged by another client (RFC 8693). A name of another kind is a user's.
pub(crate) fn is_service_account(user: &User, value: bool) -> Evidence {
    let text = |claim| user.lookup(claim).and_then(View::as_str);
    let (Some(azp), Some(name)) = (text("azp"), text("preferred_username")) else {
        return Evidence::Unreadable;
    };
    let is_account = name.starts_with(facts::clients::SERVICE_ACCOUNT);
    let is_own = name == facts::clients::service_account(azp) && text("clientAddress").is_some();
    if is_account && !is_own {
        return Evidence::Unreadable;
    }
    if is_own == value {
        Evidence::Shown
    } else {
        Evidence::Contrary
    }
}
