//! Calls through a proxy: only where the settings name one, by a URL or by the environment.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    http::{Request, StatusCode, header::PROXY_AUTHORIZATION},
};
use keycloak::{Keycloak, KeycloakBuilder, Proxy};

/// What the proxy was asked for, and with which credentials.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

/// A proxy that notes what it is asked for and gives nothing.
async fn proxy() -> (String, Asked) {
    let asked = Asked::default();
    let notes = Arc::clone(&asked);
    let router = Router::new().fallback(move |request: Request<axum::body::Body>| {
        let credentials = request.headers().get(PROXY_AUTHORIZATION);
        let credentials = credentials.map_or("", |value| value.to_str().unwrap());
        let target = request.uri().to_string();
        let seen = (target, credentials.to_owned());
        notes.lock().unwrap().push(seen);
        async { StatusCode::BAD_GATEWAY }
    });
    (support::serve(router).await, asked)
}

fn behind(server_url: &str) -> KeycloakBuilder {
    Keycloak::builder()
        .server_url(server_url)
        .realm("demo")
        .client_id("api")
}

const KEYCLOAK: &str = "http://keycloak.invalid:8080";
const DISCOVERY: &str = "http://keycloak.invalid:8080/realms/demo/.well-known/openid-configuration";

#[tokio::test]
async fn calls_go_through_the_proxy_of_the_settings() {
    let (url, asked) = proxy().await;
    let with_credentials = url.replace("http://", "http://user:hunter2@");
    let keycloak = behind(KEYCLOAK).proxy(&with_credentials).build().unwrap();
    let error = keycloak.ready().await.unwrap_err();
    let seen = asked.lock().unwrap()[0].clone();
    // user:hunter2
    let credentials = "Basic dXNlcjpodW50ZXIy".to_owned();
    assert_eq!(seen, (DISCOVERY.to_owned(), credentials));
    let shown = format!("{error} {error:?} {keycloak:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_an_error_without_its_credentials() {
    let keycloak = behind(KEYCLOAK)
        .proxy("http://user:hunter2@127.0.0.1:9")
        .build()
        .unwrap();
    let error = keycloak.ready().await.unwrap_err();
    let report = keycloak.run_diagnostics().await;
    let shown = format!("{error} {error:?} {report:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn the_word_env_is_the_environment() {
    assert_eq!(
        format!("{:?}", Proxy::from("env")),
        format!("{:?}", Proxy::from_env())
    );
}

/// The environment cannot be changed safely in a process with threads, so a child reads it.
#[tokio::test]
async fn the_environment_counts_where_the_settings_say_so_and_nowhere_else() {
    let (url, asked) = proxy().await;
    let calls = async |how: &str, variables: &[(&str, &str)]| {
        asked.lock().unwrap().clear();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args([
                "--exact",
                "integration::proxy::in_a_child",
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .env("HOW", how)
            .envs(variables.iter().copied());
        let output = tokio::task::spawn_blocking(move || child.output()).await;
        let output = output.unwrap().unwrap();
        assert!(output.status.success(), "{output:?}");
        asked.lock().unwrap().iter().any(|seen| seen.0 == DISCOVERY)
    };
    let set = ("HTTP_PROXY", url.as_str());
    assert!(calls("env", &[set]).await);
    assert!(calls("env", &[("http_proxy", &url)]).await);
    assert!(calls("env", &[("ALL_PROXY", &url)]).await);
    assert!(!calls("off", &[set, ("ALL_PROXY", &url)]).await);
    assert!(!calls("env", &[set, ("NO_PROXY", "keycloak.invalid")]).await);
    assert!(!calls("env", &[("HTTPS_PROXY", &url)]).await);
}

#[tokio::test]
#[ignore = "run by the_environment_counts_where_the_settings_say_so_and_nowhere_else"]
async fn in_a_child() {
    let mut builder = behind(KEYCLOAK);
    if std::env::var("HOW").unwrap() == "env" {
        builder = builder.proxy(Proxy::from_env());
    }
    assert!(builder.build().unwrap().ready().await.is_err());
}
