//! A Keycloak for a frontend, a script or a demo, from nothing but a realm export.
//!
//! ```sh
//! cargo run --example realm_server                               # the quickstart's realm
//! cargo run --example realm_server -- my-realm.json other.json   # yours, one issuer each
//! PORT=8080 cargo run --example realm_server -- my-realm.json    # on that port and the next ones
//! ```
//!
//! For development only: it listens on 127.0.0.1, and its login page asks for no password.

use keycloak::dev::{Realm, RunningRealm};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_target(false).init();
    let mut exports: Vec<String> = std::env::args().skip(1).collect();
    if exports.is_empty() {
        exports.push(concat!(env!("CARGO_MANIFEST_DIR"), "/quickstart-realm.json").to_owned());
    }
    // Port 0 takes a free one, and so does every realm after it.
    let mut port: u16 = match std::env::var("PORT") {
        Ok(port) => port.parse()?,
        Err(_) => 0,
    };
    let mut running = Vec::new();
    for export in exports {
        let realm = Realm::from_export(export)?.port(port).start().await?;
        if port != 0 {
            port += 1;
        }
        describe(&realm);
        running.push(realm);
    }
    tokio::signal::ctrl_c().await?;
    Ok(())
}

fn describe(realm: &RunningRealm) {
    println!("\n{}", realm.issuer_url());
    for persona in realm.personas() {
        let client_roles = persona.client_roles.iter();
        let roles: Vec<_> = persona
            .realm_roles
            .iter()
            .cloned()
            .chain(client_roles.map(|(client, role)| format!("{client}:{role}")))
            .collect();
        println!(
            "  {:<12} roles {:<50} groups {}",
            persona.username,
            roles.join(" "),
            persona.groups.join(" ")
        );
    }
}
