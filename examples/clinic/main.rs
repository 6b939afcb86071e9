//! A clinic: two dozen routes, eleven personas, and the page that shows who may call what.
//!
//! ```sh
//! cargo run --example clinic             # serves on 127.0.0.1:8000 (or ADDR)
//! cargo run --example clinic -- matrix   # writes access.html, access.md and access.json here
//! ```
//!
//! Everything runs on the embedded realm, started from `clinic/realm.json`. The access matrix is
//! also a test (`tests/clinic`): every route is called as every persona, and the answers are those
//! that the policies predict.

mod app;
mod lab;
mod office;
mod patients;

use std::{env, error::Error, fs};

use keycloak::dev::Realm;

const EXPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clinic/realm.json");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let realm = Realm::from_export(EXPORT)?.start().await?;
    let keycloak = app::keycloak(&realm)?;
    if env::args().nth(1).as_deref() == Some("matrix") {
        let matrix = app::matrix(&realm, &keycloak).await?;
        fs::write("access.html", matrix.to_html())?;
        fs::write("access.md", matrix.to_markdown())?;
        fs::write("access.json", matrix.to_json().to_string())?;
        println!("wrote access.html, access.md and access.json");
        return Ok(());
    }
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!(
        "clinic on http://{address}, realm on {}",
        realm.issuer_url()
    );
    for persona in realm.personas() {
        let token = realm.token(&persona.username).await?;
        println!(
            "\n# {}\ncurl -H 'Authorization: Bearer {token}' http://{address}/me",
            persona.username
        );
    }
    let (router, _) = app::router(keycloak.clone());
    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            // Without a handler for Ctrl-C the process ends the hard way, which is fine too.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    keycloak.close().await;
    Ok(())
}
