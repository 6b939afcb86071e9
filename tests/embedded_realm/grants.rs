//! The token endpoint: the same requests were sent to Keycloak 26.7.3, and these are its answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    client::{claims, part, password, token},
    fixture::rich,
};

/// The strings of an array, in any order.
#[track_caller]
fn set(value: &Value) -> BTreeSet<&str> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no array: {value}"))
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_password_grant_gives_keycloaks_claims() {
    let realm = rich().await;
    let body = password(&realm, "api", "alice", "").await;
    assert_eq!(body["expires_in"], 300);
    assert_eq!(body["refresh_expires_in"], 1800);
    assert_eq!(body["token_type"], "Bearer");
    assert!(body.get("id_token").is_none());

    let header = part(body["access_token"].as_str().unwrap(), 0);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["typ"], "JWT");
    assert_eq!(header["kid"], realm.signing_key_id());

    let claims = claims(&body, "access_token");
    assert_eq!(claims["iss"], realm.issuer_url());
    assert_eq!(claims["aud"], "api");
    assert_eq!(claims["azp"], "api");
    assert_eq!(claims["typ"], "Bearer");
    assert_eq!(claims["acr"], "1");
    assert_eq!(claims["sid"], body["session_state"]);
    assert_eq!(claims["allowed-origins"], json!(["http://127.0.0.1:8000"]));
    let roles = BTreeSet::from(["admin", "auditor", "extra", "user"]);
    assert_eq!(set(&claims["realm_access"]["roles"]), roles);
    let roles = &claims["resource_access"]["api"]["roles"];
    assert_eq!(set(roles), BTreeSet::from(["read", "write"]));
    assert_eq!(claims["resource_access"].as_object().unwrap().len(), 1);
    assert_eq!(claims["groups"], json!(["/ops"]));
    assert!(claims["jti"].as_str().unwrap().starts_with("onrtro:"));
    assert!(claims.get("auth_time").is_none());
    // Mappers of the client.
    assert_eq!(claims["tenant"], json!({"name": "acme"}));
    assert_eq!(claims["lit.dot"], 42);
    assert_eq!(claims["flag"], true);
    assert_eq!(claims["js"], json!({"a": [1, 2]}));
    assert_eq!(claims["dept"], json!(["a", "b"]));
    assert_eq!(claims["dept_single"], "a");
    assert_eq!(claims["mail"], "alice@example.com");
    let prefixed = BTreeSet::from(["R_admin", "R_auditor", "R_extra", "R_user"]);
    assert_eq!(set(&claims["roles"]), prefixed);
    assert_eq!(
        set(&claims["api_roles"]),
        BTreeSet::from(["A_read", "A_write"])
    );
    // Scopes `profile` and `email`.
    assert_eq!(claims["preferred_username"], "alice");
    assert_eq!(claims["name"], "Alice Ant");
    assert_eq!(claims["email_verified"], true);
    let scope: BTreeSet<_> = claims["scope"].as_str().unwrap().split(' ').collect();
    assert_eq!(scope, BTreeSet::from(["email", "profile"]));
}

#[tokio::test]
async fn roles_of_other_clients_bring_their_audience() {
    let realm = rich().await;
    let bob = claims(&password(&realm, "api", "bob", "").await, "access_token");
    assert_eq!(set(&bob["aud"]), BTreeSet::from(["account", "api"]));
    assert_eq!(
        bob["resource_access"]["account"]["roles"],
        json!(["view-profile"])
    );
    assert!(bob.get("groups").is_none());

    // A client's own roles make it no audience of its tokens, and without mapper there is none.
    let dave = claims(&password(&realm, "other", "dave", "").await, "access_token");
    assert!(dave.get("aud").is_none());
    assert!(dave.get("realm_access").is_none());
    assert_eq!(
        dave["resource_access"],
        json!({"other": {"roles": ["admin"]}})
    );
}

#[tokio::test]
async fn groups_pass_on_roles_and_attributes() {
    let realm = rich().await;
    let carol = claims(&password(&realm, "api", "carol", "").await, "access_token");
    assert_eq!(
        set(&carol["groups"]),
        BTreeSet::from(["/eng/backend", "/ops"])
    );
    let roles = &carol["resource_access"]["api"]["roles"];
    assert_eq!(set(roles), BTreeSet::from(["read", "write"]));
    assert_eq!(carol["floor"], 3);
    // A mapper without full path gives names.
    let alice = claims(&password(&realm, "web", "alice", "").await, "access_token");
    assert_eq!(alice["groups"], json!(["ops"]));
    let dave = claims(&password(&realm, "api", "dave", "").await, "access_token");
    assert_eq!(dave["groups"], json!(["/eng/front/end"]));
}

#[tokio::test]
async fn a_client_without_full_scope_gets_only_mapped_roles() {
    let realm = rich().await;
    let alice = claims(
        &password(&realm, "narrow", "alice", "").await,
        "access_token",
    );
    assert_eq!(alice["realm_access"], json!({"roles": ["user"]}));
    assert_eq!(
        alice["resource_access"],
        json!({"api": {"roles": ["read"]}})
    );
    assert_eq!(alice["aud"], "api");
    let dave = claims(
        &password(&realm, "narrow", "dave", "").await,
        "access_token",
    );
    for absent in ["aud", "realm_access", "resource_access"] {
        assert!(dave.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn scopes_decide_which_claims_there_are() {
    let realm = rich().await;
    let body = password(&realm, "ps", "alice", "profile").await;
    let claims_of = claims(&body, "access_token");
    assert_eq!(
        part(body["access_token"].as_str().unwrap(), 0)["alg"],
        "PS384"
    );
    assert_eq!(claims_of["scope"], "profile");
    assert_eq!(claims_of["name"], "Alice Ant");
    for absent in ["acr", "aud", "realm_access", "allowed-origins", "email"] {
        assert!(claims_of.get(absent).is_none(), "{absent}");
    }
    let body = password(&realm, "ps", "alice", "roles").await;
    let claims_of = claims(&body, "access_token");
    assert_eq!(claims_of["scope"], "");
    assert_eq!(claims_of["aud"], "api");
}

#[tokio::test]
async fn id_and_refresh_tokens_are_marked_as_such() {
    let realm = rich().await;
    let body = password(&realm, "web", "alice", "openid email").await;
    let id = claims(&body, "id_token");
    assert_eq!(id["typ"], "ID");
    assert_eq!(set(&id["aud"]), BTreeSet::from(["api", "web"]));
    assert!(id.get("at_hash").is_some() && id.get("realm_access").is_none());
    let refresh = body["refresh_token"].as_str().unwrap();
    assert_eq!(part(refresh, 0)["alg"], "HS512");
    assert_eq!(part(refresh, 0)["typ"], "JWT");
    let claims = part(refresh, 1);
    assert_eq!(claims["typ"], "Refresh");
    assert_eq!(claims["aud"], realm.issuer_url());
}

#[tokio::test]
async fn lightweight_tokens_carry_next_to_nothing() {
    let realm = rich().await;
    let body = password(&realm, "light", "alice", "openid").await;
    let access = claims(&body, "access_token");
    let names: BTreeSet<_> = access
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "aud", "azp", "exp", "iat", "iss", "jti", "scope", "sid", "typ",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert!(access["jti"].as_str().unwrap().starts_with("onltro:"));
    assert_eq!(claims(&body, "id_token")["name"], "Alice Ant");
}

#[tokio::test]
async fn clients_choose_algorithm_life_and_header() {
    let realm = rich().await;
    let body = password(&realm, "es", "alice", "").await;
    assert_eq!(body["expires_in"], 77);
    assert_eq!(
        part(body["access_token"].as_str().unwrap(), 0)["alg"],
        "ES256"
    );
    let body = password(&realm, "ed", "bob", "").await;
    assert_eq!(
        part(body["access_token"].as_str().unwrap(), 0)["alg"],
        "EdDSA"
    );
    let body = password(&realm, "athdr", "bob", "").await;
    assert_eq!(
        part(body["access_token"].as_str().unwrap(), 0)["typ"],
        "at+jwt"
    );
}

#[tokio::test]
async fn service_accounts_have_tokens_without_session() {
    let realm = rich().await;
    let form = |client, secret| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
        ]
    };
    // Listed among the users: just the roles given there.
    let (status, body) = token(&realm, &form("api", "api-secret")).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["refresh_expires_in"], 0);
    assert!(body.get("refresh_token").is_none() && body.get("session_state").is_none());
    let access = claims(&body, "access_token");
    assert!(access["jti"].as_str().unwrap().starts_with("trrtcc:"));
    assert!(access.get("sid").is_none() && access.get("client_id").is_none());
    let roles = &access["realm_access"]["roles"];
    assert_eq!(set(roles), BTreeSet::from(["auditor", "extra"]));
    assert_eq!(access["preferred_username"], "service-account-api");
    // Not listed: the default role, and the scope that names the client.
    let (_, body) = token(&realm, &form("other", "other-secret")).await;
    let access = claims(&body, "access_token");
    let expected = BTreeSet::from(["default-roles-rich", "offline_access", "uma_authorization"]);
    assert_eq!(set(&access["realm_access"]["roles"]), expected);
    assert_eq!(access["aud"], "account");
    assert_eq!(access["client_id"], "other");
}

const MACHINE: keycloak::Policy = keycloak::policy!(service_account = true, callers = ["other"]);

#[tokio::test]
async fn policies_tell_service_accounts_from_users() {
    let realm = rich().await;
    let keycloak = realm.keycloak("api").any_audience().build().unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "other"),
        ("client_secret", "other-secret"),
    ];
    let (_, body) = token(&realm, &form).await;
    let machine = body["access_token"].as_str().unwrap();
    let machine = keycloak.authenticate_token(machine).await.unwrap();
    assert!(machine.is_service_account());
    assert!(
        MACHINE.explain(&machine).is_met(),
        "{:#}",
        MACHINE.explain(&machine)
    );
    let body = password(&realm, "api", "alice", "").await;
    let person = body["access_token"].as_str().unwrap();
    let person = keycloak.authenticate_token(person).await.unwrap();
    assert!(!person.is_service_account());
    let reason = MACHINE.explain(&person).to_string();
    assert!(
        reason.contains("caller has a token of client [\"api\"]"),
        "{reason}"
    );
}

#[tokio::test]
async fn names_are_compared_without_case_and_addresses_count() {
    let realm = rich().await;
    for name in ["Alice", "alice@example.com"] {
        let form = [
            ("grant_type", "password"),
            ("client_id", "web"),
            ("username", name),
            ("password", "alice-password"),
        ];
        let (status, body) = token(&realm, &form).await;
        assert_eq!(status, 200, "{body}");
    }
}

type Form<'a> = Vec<(&'a str, &'a str)>;

#[tokio::test]
async fn refusals_are_keycloaks() {
    let realm = rich().await;
    let api = [("client_id", "api"), ("client_secret", "api-secret")];
    let alice = [("username", "alice"), ("password", "alice-password")];
    let grant = |name: &'static str| [("grant_type", name)];
    let invalid = "Invalid client or Invalid client credentials";
    let cases: Vec<(Form<'_>, u16, &str, &str)> = vec![
        (
            [
                &grant("password")[..],
                &api,
                &[("username", "alice"), ("password", "x")],
            ]
            .concat(),
            400,
            "invalid_grant",
            "Invalid user credentials",
        ),
        (
            [
                &grant("password")[..],
                &api,
                &[("username", "nobody"), ("password", "x")],
            ]
            .concat(),
            400,
            "invalid_grant",
            "Invalid user credentials",
        ),
        (
            [&grant("password")[..], &api].concat(),
            401,
            "invalid_request",
            "Missing parameter: username",
        ),
        (
            [
                &grant("password")[..],
                &api,
                &[("username", "disabled"), ("password", "disabled-password")],
            ]
            .concat(),
            400,
            "invalid_grant",
            "Account disabled",
        ),
        (
            [
                &grant("password")[..],
                &api,
                &[
                    ("username", "noprofile"),
                    ("password", "noprofile-password"),
                ],
            ]
            .concat(),
            400,
            "invalid_grant",
            "Account is not fully set up",
        ),
        (
            [&grant("password")[..], &api, &alice, &[("scope", "nope")]].concat(),
            400,
            "invalid_scope",
            "Invalid scopes: nope",
        ),
        (
            [
                &grant("password")[..],
                &alice,
                &[("client_id", "web"), ("scope", "offline_access")],
            ]
            .concat(),
            400,
            "not_allowed",
            "Offline tokens not allowed for the user or client",
        ),
        (
            [
                &grant("password")[..],
                &[("client_id", "api"), ("client_secret", "x")],
            ]
            .concat(),
            401,
            "unauthorized_client",
            invalid,
        ),
        (
            [&grant("password")[..], &[("client_id", "api")]].concat(),
            401,
            "unauthorized_client",
            invalid,
        ),
        (grant("password").to_vec(), 401, "invalid_client", invalid),
        (
            [&grant("password")[..], &[("client_id", "unknown")]].concat(),
            401,
            "invalid_client",
            invalid,
        ),
        (
            [
                &grant("password")[..],
                &[("client_id", "off"), ("client_secret", "off-secret")],
            ]
            .concat(),
            401,
            "invalid_client",
            invalid,
        ),
        (
            api.to_vec(),
            400,
            "invalid_request",
            "Missing form parameter: grant_type",
        ),
        (
            [&grant("magic")[..], &api].concat(),
            400,
            "unsupported_grant_type",
            "Unsupported grant_type",
        ),
        (
            [&grant("client_credentials")[..], &[("client_id", "web")]].concat(),
            401,
            "unauthorized_client",
            "Public client not allowed to retrieve service account",
        ),
        (
            [
                &grant("client_credentials")[..],
                &[("client_id", "narrow"), ("client_secret", "narrow-secret")],
            ]
            .concat(),
            401,
            "unauthorized_client",
            "Client not enabled to retrieve service account",
        ),
        (
            [
                &grant("password")[..],
                &alice,
                &[
                    ("client_id", "nodirect"),
                    ("client_secret", "nodirect-secret"),
                ],
            ]
            .concat(),
            400,
            "unauthorized_client",
            "Client not allowed for direct access grants",
        ),
        (
            [&grant("refresh_token")[..], &[("client_id", "web")]].concat(),
            400,
            "invalid_request",
            "No refresh token",
        ),
        (
            [
                &grant("refresh_token")[..],
                &[("client_id", "web"), ("refresh_token", "junk")],
            ]
            .concat(),
            400,
            "invalid_grant",
            "Invalid refresh token",
        ),
    ];
    for (form, status, error, description) in cases {
        let (got, body) = token(&realm, &form).await;
        assert_eq!(got.as_u16(), status, "{form:?} {body}");
        let expected = json!({"error": error, "error_description": description});
        assert_eq!(body, expected, "{form:?}");
    }
}

#[tokio::test]
async fn refreshing_keeps_the_session_and_checks_the_client() {
    let realm = rich().await;
    let body = password(&realm, "web", "alice", "openid").await;
    let refresh = body["refresh_token"].as_str().unwrap();
    let form = |client, token| {
        [
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", token),
        ]
    };
    let (status, fresh) = token(&realm, &form("web", refresh)).await;
    assert_eq!(status, 200, "{fresh}");
    assert_eq!(fresh["session_state"], body["session_state"]);
    let access = claims(&fresh, "access_token");
    assert!(access["jti"].as_str().unwrap().starts_with("onrtrt:"));
    assert!(fresh.get("id_token").is_some());
    // An access token is not a refresh token.
    let access = body["access_token"].as_str().unwrap();
    let (status, refused) = token(&realm, &form("web", access)).await;
    assert_eq!(
        (status.as_u16(), &refused["error"]),
        (400, &json!("invalid_grant"))
    );
    // Another client's refresh token is refused.
    let other = [
        &form("api", refresh)[..],
        &[("client_secret", "api-secret")],
    ]
    .concat();
    let (status, refused) = token(&realm, &other).await;
    assert_eq!(status, 400);
    let expected = "Invalid refresh token. Token client and authorized client don't match";
    assert_eq!(refused["error_description"], expected);
}

#[tokio::test]
async fn who_acts_as_a_user_is_told_apart() {
    const OWN: keycloak::Policy = keycloak::policy!(impersonated = false);
    const SUPPORT: keycloak::Policy = keycloak::policy!(impersonated = true);
    let realm = rich().await;
    let keycloak = realm.keycloak("api").any_audience().build().unwrap();
    let own = realm.token("alice").await.unwrap();
    let own = keycloak.authenticate_token(&own).await.unwrap();
    assert!(OWN.admits(&own) && !SUPPORT.admits(&own) && own.actor().is_none());
    let acted = realm.token("alice").impersonated_by("bob").await.unwrap();
    let acted = keycloak.authenticate_token(&acted).await.unwrap();
    assert!(SUPPORT.admits(&acted) && !OWN.admits(&acted));
    assert_eq!(acted.username(), Some("alice"));
    let bob = realm.token("bob").await.unwrap();
    let bob = keycloak.authenticate_token(&bob).await.unwrap();
    assert_eq!(acted.actor(), Some(bob.subject()));
    assert_eq!(
        (acted.acr(), acted.issuer()),
        (Some("1"), Some(realm.issuer_url()))
    );
    assert!(acted.token_id().is_some() && acted.session_id().is_some());
    assert!(
        acted.authenticated_at().is_none(),
        "no page of the realm was used"
    );
    let claims: Option<BTreeMap<String, Value>> = acted.claims_as();
    assert!(claims.is_some_and(|claims| claims.contains_key("act")));
    assert!(
        realm
            .token("alice")
            .impersonated_by("nobody-here")
            .await
            .is_err()
    );
}
