//! Introspection, userinfo, revocation, logout, discovery, and what holds for all of them.

use reqwest::{
    Method, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HOST, ORIGIN, WWW_AUTHENTICATE},
};
use serde_json::{Value, json};

use super::{
    client::{http, part, password, post, token},
    fixture::rich,
};

fn introspection<'a>(client: &'a str, secret: &'a str, token: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("client_id", client),
        ("client_secret", secret),
        ("token", token),
    ]
}

#[tokio::test]
async fn introspection_answers_clients_in_the_audience_only() {
    let realm = rich().await;
    let body = password(&realm, "api", "alice", "openid").await;
    let access = body["access_token"].as_str().unwrap();
    let ask = async |client: &str, secret: &str, token: &str| {
        let form = introspection(client, secret, token);
        post(&realm, "token/introspect", &form).await
    };
    let (status, answer) = ask("api", "api-secret", access).await;
    assert_eq!(status, 200);
    assert_eq!(answer["active"], true);
    assert_eq!(answer["username"], "alice");
    assert_eq!(answer["client_id"], "api");
    assert_eq!(answer["token_type"], "Bearer");
    for (name, value) in part(access, 1).as_object().unwrap() {
        assert_eq!(&answer[name], value, "{name}");
    }
    let inactive = json!({"active": false});
    // Not even the client that a token was issued to.
    let other = password(&realm, "other", "alice", "").await;
    let others = other["access_token"].as_str().unwrap();
    assert_eq!(ask("other", "other-secret", others).await.1, inactive);
    assert_eq!(ask("other", "other-secret", access).await.1, inactive);
    assert_eq!(ask("api", "api-secret", others).await.1["active"], true);
    let refresh = body["refresh_token"].as_str().unwrap();
    assert_eq!(ask("api", "api-secret", refresh).await.1, inactive);
    assert_eq!(ask("api", "api-secret", "junk").await.1, inactive);

    let (status, refused) = ask("api", "wrong", access).await;
    assert_eq!(
        (status, &refused["error"]),
        (StatusCode::UNAUTHORIZED, &json!("invalid_client"))
    );
    let (status, _) = ask("web", "", access).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let form = [("client_id", "api"), ("client_secret", "api-secret")];
    assert_eq!(post(&realm, "token/introspect", &form).await.0, 400);

    assert_eq!(realm.revoke_sessions("alice"), 2);
    assert_eq!(ask("api", "api-secret", access).await.1, inactive);
    // Service accounts have no session that could end.
    let own = realm.client_token("api").await.unwrap();
    assert_eq!(ask("api", "api-secret", &own).await.1["active"], true);
}

#[tokio::test]
async fn introspection_tells_what_lightweight_tokens_leave_out() {
    let realm = rich().await;
    let token = realm.token("alice").client("light").await.unwrap();
    assert!(part(&token, 1).get("realm_access").is_none());
    let (_, answer) = post(
        &realm,
        "token/introspect",
        &introspection("api", "api-secret", &token),
    )
    .await;
    assert_eq!(answer["active"], true);
    assert_eq!(answer["preferred_username"], "alice");
    let roles = answer["realm_access"]["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("admin")));
    assert!(answer.get("sub").is_some());
}

#[tokio::test]
async fn userinfo_asks_for_the_openid_scope() {
    let realm = rich().await;
    let url = format!("{}/protocol/openid-connect/userinfo", realm.issuer_url());
    let ask = |token: &str| http().get(&url).bearer_auth(token).send();
    let body = password(&realm, "api", "alice", "openid").await;
    let access = body["access_token"].as_str().unwrap();
    let answer: Value = ask(access).await.unwrap().json().await.unwrap();
    assert_eq!(answer["sub"], part(access, 1)["sub"]);
    assert_eq!(answer["preferred_username"], "alice");
    assert_eq!(answer["groups"], json!(["/ops"]));
    assert!(answer.get("realm_access").is_none());

    let challenge = |response: &reqwest::Response| {
        response.headers()[WWW_AUTHENTICATE]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let plain = password(&realm, "api", "alice", "").await;
    let refused = ask(plain["access_token"].as_str().unwrap()).await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(challenge(&refused).contains("insufficient_scope"));
    for bad in [
        "junk",
        body["refresh_token"].as_str().unwrap(),
        body["id_token"].as_str().unwrap(),
    ] {
        let refused = ask(bad).await.unwrap();
        assert_eq!(refused.status(), 401);
        assert!(challenge(&refused).contains("Token verification failed"));
    }
    let none = http().get(&url).send().await.unwrap();
    assert_eq!(challenge(&none), "Bearer realm=\"rich\"");
    realm.revoke_all_sessions();
    let refused = ask(access).await.unwrap();
    assert!(challenge(&refused).contains("user_session_not_found"));
}

#[tokio::test]
async fn revocation_ends_a_token_or_its_session() {
    let realm = rich().await;
    let active = async |token: &str| {
        let form = introspection("api", "api-secret", token);
        post(&realm, "token/introspect", &form).await.1["active"] == true
    };
    let body = password(&realm, "api", "alice", "").await;
    let access = body["access_token"].as_str().unwrap();
    let refresh = body["refresh_token"].as_str().unwrap();
    assert_eq!(
        post(
            &realm,
            "revoke",
            &introspection("api", "api-secret", access)
        )
        .await
        .0,
        200
    );
    assert!(!active(access).await);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "api"),
        ("client_secret", "api-secret"),
        ("refresh_token", refresh),
    ];
    // The session went on; revoking the refresh token ends it.
    assert_eq!(token(&realm, &form).await.0, 200);
    let (status, refused) = post(
        &realm,
        "revoke",
        &introspection("other", "other-secret", refresh),
    )
    .await;
    assert_eq!(
        (status.as_u16(), &refused["error_description"]),
        (400, &json!("Unmatching clients"))
    );
    assert_eq!(
        post(
            &realm,
            "revoke",
            &introspection("api", "api-secret", refresh)
        )
        .await
        .0,
        200
    );
    assert_eq!(
        token(&realm, &form).await.1["error_description"],
        "Session not active"
    );
    let (status, junk) = post(
        &realm,
        "revoke",
        &introspection("api", "api-secret", "junk"),
    )
    .await;
    assert_eq!(
        (status.as_u16(), &junk["error"]),
        (200, &json!("invalid_token"))
    );
}

#[tokio::test]
async fn logging_out_with_the_refresh_token_ends_the_session() {
    let realm = rich().await;
    let body = password(&realm, "api", "alice", "").await;
    let form = |token| {
        [
            ("client_id", "api"),
            ("client_secret", "api-secret"),
            ("refresh_token", token),
        ]
    };
    assert_eq!(post(&realm, "logout", &form("junk")).await.0, 400);
    let refresh = body["refresh_token"].as_str().unwrap();
    assert_eq!(post(&realm, "logout", &form(refresh)).await.0, 204);
    let access = body["access_token"].as_str().unwrap();
    let (_, answer) = post(
        &realm,
        "token/introspect",
        &introspection("api", "api-secret", access),
    )
    .await;
    assert_eq!(answer, json!({"active": false}));
}

#[tokio::test]
async fn discovery_names_the_endpoints_there_are() {
    let realm = rich().await;
    let url = format!("{}/.well-known/openid-configuration", realm.issuer_url());
    let answer = http().get(url).send().await.unwrap();
    let cache = answer.headers()[CACHE_CONTROL].to_str().unwrap();
    assert!(cache.starts_with("no-cache"));
    let metadata: Value = answer.json().await.unwrap();
    assert_eq!(metadata["issuer"], realm.issuer_url());
    for (name, url) in metadata.as_object().unwrap() {
        let Some(url) = url
            .as_str()
            .filter(|_| name.ends_with("_endpoint") || name == "jwks_uri")
        else {
            continue;
        };
        let status = http().get(url).send().await.unwrap().status();
        assert_ne!(status, 404, "{name}");
    }
}

#[tokio::test]
async fn other_realms_paths_methods_and_hosts_are_refused() {
    let realm = rich().await;
    let base = realm.server_url().to_owned();
    let get = |path: &str| http().get(format!("{base}{path}")).send();
    let unknown = get("/realms/nope/protocol/openid-connect/certs")
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
    let body: Value = unknown.json().await.unwrap();
    assert_eq!(body, json!({"error": "Realm does not exist"}));
    assert_eq!(get("/realms/rich/nope").await.unwrap().status(), 404);
    assert_eq!(get("/").await.unwrap().status(), 404);
    let token = get("/realms/rich/protocol/openid-connect/token")
        .await
        .unwrap();
    assert_eq!(token.status(), 405);
    let rebound = http().get(realm.issuer_url()).header(HOST, "evil.example");
    assert_eq!(rebound.send().await.unwrap().status(), 403);
    let json = http().post(format!(
        "{}/protocol/openid-connect/token",
        realm.issuer_url()
    ));
    let refused = json.header("content-type", "application/json").body("{}");
    assert_eq!(refused.send().await.unwrap().status(), 415);
    let twice = http().post(format!(
        "{}/protocol/openid-connect/token",
        realm.issuer_url()
    ));
    let form = [("grant_type", "password"), ("grant_type", "password")];
    let refused: Value = twice
        .form(&form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(refused["error_description"], "duplicated parameter");
}

#[tokio::test]
async fn browsers_of_registered_origins_may_read_tokens() {
    let realm = rich().await;
    let url = format!("{}/protocol/openid-connect/token", realm.issuer_url());
    let form = [
        ("grant_type", "password"),
        ("client_id", "web"),
        ("username", "alice"),
        ("password", "alice-password"),
    ];
    let from = |origin: &'static str| http().post(&url).header(ORIGIN, origin).form(&form).send();
    let allowed = from("http://127.0.0.1:8000").await.unwrap();
    assert_eq!(allowed.status(), 200);
    assert_eq!(
        allowed.headers()[ACCESS_CONTROL_ALLOW_ORIGIN],
        "http://127.0.0.1:8000"
    );
    let refused = from("http://evil.example").await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(refused.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
    let preflight = http().request(Method::OPTIONS, &url);
    let preflight = preflight
        .header(ORIGIN, "http://127.0.0.1:8000")
        .header("access-control-request-method", "POST");
    let preflight = preflight.send().await.unwrap();
    assert_eq!(preflight.status(), 200);
    assert!(
        preflight
            .headers()
            .contains_key("access-control-allow-methods")
    );
    let certs = format!("{}/protocol/openid-connect/certs", realm.issuer_url());
    let certs = http()
        .get(certs)
        .header(ORIGIN, "http://any.example")
        .send()
        .await
        .unwrap();
    assert_eq!(
        certs.headers()[ACCESS_CONTROL_ALLOW_ORIGIN],
        "http://any.example"
    );
}
