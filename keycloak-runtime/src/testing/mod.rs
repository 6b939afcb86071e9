//! Users and guards for unit tests, without a token and without a Keycloak (feature `test-util`).
//!
//! Protected handlers stay ordinary functions: a test makes a user, asks for the guard, and calls
//! the handler. The policy is inferred from the handler's first parameter, so the same line tests
//! the policy.
//!
//! ```
//! use keycloak::User;
//!
//! #[keycloak::protected(roles = ["admin"])]
//! async fn greet(user: User) -> String {
//!     format!("hello {}", user.username().unwrap_or_default())
//! }
//!
//! # async fn test() -> Result<(), keycloak::Rejection> {
//! let alice = keycloak::testing::user("alice").realm_role("admin").build();
//! let reply = greet(keycloak::testing::guard(&alice)?, alice).await;
//! assert_eq!(reply, "hello alice");
//!
//! let bob = keycloak::testing::user("bob").build();
//! assert!(keycloak::testing::refused(greet, &bob));
//! # Ok(())
//! # }
//! # futures_util::FutureExt::now_or_never(test()).unwrap().unwrap();
//! ```

mod handler;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::http::{Request, request::Parts};
use futures_util::FutureExt;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use self::handler::{Declared, admitted, refused};
use crate::{
    base::fault::Fault,
    caller::{ClaimRules, User, insert_claim},
    enforce::guard::{Asking, Guard, HasPolicy, PendingGuard, PublicGuard, Settled},
    error::{AuthError, Rejection},
    policy::parameters::PathValues,
};

/// The client that tokens of test users are issued to.
const CLIENT: &str = "test-caller";

/// Starts a user whose subject and login name are `name`.
///
/// # Defaults
/// Our own client id is `test-client`; no roles, groups or scopes; what is not said the user
/// provably has not, as with a client declared by
/// [`complete_tokens_from`](crate::KeycloakBuilder::complete_tokens_from); expires in the year 2100.
pub fn user(name: impl Into<String>) -> UserBuilder {
    let name = name.into();
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(name));
    claims.insert("preferred_username".to_owned(), json!(name));
    claims.insert("scope".to_owned(), json!(""));
    claims.insert("azp".to_owned(), json!(CLIENT));
    claims.insert("exp".to_owned(), json!(4_102_444_800_u64));
    UserBuilder {
        claims,
        rules: ClaimRules {
            client_id: "test-client".to_owned(),
            groups_claim: "groups".to_owned(),
            complete_clients: Box::default(),
            name_only_groups: false,
        },
        complete: true,
    }
}

/// Puts a [`User`] together for a unit test.
#[must_use = "call `build` for the user"]
pub struct UserBuilder {
    claims: Map<String, Value>,
    rules: ClaimRules,
    complete: bool,
}

impl UserBuilder {
    /// The subject (claim `sub`), where it is to differ from the login name.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.claim("sub", subject.into())
    }

    /// The e-mail address.
    pub fn email(self, email: impl Into<String>) -> Self {
        self.claim("email", email.into())
    }

    /// The full name.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.claim("name", name.into())
    }

    /// Adds a realm role.
    pub fn realm_role(mut self, role: impl Into<String>) -> Self {
        push(&mut self.claims, &["realm_access", "roles"], role.into());
        self
    }

    /// Adds a role of a client.
    pub fn client_role(mut self, client: &str, role: impl Into<String>) -> Self {
        push(
            &mut self.claims,
            &["resource_access", client, "roles"],
            role.into(),
        );
        self
    }

    /// Adds a group by its path; a missing leading `/` is added, as Keycloak's paths have it.
    pub fn group(mut self, path: impl AsRef<str>) -> Self {
        let path = path.as_ref();
        let name = path.strip_prefix('/').unwrap_or(path);
        push(&mut self.claims, &["groups"], format!("/{name}"));
        self
    }

    /// Adds a scope-token.
    pub fn scope(mut self, scope: impl AsRef<str>) -> Self {
        let scope = scope.as_ref();
        let scopes = match self.claims.get("scope").and_then(Value::as_str) {
            None | Some("") => scope.to_owned(),
            Some(scopes) => format!("{scopes} {scope}"),
        };
        self.claims
            .insert("scope".to_owned(), Value::String(scopes));
        self
    }

    /// The client that the token was issued to (claim `azp`).
    pub fn authorized_party(self, client_id: impl Into<String>) -> Self {
        self.claim("azp", client_id.into())
    }

    /// The service account of `client_id`, as a token has it that was issued for client
    /// credentials: named after the client, with its address, and without an e-mail address.
    pub fn service_account(self, client_id: &str) -> Self {
        self.claim("azp", client_id)
            .claim(
                "preferred_username",
                keycloak_policy::facts::clients::service_account(client_id),
            )
            .claim("clientAddress", "127.0.0.1")
    }

    /// Sets a claim by its path, such as `"address.country"`; `\.` is a literal dot.
    ///
    /// # Panics
    /// Where the value cannot be written as JSON.
    pub fn claim(mut self, path: &str, value: impl Serialize) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "a test's own mistake, reported where it is made"
        )]
        let value = serde_json::to_value(value).expect("a claim must be JSON");
        insert_claim(&mut self.claims, path, value);
        self
    }

    /// When the token expires.
    pub fn expires_at(self, at: SystemTime) -> Self {
        let since = at
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        self.claim("exp", since.as_secs())
    }

    /// Our own client id: `roles` of a policy mean realm roles or the roles of this client.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.rules.client_id = client_id.into();
        self
    }

    /// As with a client that is not declared by
    /// [`complete_tokens_from`](crate::KeycloakBuilder::complete_tokens_from): what was not said
    /// about the user, they may have all the same, so that negated terms refuse them.
    pub fn incomplete_token(mut self) -> Self {
        self.complete = false;
        self
    }

    /// The user.
    #[must_use]
    pub fn build(mut self) -> User {
        if let (true, Some(Value::String(client))) = (self.complete, self.claims.get("azp")) {
            self.rules.complete_clients = [client.clone()].into();
        }
        User::from_claims(&self.claims, &Arc::new(self.rules))
    }
}

impl fmt::Debug for UserBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserBuilder").finish_non_exhaustive()
    }
}

/// Appends to the list at `path`, making what is missing on the way.
fn push(claims: &mut Map<String, Value>, path: &[&str], item: String) {
    let [first, rest @ ..] = path else { return };
    let member = claims.entry(*first).or_insert_with(|| match rest {
        [] => json!([]),
        _ => json!({}),
    });
    match (member, rest) {
        (Value::Array(items), []) => items.push(Value::String(item)),
        (Value::Object(inner), rest) => push(inner, rest, item),
        // A claim that the test has set to another shape stays as it is.
        _ => {}
    }
}

/// The guard that a protected handler takes as its first argument, or the refusal.
///
/// `check` functions see an empty request head; one that has to wait for something counts as
/// unanswered here, and [`guard_for`] waits for it. `require` terms are answered by the handler.
///
/// # Errors
/// 403 where the policy does not hold; the reason is in [`AuthError::details`].
pub fn guard<G: ProtectedGuard>(user: &User) -> Result<G, Rejection> {
    at_once(G::offline(Some(user), &empty_parts()))
}

/// [`guard`] for `check` functions that look at the request or that wait.
///
/// # Errors
/// As [`guard`].
pub async fn guard_for<G: ProtectedGuard>(user: &User, parts: &Parts) -> Result<G, Rejection> {
    Ok(G::offline(Some(user), parts).await?)
}

/// The guard for a caller without credentials: only an `optional` policy has one.
///
/// # Errors
/// 401 for every other policy.
pub fn anonymous<G: ProtectedGuard>() -> Result<G, Rejection> {
    at_once(G::offline(None, &empty_parts()))
}

/// The result of a future that does not wait; a refusal where it would.
fn at_once<G>(decision: impl Future<Output = Result<G, AuthError>>) -> Result<G, Rejection> {
    decision
        .now_or_never()
        .unwrap_or_else(|| Err(AuthError::new(Fault::Forbidden)))
        .map_err(Rejection::from)
}

/// The first parameter of a protected handler: the compiler finds out which.
pub trait ProtectedGuard: Sized + sealed::Offline {}

impl<P: HasPolicy<Questions = Settled>> ProtectedGuard for Guard<P> {}
impl<P: HasPolicy<Questions = Asking>> ProtectedGuard for PendingGuard<P> {}

#[expect(unnameable_types, reason = "so that no other crate can implement them")]
mod sealed {
    use super::{Asking, AuthError, Guard, HasPolicy, Parts, PendingGuard, Settled, User};

    /// The decision for a user that a test made.
    pub trait Offline: Sized {
        fn offline(
            user: Option<&User>,
            parts: &Parts,
        ) -> impl Future<Output = Result<Self, AuthError>> + Send;
    }

    impl<P: HasPolicy<Questions = Settled>> Offline for Guard<P> {
        async fn offline(user: Option<&User>, parts: &Parts) -> Result<Self, AuthError> {
            Self::offline(user, parts).await
        }
    }

    impl<P: HasPolicy<Questions = Asking>> Offline for PendingGuard<P> {
        async fn offline(user: Option<&User>, parts: &Parts) -> Result<Self, AuthError> {
            Self::offline(user, parts).await
        }
    }
}

/// The head of a request whose route has these path parameters, for [`guard_for`] and policies such
/// as `groups = ["/wards/{ward}/nurses"]`.
///
/// ```
/// use keycloak::testing::{guard_for, path, user};
///
/// #[keycloak::protected(groups = ["/wards/{ward}/nurses"])]
/// async fn ward() {}
///
/// # async fn test() -> Result<(), keycloak::Rejection> {
/// let joy = user("joy").group("/wards/7/nurses").build();
/// ward(guard_for(&joy, &path([("ward", "7")])).await?).await;
/// # Ok(())
/// # }
/// # futures_util::FutureExt::now_or_never(test()).unwrap().unwrap();
/// ```
#[must_use]
pub fn path<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Parts {
    let mut parts = empty_parts();
    let values = values.into_iter().collect();
    parts.extensions.insert(PathValues(values));
    parts
}

/// The first argument of a `#[keycloak::public]` handler.
#[must_use]
pub fn public() -> PublicGuard {
    PublicGuard::offline()
}

fn empty_parts() -> Parts {
    Request::new(()).into_parts().0
}

/// A policy as generated code declares it.
#[cfg(test)]
pub(crate) fn declared(
    policy: crate::policy::term::Policy,
) -> crate::policy::declaration::Declared {
    let place = crate::policy::declaration::Place {
        handler: "",
        module: "",
        file: "",
        line: 0,
    };
    crate::policy::declaration::Declared::__by_an_attribute(policy, place)
}

#[cfg(test)]
mod tests;
