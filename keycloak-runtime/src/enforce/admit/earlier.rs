//! The caller that was authenticated earlier in the same request.
//!
//! Invariant: what is remembered counts only while it is what would be found again, and while the
//! token serves. A handler may
//! clone the head of its request, extensions included, and send it through a router once more with
//! another header or path (batch endpoints do): that is another request.

use axum::{
    extract::OriginalUri,
    http::{request::Parts, uri::PathAndQuery},
};

use crate::{
    authenticate::token_cache::Accepted,
    base::clock::Timestamp,
    caller::User,
    credentials::{Credentials, Proof, Scheme},
    keycloak::Keycloak,
};

/// A caller, by which instance they were authenticated, and from what.
#[derive(Clone)]
pub(super) struct Authenticated {
    instance: u64,
    caller: Caller,
    /// When the token would be looked at again.
    until: Timestamp,
    /// In a nested router axum has taken the prefix off.
    path: Option<PathAndQuery>,
    /// As the client sent it; none outside of routers.
    sent: Option<PathAndQuery>,
}

/// A caller, and the credentials that were accepted for them.
#[derive(Clone)]
pub(super) struct Caller {
    accepted: Accepted,
    scheme: Scheme,
    proof: Option<Proof>,
}

impl Caller {
    pub(super) fn of(credentials: &Credentials<'_>, accepted: Accepted) -> Self {
        Self {
            accepted,
            scheme: credentials.scheme,
            proof: credentials.proof,
        }
    }

    fn is_of(&self, credentials: &Credentials<'_>) -> bool {
        self.scheme == credentials.scheme
            && *credentials.token.bytes() == *self.accepted.token.as_bytes()
            && self.proof == credentials.proof
    }
}

impl Authenticated {
    /// Leaves a caller for what comes later in the request.
    pub(super) fn keep(parts: &mut Parts, keycloak: &Keycloak, caller: Caller) {
        let until = keycloak.would_ask_again(&caller.accepted.user);
        Self::keep_until(parts, keycloak.instance(), caller, until);
    }

    fn keep_until(parts: &mut Parts, instance: u64, caller: Caller, until: Timestamp) {
        let path = parts.uri.path_and_query().cloned();
        let sent = sent(parts).cloned();
        parts.extensions.insert(Self {
            instance,
            caller,
            until,
            path,
            sent,
        });
    }

    /// The caller that this instance has authenticated for this very request, which has these
    /// credentials.
    pub(super) fn in_(
        parts: &Parts,
        credentials: &Credentials<'_>,
        keycloak: &Keycloak,
    ) -> Option<User> {
        Self::found(parts, credentials, keycloak.instance(), || keycloak.now())
    }

    fn found(
        parts: &Parts,
        credentials: &Credentials<'_>,
        instance: u64,
        now: impl Fn() -> Timestamp,
    ) -> Option<User> {
        let earlier: &Self = parts.extensions.get()?;
        let counts = earlier.instance == instance
            && earlier.caller.is_of(credentials)
            && earlier.is_still_of(parts)
            && now() < earlier.until;
        counts.then(|| earlier.caller.accepted.user.clone())
    }

    fn is_still_of(&self, parts: &Parts) -> bool {
        self.path.as_ref() == parts.uri.path_and_query() && self.sent.as_ref() == sent(parts)
    }
}

fn sent(parts: &Parts) -> Option<&PathAndQuery> {
    let OriginalUri(uri) = parts.extensions.get()?;
    uri.path_and_query()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request, Uri, header::AUTHORIZATION};

    use super::*;

    fn parts() -> Parts {
        let request = Request::get("/batch").header(AUTHORIZATION, "Bearer a.b.c");
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let original = OriginalUri(Uri::from_static("/api/batch"));
        parts.extensions.insert(original);
        let accepted = Accepted {
            user: crate::testing::user("alice").build(),
            token: "a.b.c".into(),
        };
        let caller = Caller::of(&Credentials::of(&parts).unwrap(), accepted);
        Authenticated::keep_until(&mut parts, 1, caller, Timestamp::from_secs(10));
        parts
    }

    fn finds(parts: &Parts, instance: u64, now: i64) -> bool {
        let now = || Timestamp::from_secs(now);
        Credentials::of(parts)
            .is_ok_and(|own| Authenticated::found(parts, &own, instance, now).is_some())
    }

    #[track_caller]
    fn counts(change: impl FnOnce(&mut Parts)) -> bool {
        let mut parts = parts();
        change(&mut parts);
        finds(&parts, 1, 9)
    }

    #[test]
    fn the_same_request_finds_its_caller() {
        assert!(counts(|_| {}));
        assert!(!finds(&parts(), 2, 9));
    }

    #[test]
    fn what_would_be_looked_at_again_is() {
        assert!(!finds(&parts(), 1, 10));
    }

    #[test]
    fn other_credentials_are_another_caller() {
        let other = HeaderValue::from_static("Bearer a.b.d");
        assert!(!counts(|parts| drop(
            parts.headers.insert(AUTHORIZATION, other.clone())
        )));
        assert!(!counts(|parts| {
            parts.headers.append(AUTHORIZATION, other);
        }));
        assert!(!counts(|parts| drop(parts.headers.remove(AUTHORIZATION))));
    }

    #[test]
    fn another_path_is_another_request() {
        let other = Uri::from_static("/admin");
        assert!(!counts(|parts| parts.uri = other.clone()));
        assert!(!counts(|parts| drop(
            parts.extensions.insert(OriginalUri(other))
        )));
        assert!(!counts(|parts| drop(
            parts.extensions.remove::<OriginalUri>()
        )));
    }
}
