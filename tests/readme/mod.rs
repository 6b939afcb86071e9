//! What the README shows is what happens: its refusals are those of compiler and service.
//!
//! Its Rust blocks are compiled and run as documentation tests of the support crate.

use std::{fs, path::Path};

use axum::{Router, extract::FromRef, routing::get};
use keycloak::{Keycloak, User, dev::Realm};

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    fs::read_to_string(path).expect("the README")
}

/// `ui` compiles the case and compares with this file.
#[test]
fn the_refusal_at_compile_time_is_the_compilers() {
    let readme = readme();
    let expected = include_str!("../ui/fail/readme/refusal.stderr");
    let lines = expected.lines().filter(|line| !line.starts_with(" -->"));
    for line in lines {
        assert!(
            readme.lines().any(|shown| shown == line),
            "the README does not show: {line}"
        );
    }
}

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

#[keycloak::protected(roles = ["admin"])]
async fn admin(user: User) -> String {
    user.subject().to_owned()
}

#[tokio::test]
async fn the_refusal_at_run_time_is_the_services() {
    let realm = Realm::from_export("../examples/quickstart-realm.json")
        .expect("a good export")
        .start()
        .await
        .expect("a loopback port");
    let keycloak = realm.keycloak("demo-api").build().expect("good settings");
    let router = Router::new()
        .route("/admin", get(admin))
        .with_state(App { keycloak });
    let url = support::serve(router).await;

    let token = realm.token("bob").await.expect("bob is in the realm");
    let answer = reqwest::Client::new()
        .get(format!("{url}/admin"))
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    let readme = readme();
    let status = format!("HTTP/1.1 {}", answer.status());
    assert!(readme.contains(&status), "{status}");
    for name in ["content-type", "www-authenticate"] {
        let value = answer.headers()[name].to_str().expect("text");
        let line = format!("{name}: {value}");
        assert!(readme.contains(&line), "{line}");
    }
    let body = answer.text().await.expect("a body");
    assert!(readme.contains(&body), "{body}");
}

/// The two commands and the files that the README names are there.
#[test]
fn files_that_are_named_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for link in readme().split("](").skip(1) {
        let target = link.split(')').next().unwrap_or_default();
        if !target.starts_with("http") {
            assert!(root.join(target).is_file(), "{target}");
        }
    }
}
