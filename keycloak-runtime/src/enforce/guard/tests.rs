//! The protocol between a guard and the body of a handler with `require` terms.

use serde_json::json;

use super::*;
use crate::{
    policy::answer::Answer as _,
    policy::term::{Mode, Policy, Set, Term},
    testing,
};

macro_rules! policy {
    ($name:ident, $($term:expr),+ $(,)?) => {
        enum $name {}
        impl HasPolicy for $name {
            type Questions = Asking;

            fn declared() -> Declared {
                let policy = Policy::__new(&[$($term),+], stringify!($name));
                testing::declared(policy)
            }
        }
    };
}

const ADMIN: Term = Term::roles(Set {
    mode: Mode::All,
    items: &["admin"],
    templates: false,
});

policy!(Owner, Term::Require(0, "user.subject() == id"));
policy!(AdminOrOwner, Term::Any(&[ADMIN, Term::Require(0, "owner")]));
policy!(Both, Term::Require(0, "first"), Term::Require(1, "second"));
policy!(
    Either,
    Term::Any(&[Term::Require(0, "first"), Term::Require(1, "second")])
);
policy!(AdminAndOwner, ADMIN, Term::Require(0, "owner"));

/// Plays the generated body: answers what is asked, and tells what was asked.
fn play<P: HasPolicy<Questions = Asking>>(
    user: &User,
    answers: &[bool],
) -> (Result<(), u16>, Vec<u8>) {
    let guard = match testing::guard::<PendingGuard<P>>(user) {
        Ok(guard) => guard,
        Err(rejection) => return (Err(rejection.status().as_u16()), Vec::new()),
    };
    let mut pending = guard.pending();
    let mut asked = Vec::new();
    for (number, answer) in (0..).zip(answers) {
        if pending.needs(number) {
            asked.push(number);
            pending.answer(number, (*answer).answered());
        }
    }
    (
        pending
            .finish()
            .map_err(|rejection| rejection.status().as_u16()),
        asked,
    )
}

#[test]
fn require_is_asked_only_while_it_matters() {
    let admin = testing::user("a").realm_role("admin").build();
    let other = testing::user("b").build();
    assert_eq!(play::<Owner>(&other, &[true]), (Ok(()), vec![0]));
    assert_eq!(play::<Owner>(&other, &[false]), (Err(403), vec![0]));
    assert_eq!(play::<AdminOrOwner>(&admin, &[false]), (Ok(()), vec![]));
    assert_eq!(play::<AdminOrOwner>(&other, &[true]), (Ok(()), vec![0]));
    assert_eq!(play::<AdminAndOwner>(&other, &[true]), (Err(403), vec![]));
    assert_eq!(play::<AdminAndOwner>(&admin, &[true]), (Ok(()), vec![0]));
    assert_eq!(play::<Both>(&other, &[true, true]), (Ok(()), vec![0, 1]));
    assert_eq!(play::<Both>(&other, &[false, true]), (Err(403), vec![0]));
    assert_eq!(play::<Either>(&other, &[true, false]), (Ok(()), vec![0]));
    assert_eq!(play::<Either>(&other, &[false, true]), (Ok(()), vec![0, 1]));
    assert_eq!(
        play::<Either>(&other, &[false, false]),
        (Err(403), vec![0, 1])
    );
}

#[test]
fn an_unanswered_require_admits_nobody() {
    let user = testing::user("a").build();
    assert!(
        testing::guard::<PendingGuard<Owner>>(&user)
            .unwrap()
            .pending()
            .finish()
            .is_err()
    );
}

#[test]
fn what_a_settled_guard_cannot_ask_is_refused() {
    enum Forgotten {}
    impl HasPolicy for Forgotten {
        type Questions = Settled;

        fn declared() -> Declared {
            Owner::declared()
        }
    }
    let user = testing::user("a").build();
    let refused = testing::guard::<Guard<Forgotten>>(&user).unwrap_err();
    assert_eq!(refused.status(), 403);
}

#[test]
fn who_is_asked_is_a_known_caller() {
    enum Optional {}
    impl HasPolicy for Optional {
        type Questions = Asking;

        fn declared() -> Declared {
            testing::declared(Policy::__optional())
        }
    }
    let refused = testing::anonymous::<PendingGuard<Optional>>().unwrap_err();
    assert_eq!(refused.status(), 401);
}

#[test]
fn a_foreign_state_is_enough_when_it_holds_the_instance() {
    struct App(Keycloak);
    impl FromRef<App> for Keycloak {
        fn from_ref(app: &App) -> Self {
            app.0.clone()
        }
    }
    fn assert_extracts<T: FromRequestParts<S>, S>() {}
    fn assert_optional<S: Sync>()
    where
        Option<User>: FromRequestParts<S>,
    {
    }
    assert_extracts::<PendingGuard<Owner>, App>();
    assert_extracts::<User, App>();
    assert_extracts::<PublicGuard, ()>();
    assert_optional::<App>();
}

#[test]
fn explains_what_was_required_and_had() {
    let user = testing::user("a").realm_role("user").build();
    let rejection = testing::guard::<PendingGuard<AdminAndOwner>>(&user).unwrap_err();
    let expected = json!({
        "policy": "AdminAndOwner",
        "outcome": "not met",
        "terms": [
            {
                "term": "roles = [\"admin\"]", "outcome": "not met", "missing": ["admin"],
                "caller_has": {"realm roles": ["user"], "roles of client \"test-client\"": []},
            },
            {"term": "require = owner", "outcome": "depends on the request"},
        ],
    });
    assert_eq!(rejection.error().details(), Some(&expected));
}
