//! How a service's own tests use the embedded realm: personas, expiry, rotation, outage.
//!
//! ```sh
//! cargo run --example embedded_realm      # the story, step by step
//! cargo test --example embedded_realm     # the same as a test
//! ```
//! In a real project the realm export lies in the repository, is the same file that the Keycloak
//! of production imports, and these steps are `#[tokio::test]`s of their own.

use std::{error::Error, time::Duration};

use axum::{Router, extract::FromRef, http::StatusCode, routing::get};
use keycloak::{
    Keycloak, User,
    dev::{Endpoint, Realm},
};

/// The service under test.
#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
}

#[keycloak::protected(roles = ["admin"])]
async fn admin(user: User) -> String {
    format!("Hello, {}", user.username().unwrap_or("admin"))
}

fn service(keycloak: Keycloak) -> Router {
    let routes = Router::new().route("/admin", get(admin));
    routes.with_state(App { keycloak })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    story().await
}

async fn story() -> Result<(), Box<dyn Error>> {
    let export = concat!(env!("CARGO_MANIFEST_DIR"), "/quickstart-realm.json");
    let realm = Realm::from_export(export)?.start().await?;
    let service = service(realm.keycloak("demo-api").build()?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/admin", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, service).await });

    println!("Every persona meets the policy of /admin:");
    for persona in realm.personas() {
        let token = realm.token(&persona.username).await?;
        let expected = if persona.realm_roles.iter().any(|role| role == "admin") {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        };
        expect(&persona.username, &url, &token, expected).await?;
    }

    println!("Tokens that are not for us, or no access tokens, are refused:");
    // Not alice: her roles of demo-api make it an audience of every client's tokens.
    let foreign = realm.token("bob").client("other-app").await?;
    expect(
        "for another client",
        &url,
        &foreign,
        StatusCode::UNAUTHORIZED,
    )
    .await?;
    let all = realm.token("alice").scopes(["openid"]).issue()?;
    let id_token = all.id_token().unwrap_or_default();
    expect("an ID token", &url, id_token, StatusCode::UNAUTHORIZED).await?;

    println!("Time passes without waiting:");
    let token = realm.token("alice").await?;
    expect("a fresh token", &url, &token, StatusCode::OK).await?;
    realm.advance(Duration::from_hours(1));
    expect("an hour later", &url, &token, StatusCode::UNAUTHORIZED).await?;

    println!("Keys rotate, and no request is lost:");
    let token = realm.token("alice").await?;
    realm.rotate_keys()?;
    let newer = realm.token("alice").await?;
    expect("signed with the old key", &url, &token, StatusCode::OK).await?;
    expect("signed with the new key", &url, &newer, StatusCode::OK).await?;
    println!(
        "  key sets fetched: {}",
        realm.request_count(Endpoint::Jwks)
    );

    println!("Keycloak goes down, and what is known stays good:");
    realm.stop();
    expect("during the outage", &url, &newer, StatusCode::OK).await?;
    realm.restart().await?;
    expect("after it", &url, &newer, StatusCode::OK).await?;
    Ok(())
}

/// Calls the service and checks the status.
async fn expect(
    what: &str,
    url: &str,
    token: &str,
    expected: StatusCode,
) -> Result<(), Box<dyn Error>> {
    let request = reqwest::Client::new().get(url).bearer_auth(token);
    let status = request.send().await?.status();
    println!("  {what:<24} {status}");
    if status == expected {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected}, got {status}").into())
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_story_holds() {
        super::story().await.unwrap();
    }
}
