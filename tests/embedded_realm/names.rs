//! The realm under each of its names, and the frames of Keycloak's browser adapter.

use axum::{Router, body::Body, http::Request, routing::get};
use keycloak::User;
use reqwest::{
    StatusCode,
    header::{CONTENT_SECURITY_POLICY, COOKIE, HOST, LOCATION, SET_COOKIE},
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{
    client::{http, part},
    fixture::rich,
};

const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

#[keycloak::protected]
async fn anybody(_: User) {}

#[tokio::test]
async fn the_issuer_is_the_name_that_was_asked_for_and_the_service_accepts_each() {
    let realm = rich().await;
    let keycloak = realm.keycloak("api").build().unwrap();
    let app = Router::new()
        .route("/", get(anybody))
        .with_state(keycloak.clone());
    let port = realm.server_url().rsplit(':').next().unwrap();
    for name in NAMES {
        let host = format!("{name}:{port}");
        let discovery = format!("{}/.well-known/openid-configuration", realm.issuer_url());
        let document: Value = http()
            .get(discovery)
            .header(HOST, &host)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let issuer = realm.issuer_url().replace("127.0.0.1", name);
        assert_eq!(document["issuer"], issuer);
        let form = [
            ("grant_type", "password"),
            ("client_id", "api"),
            ("client_secret", "api-secret"),
            ("username", "alice"),
            ("password", "alice-password"),
        ];
        let path = format!("{}/protocol/openid-connect/token", realm.issuer_url());
        let answer = http().post(&path).header(HOST, &host).form(&form);
        let answer: Value = answer.send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap();
        assert_eq!(part(token, 1)["iss"], issuer);
        let request = Request::get("/")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty());
        let admitted = app.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(admitted.status(), StatusCode::OK, "{name}");
        // Sessions and keys are those of the one realm.
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "api"),
            ("client_secret", "api-secret"),
            ("refresh_token", answer["refresh_token"].as_str().unwrap()),
        ];
        let other = http().post(&path).form(&form).send().await.unwrap();
        assert_eq!(other.status(), StatusCode::OK, "{name}");
    }
    for stranger in ["evil.example", "localhost.evil.example", "127.0.0.1.evil"] {
        let refused = http().get(realm.issuer_url()).header(HOST, stranger);
        let refused = refused.send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{stranger}");
    }
}

#[tokio::test]
async fn the_status_frame_tells_origins_of_the_client_only() {
    let realm = rich().await;
    let frame = format!(
        "{}/protocol/openid-connect/login-status-iframe.html",
        realm.issuer_url()
    );
    let page = http().get(&frame).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers().get("x-frame-options").is_none());
    let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"));
    let ask = async |query: &str| {
        let answer = http().get(format!("{frame}/init?{query}"));
        answer.send().await.unwrap().status().as_u16()
    };
    let origin = "origin=http%3A%2F%2F127.0.0.1%3A9000";
    assert_eq!(ask(&format!("client_id=web&{origin}")).await, 204);
    let nobody = format!("client_id=web&{origin}&session_state=");
    assert_eq!(ask(&nobody).await, 204);
    let gone = format!("client_id=web&{origin}&session_state=ended");
    assert_eq!(ask(&gone).await, 200);
    for query in [
        "client_id=web&origin=https%3A%2F%2Fevil.example",
        "client_id=web",
        "origin=http%3A%2F%2F127.0.0.1%3A9000",
        "",
    ] {
        assert_eq!(ask(query).await, 403, "{query}");
    }
    // Other pages stay unframed.
    let other = http().get(realm.issuer_url()).send().await.unwrap();
    assert_eq!(other.headers()["x-frame-options"], "SAMEORIGIN");
}

#[tokio::test]
async fn the_cookie_frame_says_whether_the_cookie_came_back() {
    let realm = rich().await;
    let step = |number: u8| {
        let issuer = realm.issuer_url();
        format!("{issuer}/protocol/openid-connect/3p-cookies/step{number}.html")
    };
    let first = http().get(step(1)).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::FOUND);
    assert_eq!(first.headers()[LOCATION], "step2.html");
    let cookie = first.headers()[SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let with = http().get(step(2)).header(COOKIE, cookie);
    let with = with.send().await.unwrap().text().await.unwrap();
    assert!(with.contains(r#"postMessage("supported""#), "{with}");
    let without = http().get(step(2)).send().await.unwrap();
    let without = without.text().await.unwrap();
    assert!(
        without.contains(r#"postMessage("unsupported""#),
        "{without}"
    );
}
