//! Builders make the claims that Keycloak would.

use super::*;
use crate::{
    policy::declaration::Declared,
    policy::term::{Mode, Policy, Set, Term},
};

enum Admin {}
impl HasPolicy for Admin {
    type Questions = Settled;

    fn declared() -> Declared {
        declared(Policy::__new(
            const {
                &[Term::roles(Set {
                    mode: Mode::All,
                    items: &["admin"],
                    templates: false,
                })]
            },
            "roles = [\"admin\"]",
        ))
    }
}

enum Anyone {}
impl HasPolicy for Anyone {
    type Questions = Settled;

    fn declared() -> Declared {
        declared(Policy::__optional())
    }
}

#[test]
fn a_service_account_is_one_of_its_own_client_only() {
    let person = user("alice").authorized_party("jobs").build();
    assert_eq!(person.authorized_party(), Some("jobs"));
    assert!(!person.is_service_account());
    let account = user("x").service_account("Jobs").build();
    assert_eq!(account.username(), Some("service-account-jobs"));
    assert!(account.is_service_account());
    // A name alone, and one of another client, prove nothing.
    let named = user("service-account-jobs")
        .authorized_party("jobs")
        .build();
    let exchanged = user("x")
        .service_account("jobs")
        .authorized_party("web")
        .build();
    // Nor does another claim stand in for the name.
    let nameless = user("x")
        .service_account("jobs")
        .claim("preferred_username", ["service-account-jobs"])
        .claim("username", "alice")
        .build();
    for unproven in [named, exchanged, nameless] {
        assert!(!unproven.is_service_account());
        for term in [true, false] {
            let policy = if term {
                crate::policy!(service_account = true, crate = crate)
            } else {
                crate::policy!(service_account = false, crate = crate)
            };
            assert!(!policy.explain(&unproven).is_met());
        }
    }
}

#[test]
fn a_user_has_what_the_builder_was_told() {
    let user = user("alice")
        .subject("4711")
        .email("alice@example.com")
        .name("Alice A")
        .realm_role("user")
        .realm_role("admin")
        .client_role("demo-api", "reader")
        .group("ops")
        .group("/eng/backend")
        .scope("openid")
        .scope("email")
        .claim("address.country", "CH")
        .expires_at(SystemTime::UNIX_EPOCH + Duration::from_secs(9))
        .build();
    assert_eq!(user.subject(), "4711");
    assert_eq!(user.username(), Some("alice"));
    assert_eq!(user.email(), Some("alice@example.com"));
    assert_eq!(user.name(), Some("Alice A"));
    assert_eq!(user.realm_roles(), ["admin", "user"]);
    assert_eq!(user.client_roles("demo-api"), ["reader"]);
    assert_eq!(user.groups(), ["/eng/backend", "/ops"]);
    assert_eq!(user.scopes(), ["email", "openid"]);
    assert_eq!(user.claim::<&str>("address.country"), Some("CH"));
    assert_eq!(
        user.expires_at(),
        SystemTime::UNIX_EPOCH + Duration::from_secs(9)
    );
}

#[test]
fn the_guard_is_the_policy() {
    assert!(guard::<Guard<Admin>>(&user("a").realm_role("admin").build()).is_ok());
    let own = user("a")
        .client_id("api")
        .client_role("api", "admin")
        .build();
    assert!(guard::<Guard<Admin>>(&own).is_ok());
    let foreign = user("a")
        .client_id("api")
        .client_role("other", "admin")
        .build();
    let refused = guard::<Guard<Admin>>(&foreign).unwrap_err();
    assert_eq!(refused.error().code(), "missing_roles");
    assert!(refused.error().details().is_some());
}

#[test]
fn only_an_optional_policy_admits_nobody_in_particular() {
    assert!(anonymous::<Guard<Anyone>>().is_ok());
    assert_eq!(anonymous::<Guard<Admin>>().unwrap_err().status(), 401);
    assert!(guard::<Guard<Anyone>>(&user("a").build()).is_ok());
}
