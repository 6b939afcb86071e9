//! Reading claims: what is absent, what is malformed, what is there.

use super::*;
use serde_json::json;

fn rules() -> Arc<ClaimRules> {
    Arc::new(ClaimRules {
        client_id: "api".to_owned(),
        groups_claim: "groups".to_owned(),
        complete_clients: Box::default(),
        name_only_groups: false,
    })
}

fn from(claims: Value) -> User {
    let Value::Object(claims) = claims else {
        panic!("claims are an object")
    };
    User::from_claims(&claims, &rules())
}

#[test]
fn what_is_not_shown_is_lacked_where_the_client_is_declared() {
    let mut declared = (*rules()).clone();
    declared.complete_clients = Box::new(["web".to_owned()]);
    let declared = Arc::new(declared);
    let read = |claims: Value, rules: &Arc<ClaimRules>| {
        let Value::Object(claims) = claims else {
            panic!("claims are an object")
        };
        User::from_claims(&claims, rules)
    };
    let claims =
        json!({"sub": "1", "azp": "web", "realm_access": {"roles": ["a"]}, "groups": ["/g"]});
    let user = read(claims.clone(), &declared);
    assert!(user.lacks_role("b") && !user.lacks_role("a"));
    assert!(user.is_outside_group("/h") && !user.is_outside_group("/g"));
    let user = read(claims, &rules());
    assert!(!user.lacks_role("b") && !user.lacks_role("a"));
    assert!(!user.is_outside_group("/h") && !user.is_outside_group("/g"));
}

#[test]
fn roles_come_from_their_own_claim_only() {
    let user = from(json!({
        "sub": "1",
        "realm_access": {"roles": ["b", "a"]},
        "resource_access": {"api": {"roles": ["own"]}, "other": {"roles": ["foreign"]}},
        "roles": ["top"],
    }));
    assert_eq!(user.realm_roles(), ["a", "b"]);
    assert_eq!(user.client_roles("api"), ["own"]);
    assert_eq!(user.client_roles("API").len(), 0);
    for (role, expected) in [
        ("a", true),
        ("own", true),
        ("foreign", false),
        ("top", false),
    ] {
        assert_eq!(user.has_role(role), expected, "{role}");
    }
}

#[test]
fn malformed_containers_grant_nothing_and_crash_nothing() {
    let shapes = [
        json!(null),
        json!(true),
        json!(1),
        json!("a"),
        json!([]),
        json!(["a"]),
        json!({"roles": null}),
        json!({"roles": "a"}),
        json!({"roles": {"a": "a"}}),
        json!({"roles": ["a", 1]}),
        json!({"roles": [["a"]]}),
        json!({"api": ["a"]}),
        json!({"api": {"roles": "a"}}),
        json!({"api": null}),
    ];
    for shape in shapes {
        let user = from(json!({
            "sub": "1", "realm_access": shape, "resource_access": shape, "groups": shape,
            "scope": shape,
        }));
        assert!(user.realm_roles().is_empty(), "{shape}");
        assert!(user.client_roles("api").is_empty(), "{shape}");
        assert!(!user.has_role("a"), "{shape}");
    }
}

#[test]
fn an_unnamed_login_falls_back_to_the_introspected_name() {
    assert_eq!(from(json!({"username": "bob"})).username(), Some("bob"));
    let both = from(json!({"username": "bob", "preferred_username": "alice"}));
    assert_eq!(both.username(), Some("alice"));
    assert_eq!(from(json!({"preferred_username": 1})).username(), None);
}

#[test]
fn expiry_is_never_later_than_the_claim() {
    let at = |exp: Value| {
        let since = from(json!({"exp": exp})).expires_at();
        since.duration_since(SystemTime::UNIX_EPOCH).unwrap()
    };
    assert_eq!(at(json!(10)), Duration::from_secs(10));
    assert_eq!(at(json!(10.5)), Duration::from_millis(10_500));
    assert_eq!(at(json!(-1)), Duration::ZERO);
    assert_eq!(at(json!(1e300)), Duration::ZERO);
    assert_eq!(at(json!("10")), Duration::ZERO);
}

#[test]
fn serializes_as_the_python_user_model() {
    let user = from(json!({
        "sub": "1", "preferred_username": "alice", "email": "a@example.com",
        "email_verified": true, "given_name": "A", "family_name": "B", "name": "A B",
        "realm_access": {"roles": ["admin"]}, "resource_access": {"api": {"roles": ["own"]}},
        "groups": ["/ops"], "scope": "openid", "secret_claim": "x",
    }));
    let expected = json!({
        "sub": "1", "username": "alice", "preferred_username": "alice",
        "email": "a@example.com", "email_verified": true, "given_name": "A",
        "family_name": "B", "name": "A B", "roles": ["admin", "own"], "groups": ["/ops"],
        "scopes": ["openid"],
    });
    assert_eq!(serde_json::to_value(&user).unwrap(), expected);
    assert_eq!(
        serde_json::to_value(from(json!({"sub": "2"}))).unwrap()["email"],
        json!(null)
    );
}

#[test]
fn debug_shows_no_claim() {
    let user = from(json!({"sub": "subject-4711", "email": "alice@example.com"}));
    assert_eq!(format!("{user:?}"), "User { .. }");
}

#[test]
fn claims_are_read_as_the_type_asked_for() {
    let user = from(json!({"n": 5, "nested": {"list": ["x"]}}));
    assert_eq!(user.claim::<u8>("n"), Some(5));
    assert_eq!(user.claim::<String>("n"), None);
    assert_eq!(
        user.claim::<Vec<String>>("nested.list"),
        Some(vec!["x".to_owned()])
    );
    assert_eq!(user.claim::<Vec<&str>>("nested.list"), Some(vec!["x"]));
    assert_eq!(user.claim::<Value>("absent"), None);
}
