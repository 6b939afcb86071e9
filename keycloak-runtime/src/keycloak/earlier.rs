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
    authenticate::token_cache::Remembered, base::clock::Timestamp, caller::User,
    credentials::bearer,
};

/// A caller, by which instance he was authenticated, and from what.
#[derive(Clone)]
pub(super) struct Authenticated {
    instance: u64,
    caller: Remembered,
    /// When the token would be looked at again.
    until: Timestamp,
    /// In a nested router axum has taken the prefix off.
    path: Option<PathAndQuery>,
    /// As the client sent it; none outside of routers.
    sent: Option<PathAndQuery>,
}

impl Authenticated {
    /// Leaves a caller for what comes later in the request, and before `until`.
    pub(super) fn keep(parts: &mut Parts, instance: u64, caller: Remembered, until: Timestamp) {
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

    /// The caller that this instance has authenticated for this very request.
    pub(super) fn in_(parts: &Parts, instance: u64, now: impl Fn() -> Timestamp) -> Option<User> {
        let earlier: &Self = parts.extensions.get()?;
        let counts =
            earlier.instance == instance && earlier.is_still_of(parts) && now() < earlier.until;
        counts.then(|| earlier.caller.user.clone())
    }

    fn is_still_of(&self, parts: &Parts) -> bool {
        bearer::credentials(&parts.headers)
            .is_ok_and(|credentials| *credentials == *self.caller.token.as_bytes())
            && self.path.as_ref() == parts.uri.path_and_query()
            && self.sent.as_ref() == sent(parts)
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
        let caller = Remembered {
            user: crate::testing::user("alice").build(),
            token: "a.b.c".into(),
        };
        Authenticated::keep(&mut parts, 1, caller, Timestamp::from_secs(10));
        parts
    }

    #[track_caller]
    fn counts(change: impl FnOnce(&mut Parts)) -> bool {
        let mut parts = parts();
        change(&mut parts);
        Authenticated::in_(&parts, 1, || Timestamp::from_secs(9)).is_some()
    }

    #[test]
    fn the_same_request_finds_its_caller() {
        assert!(counts(|_| {}));
        let now = || Timestamp::from_secs(9);
        assert!(Authenticated::in_(&parts(), 2, now).is_none());
    }

    #[test]
    fn what_would_be_looked_at_again_is() {
        let now = || Timestamp::from_secs(10);
        assert!(Authenticated::in_(&parts(), 1, now).is_none());
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
