//! `TokenCheck::LocalThenIntrospect`: the token must be good here, and then Keycloak's answer decides.

use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use keycloak::{Keycloak, ManualClock, TokenCheck, User};
use proptest::{
    prelude::*,
    sample::{Index, select},
    strategy::ValueTree as _,
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use support::{
    issuer::Issuer,
    mint::{SigningKey, claims, now, with},
};

use super::introspection::{CLIENT, ENDPOINT, active, builder, key, outcome, token};

/// An issuer with one key, and an application that asks it after its own look, and remembers nothing.
async fn scene(check: TokenCheck) -> (SigningKey, Issuer, Keycloak) {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = asking(&issuer, check);
    (key, issuer, keycloak)
}

fn asking(issuer: &Issuer, check: TokenCheck) -> Keycloak {
    builder(issuer)
        .token_check(check)
        .introspection_ttl(Duration::ZERO)
        .authorized_parties(["web", "mobile"])
        .build()
        .unwrap()
}

fn says(issuer: &Issuer, changes: Value) {
    let answer = with(&active(issuer), changes);
    issuer.answer(ENDPOINT, StatusCode::OK, answer.to_string());
}

#[tokio::test]
async fn local_then_introspection_needs_both() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    issuer.answer(ENDPOINT, StatusCode::OK, active(&issuer).to_string());
    let keycloak = builder(&issuer)
        .token_check(TokenCheck::LocalThenIntrospect)
        .build()
        .unwrap();
    let good = key.token(&claims(&issuer.issuer(), CLIENT, "alice"));
    let foreign = key.token(&claims(&issuer.issuer(), "account", "alice"));
    assert_eq!(outcome(&keycloak, &foreign).await, (401, "invalid_claims"));
    assert_eq!(issuer.posts().len(), 0, "not asked about what fails here");
    assert_eq!(outcome(&keycloak, &good).await.0, 200);
    assert_eq!(outcome(&keycloak, &good).await.0, 200);
    assert_eq!(issuer.posts().len(), 1, "remembered");
    issuer.answer(ENDPOINT, StatusCode::OK, r#"{"active":false}"#);
    let other = key.token(&claims(&issuer.issuer(), CLIENT, "bob"));
    assert_eq!(outcome(&keycloak, &other).await, (401, "token_inactive"));
}

#[tokio::test]
async fn a_role_taken_away_is_gone_and_a_role_given_counts() {
    let (key, issuer, keycloak) = scene(TokenCheck::LocalThenIntrospect).await;
    let clerk = json!({ "realm_access": { "roles": ["clerk"] }, "groups": ["/ops"] });
    let plain = with(&claims(&issuer.issuer(), CLIENT, "alice"), clerk);
    let token = key.token(&plain);
    let none = json!({ "realm_access": null, "groups": null, "department": null });
    says(&issuer, none);
    let user = keycloak.authenticate_token(&token).await.unwrap();
    assert!(!user.has_role("clerk") && !user.in_group("/ops"));
    let now_suspended =
        json!({ "realm_access": { "roles": ["suspended"] }, "department": "sales" });
    says(&issuer, now_suspended);
    let user = keycloak.authenticate_token(&token).await.unwrap();
    assert_eq!(user.realm_roles().to_vec(), ["suspended"]);
    assert_eq!(user.claim::<String>("department").as_deref(), Some("sales"));
    assert!(!user.in_group("/ops"), "nothing of the token is left");
}

/// Mappers write into tokens and into answers by two switches, so the answer may leave out what the
/// signed token shows; and what was taken away since is gone.
#[tokio::test]
async fn absence_is_proven_only_where_token_and_answer_agree() {
    let free = keycloak::policy!(
        not(realm_roles = ["suspended"]),
        not(groups = ["/banned"]),
        claim("departments") = none["x"]
    );
    let nothing = json!({
        "realm_access": null, "resource_access": null, "groups": null, "departments": null
    });
    // Something that holds, where a case is about something else.
    let other = json!({ "departments": ["other"] });
    let roles = |roles: &[&str]| json!({ "realm_access": { "roles": roles } });
    let groups = |groups: &[&str]| json!({ "groups": groups });
    let departments = |names: &[&str]| json!({ "departments": names });
    for check in [TokenCheck::LocalThenIntrospect, TokenCheck::Introspect] {
        let key = key();
        let issuer = Issuer::start(&[&key]).await;
        let keycloak = builder(&issuer)
            .token_check(check)
            .introspection_ttl(Duration::ZERO)
            .complete_tokens_from(["web"])
            .build()
            .unwrap();
        let good = claims(&issuer.issuer(), CLIENT, "alice");
        for (stated, answered, holds) in [
            (json!({}), json!({}), true),
            // A list that the answer leaves out altogether.
            (roles(&["suspended"]), json!({}), false),
            (roles(&["user"]), json!({}), false),
            (groups(&["/banned"]), json!({}), false),
            (groups(&["/staff"]), json!({}), false),
            (json!({ "realm_access": "?" }), json!({}), false),
            (
                json!({ "resource_access": { "api": { "roles": ["reader"] } } }),
                json!({}),
                false,
            ),
            // A shorter one: only the names that it lacks are in doubt.
            (roles(&["clerk", "user"]), roles(&["user"]), true),
            (roles(&["suspended", "user"]), roles(&["user"]), false),
            (groups(&["/banned", "/staff"]), groups(&["/staff"]), false),
            (groups(&["/a", "/staff"]), groups(&["/staff"]), true),
            (
                json!({ "resource_access": { "api": { "roles": ["reader"] } } }),
                json!({ "resource_access": { "account": { "roles": ["view-profile"] } } }),
                true,
            ),
            (departments(&["x", "y"]), departments(&["y"]), false),
            (departments(&["x", "y"]), departments(&["y", "z"]), false),
            (departments(&["y"]), departments(&["y", "z"]), true),
            // A lightweight token leaves to the answer what it does not say.
            (json!({}), departments(&["y"]), true),
            // What the answer shows, it shows.
            (json!({}), roles(&["suspended"]), false),
        ] {
            let stated = with(&with(&good, nothing.clone()), stated);
            let answered = with(&with(&nothing, other.clone()), answered);
            says(&issuer, answered.clone());
            let user = keycloak
                .authenticate_token(&key.token(&stated))
                .await
                .unwrap();
            let reason = free.explain(&user);
            assert_eq!(
                reason.is_met(),
                holds,
                "{check:?} {stated} {answered}: {reason:#}"
            );
        }
    }
}

#[tokio::test]
async fn every_rule_holds_for_the_token_and_for_the_answer() {
    let (key, issuer, keycloak) = scene(TokenCheck::LocalThenIntrospect).await;
    let alice = claims(&issuer.issuer(), CLIENT, "alice");
    for (bad, code) in [
        (json!({ "iss": "https://evil" }), "invalid_claims"),
        (json!({ "iss": null }), "missing_claim"),
        (json!({ "aud": "account" }), "invalid_claims"),
        (json!({ "aud": null }), "missing_claim"),
        (json!({ "exp": now() - 60 }), "token_expired"),
        (json!({ "exp": null }), "missing_claim"),
        (json!({ "exp": "4102444800" }), "invalid_claims"),
        (json!({ "nbf": now() + 600 }), "invalid_claims"),
        (json!({ "iat": now() + 600 }), "invalid_claims"),
        (json!({ "typ": "ID" }), "invalid_claims"),
        (json!({ "typ": null }), "missing_claim"),
        (json!({ "azp": null }), "missing_claim"),
        (json!({ "sub": null }), "missing_claim"),
        (json!({ "cnf": { "jkt": "x" } }), "invalid_claims"),
    ] {
        // A session of its own: what is refused too often is not asked about.
        let session = json!({ "sid": bad.to_string() });
        says(&issuer, session.clone());
        let asked = issuer.posts().len();
        let good = with(&alice, session.clone());
        let token = key.token(&with(&good, bad.clone()));
        assert_eq!(
            outcome(&keycloak, &token).await,
            (401, code),
            "token: {bad}"
        );
        assert_eq!(
            issuer.posts().len(),
            asked,
            "asked about a token with {bad}"
        );
        let mut answered = bad.clone();
        answered["sid"] = session["sid"].clone();
        says(&issuer, answered);
        let token = key.token(&good);
        assert_eq!(
            outcome(&keycloak, &token).await,
            (401, code),
            "answer: {bad}"
        );
        says(&issuer, session);
        assert_eq!(outcome(&keycloak, &token).await.0, 200);
    }
}

#[tokio::test]
async fn an_answer_about_another_token_is_no_answer() {
    for check in [TokenCheck::LocalThenIntrospect, TokenCheck::Introspect] {
        let (key, issuer, keycloak) = scene(check).await;
        let token = token(&key, &issuer);
        for name in ["sub", "jti", "azp", "sid"] {
            says(&issuer, json!({ name: "mobile" }));
            let refused = (503, "introspection_service_error");
            assert_eq!(outcome(&keycloak, &token).await, refused, "{name}");
        }
        // A claim that only one of them has is not a difference.
        for name in ["jti", "sid"] {
            says(&issuer, json!({ name: null }));
            assert_eq!(outcome(&keycloak, &token).await.0, 200, "{name}");
        }
    }
}

#[tokio::test]
async fn neither_is_remembered_past_its_exp() {
    for check in [TokenCheck::LocalThenIntrospect, TokenCheck::Introspect] {
        let key = key();
        let issuer = Issuer::start(&[&key]).await;
        let clock = ManualClock::new(SystemTime::now());
        let keycloak = builder(&issuer)
            .token_check(check)
            .introspection_ttl(Duration::from_secs(60))
            .clock(clock.clone())
            .build()
            .unwrap();
        let short = json!({ "exp": now() + 20 });
        let good = claims(&issuer.issuer(), CLIENT, "alice");
        says(&issuer, json!({}));
        let token = key.token(&with(&good, short.clone()));
        assert_eq!(outcome(&keycloak, &token).await.0, 200);
        says(&issuer, short);
        let answered = key.token(&good);
        assert_eq!(outcome(&keycloak, &answered).await.0, 200);
        clock.advance(Duration::from_secs(40));
        for token in [&token, &answered] {
            assert_eq!(
                outcome(&keycloak, token).await,
                (401, "token_expired"),
                "{check:?}"
            );
        }
    }
}

/// The values that a claim may have in the property; the first is the good one.
fn values(issuer: &str) -> Vec<(&'static str, Vec<Value>)> {
    let now = now();
    vec![
        (
            "iss",
            vec![
                json!(issuer),
                json!("https://evil"),
                json!(null),
                json!([issuer]),
            ],
        ),
        (
            "aud",
            vec![
                json!(CLIENT),
                json!([CLIENT, "x"]),
                json!("account"),
                json!(null),
                json!([7]),
            ],
        ),
        (
            "sub",
            vec![
                json!("alice"),
                json!("bob"),
                json!(""),
                json!(null),
                json!(7),
            ],
        ),
        (
            "exp",
            vec![
                json!(now + 300),
                json!(now + 9_000),
                json!(now - 60),
                json!(null),
                json!("1"),
            ],
        ),
        (
            "nbf",
            vec![json!(null), json!(now), json!(now + 600), json!(true)],
        ),
        ("iat", vec![json!(now), json!(null), json!(now + 600)]),
        (
            "typ",
            vec![
                json!("Bearer"),
                json!("bearer"),
                json!("Refresh"),
                json!(null),
            ],
        ),
        (
            "azp",
            vec![
                json!("web"),
                json!("mobile"),
                json!("evil"),
                json!(null),
                json!(7),
            ],
        ),
        ("jti", vec![json!("j"), json!("k"), json!(null), json!(7)]),
        (
            "sid",
            vec![json!("s"), json!("t"), json!(null), json!(["s"])],
        ),
        ("cnf", vec![json!(null), json!({}), json!({ "jkt": "x" })]),
        (
            "active",
            vec![json!(true), json!(false), json!("true"), json!(null)],
        ),
        (
            "groups",
            vec![json!(["/ops"]), json!([]), json!(null), json!("/ops")],
        ),
        (
            "realm_access",
            vec![
                json!({ "roles": ["user"] }),
                json!({ "roles": ["user", "suspended"] }),
                json!({ "roles": 7 }),
                json!(null),
            ],
        ),
    ]
}

/// Claims with up to two members that are not the good ones.
fn drawn(values: &[(&'static str, Vec<Value>)]) -> impl Strategy<Value = Value> {
    let good: serde_json::Map<String, Value> = values
        .iter()
        .map(|(name, values)| ((*name).to_owned(), values[0].clone()))
        .collect();
    let good = with(&Value::Object(good.clone()), Value::Object(good));
    let change = (select(values.to_vec()), any::<Index>())
        .prop_map(|((name, values), index)| json!({ name: values[index.index(values.len())] }));
    proptest::collection::vec(change, 0..3).prop_map(move |changes| {
        changes
            .into_iter()
            .fold(good.clone(), |all, one| with(&all, one))
    })
}

/// A session and a subject of its own: what is refused too often is not asked about.
fn of_case(mut claims: Value, number: usize) -> Value {
    for name in ["sid", "sub"] {
        if let Some(Value::String(text)) = claims.get_mut(name) {
            text.push_str(&number.to_string());
        }
    }
    claims
}

fn facts(user: &User) -> Value {
    serde_json::to_value(user).unwrap()
}

/// The law: to look first can only refuse more. Whoever is admitted by both looks is admitted by
/// Keycloak's answer alone, and is the same user.
#[tokio::test]
async fn admitted_by_both_looks_is_admitted_by_the_answer_alone() {
    let (key, issuer, both) = scene(TokenCheck::LocalThenIntrospect).await;
    let answer_alone = asking(&issuer, TokenCheck::Introspect);
    let values = values(&issuer.issuer());
    let cases = (drawn(&values), drawn(&values));
    let mut runner = TestRunner::deterministic();
    let mut counts = [0; 3];
    for number in 0..600 {
        let (stated, answered) = cases.new_tree(&mut runner).unwrap().current();
        let (stated, answered) = (of_case(stated, number), of_case(answered, number));
        let token = key.token(&stated);
        issuer.answer(ENDPOINT, StatusCode::OK, answered.to_string());
        let by_both = both.authenticate_token(&token).await;
        let by_answer = answer_alone.authenticate_token(&token).await;
        match (&by_both, &by_answer) {
            (Ok(user), Ok(same)) => assert_eq!(facts(user), facts(same)),
            (Ok(_), Err(error)) => panic!("{error}: token {stated}, answer {answered}"),
            (Err(_), _) => {}
        }
        counts[0] += usize::from(by_both.is_ok());
        counts[1] += usize::from(by_both.is_err() && by_answer.is_ok());
        counts[2] += usize::from(by_answer.is_err());
    }
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}
