//! Whole servers side by side: requests per second and processor time of each, in one run.
//!
//! ```sh
//! cargo run --release --manifest-path tests/peers/Cargo.toml -- --rounds 15
//! ```
//!
//! writes `results.md` and `results.svg` beside the manifest. In every round each server, in an order
//! drawn anew, is started, warmed up, measured *warm* (one token again and again) and *cold* (each
//! token once), and ended. So no server has met a token of the cold part before, nothing that one
//! did weighs on another, and slow drifts of the machine meet all of them.
//!
//! The server has one processor, the load and the issuer have the other. Before anything is measured
//! every server must answer 200 to a good token, 401 to none, and 403 to one without the role.

mod controls;
mod load;
mod plot;
mod report;
mod rounds;
mod tokens;

use std::path::Path;

use keycloak_peers::{
    child,
    issuer::{Issuer, REALM, jwks},
    machine,
    mint::{self, SigningKey},
    servers::Settings,
};
use serde_json::json;

use crate::{rounds::Plan, tokens::Tokens};

/// The processor of the servers.
const SERVER_CORE: usize = 0;
/// The processor of everything else.
const LOAD_CORE: usize = 1;

fn main() {
    if child::served() {
        return;
    }
    let plan = match Plan::from_arguments(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(problem) => {
            eprintln!("{problem}\nusage: bench [--rounds N]");
            std::process::exit(2);
        }
    };
    let machine = machine::description();
    let key = SigningKey::generate(keycloak::Algorithm::RS256, "sig-1");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .on_thread_start(|| machine::pin_to(LOAD_CORE))
        .build()
        .expect("a runtime");
    let issuer = runtime.block_on(publish(&key));
    println!("signing {} tokens", plan.fresh_tokens);
    let tokens = Tokens::mint(&key, &issuer.issuer(), plan.fresh_tokens);
    println!("a token has {} bytes", tokens.good.len());
    machine::pin_to(LOAD_CORE);
    let settings = Settings {
        server_url: issuer.server_url().to_owned(),
        realm: REALM.to_owned(),
        audience: tokens::AUDIENCE.to_owned(),
        algorithm: "RS256".to_owned(),
    };
    controls::check(&settings, &tokens);
    let rounds = rounds::run(&plan, &settings, &tokens);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let report = report::write(&machine, &plan, &tokens, &rounds);
    std::fs::write(folder.join("results.md"), &report).expect("results.md");
    std::fs::write(folder.join("results.svg"), plot::draw(&rounds)).expect("results.svg");
    println!("{report}");
}

/// An issuer that publishes the key, and one for encryption as every Keycloak realm does.
async fn publish(key: &SigningKey) -> Issuer {
    let encryption = SigningKey::generate(keycloak::Algorithm::RS256, "enc-1");
    let issuer = Issuer::start(&[]).await;
    let encryption = mint::with(
        &encryption.jwk(),
        json!({ "use": "enc", "alg": "RSA-OAEP" }),
    );
    let mut set = jwks(&[key]);
    set["keys"].as_array_mut().expect("a list").push(encryption);
    issuer.publish_text(set.to_string());
    issuer
}
