//! A single-page application with Keycloak's own adapter from npm (keycloak-js), default options,
//! at the embedded realm.

use axum::{Router, http::header::CONTENT_TYPE, response::Html, routing::get};
use keycloak::{
    Keycloak, User,
    dev::{Realm, RunningRealm},
};
use serde_json::json;
use support::browser::{Browser, keycloak_js};

#[keycloak::protected]
async fn me(user: User) -> String {
    user.username().unwrap_or_default().to_owned()
}

/// The realm, with the client of an application at `origins`.
async fn realm(origins: &[String]) -> RunningRealm {
    let redirects: Vec<_> = origins.iter().map(|origin| format!("{origin}/*")).collect();
    let export = json!({
        "realm": "spa",
        "clients": [
            {
                "clientId": "spa", "enabled": true, "publicClient": true,
                "standardFlowEnabled": true, "redirectUris": redirects, "webOrigins": ["+"],
                "attributes": {"pkce.code.challenge.method": "S256"},
            },
            {"clientId": "api", "enabled": true, "secret": "s3cret"},
        ],
        "users": [{
            "username": "alice", "enabled": true, "email": "alice@example.com",
            "firstName": "Alice", "lastName": "Archer",
            "credentials": [{"type": "password", "value": "alice-password"}],
        }],
    });
    let realm = Realm::from_export(export).expect("a realm");
    realm.start().await.expect("the realm starts")
}

fn app(keycloak: Keycloak, adapter: String) -> Router {
    Router::new()
        .route("/", get(Html(include_str!("adapter.html"))))
        .route("/me", get(me))
        .route(
            "/keycloak.js",
            get(([(CONTENT_TYPE, "text/javascript")], adapter)),
        )
        .with_state(keycloak)
}

/// Signs in, refreshes, comes back, signs out; the names are those of application and realm.
async fn check(app_host: &str, realm_host: &str, frames: &str) {
    let (browser, adapter) = match Browser::find().and_then(|found| Ok((found, keycloak_js()?))) {
        Ok(found) => found,
        Err(reason) => return support::skip("the browser suite", &reason),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let origin = format!("http://{app_host}:{port}");
    let realm = realm(std::slice::from_ref(&origin)).await;
    let keycloak = realm
        .keycloak("api")
        .any_audience()
        .build()
        .expect("settings");
    let router = app(keycloak, adapter);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = json!({
        "app": format!("{origin}/"),
        "realm": realm.server_url().replace("127.0.0.1", realm_host),
        "frames": frames,
    });
    let name = format!("adapter-{app_host}-{realm_host}");
    let run = move || browser.run("adapter.js", &name, settings);
    let seen = tokio::task::spawn_blocking(run).await.expect("the script");
    assert_eq!(seen["user"], "alice", "{seen:#}");
    assert_eq!(seen["me"], "200 alice", "{seen:#}");
    assert_eq!(seen["refreshed"], "true another token", "{seen:#}");
    assert_eq!(seen["afterRefresh"], "200 alice", "{seen:#}");
    assert_eq!(seen["cameBack"], "alice", "{seen:#}");
    assert_eq!(seen["signedOut"], "nobody", "{seen:#}");
    assert_eq!(seen["console"], json!([]), "{seen:#}");
    assert_eq!(seen["cookies"], frames, "{seen:#}");
    let asked = seen["statusAnswers"].as_array().expect("answers");
    let unchanged = asked.iter().any(|status| status == 204);
    assert_eq!(unchanged, frames == "supported", "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keycloaks_own_adapter_signs_in_refreshes_and_signs_out() {
    check("127.0.0.1", "127.0.0.1", "supported").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adapter_works_under_the_name_localhost_too() {
    check("localhost", "localhost", "supported").await;
}
