//! Keycloak misbehaves: what the applications on each library answer meanwhile, and when they are well
//! again.
//!
//! ```sh
//! cargo run --release --manifest-path tests/peers/Cargo.toml --bin faults
//! ```
//!
//! writes `faults.md` beside the manifest, in about four minutes, most of which is waiting. Every pair
//! of server and fault has a scripted Keycloak and a process of its own, all at the same time. Faults
//! begin when an application starts, or when it runs for longer than a minute, so that nobody's
//! cool-down after the start counts against it.

#[path = "../../../faults/gzip.rs"]
mod gzip;
mod observe;
mod report;
mod scenario;
#[path = "../../../faults/scripted.rs"]
#[expect(dead_code, reason = "fewer faults than in the suite")]
mod scripted;

// The suite's files know its support library by this name.
extern crate keycloak_peers as support;

use std::path::Path;

use futures_util::future::join_all;
use keycloak_peers::{
    child,
    servers::{self, Roles},
};

fn main() {
    if child::served() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // Starting a process waits for what it says, and all start at once.
        .max_blocking_threads(256)
        .enable_all()
        .build()
        .expect("a runtime");
    let report = runtime.block_on(run());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults.md");
    std::fs::write(path, &report).expect("faults.md");
    println!("{report}");
}

async fn run() -> String {
    let keys = scenario::Keys::generate();
    let guarded = || {
        servers::ALL
            .iter()
            .filter(|server| server.roles != Roles::Nobody)
    };
    let start = guarded()
        .flat_map(|server| {
            scenario::at_start()
                .into_iter()
                .map(move |fault| (server, fault))
        })
        .zip(0..)
        .map(|((server, fault), number)| scenario::start_during(number, server, fault, &keys));
    let warm = guarded().flat_map(|server| {
        let keys = &keys;
        scenario::while_running()
            .into_iter()
            .map(move |fault| scenario::run_through(server, fault, keys))
    });
    let withdrawn = guarded().map(|server| scenario::withdraw(server, &keys, true));
    let forgotten = guarded().map(|server| scenario::withdraw(server, &keys, false));
    let floods = guarded().map(|server| scenario::flood(server, &keys));
    let (start, warm, withdrawn, forgotten, floods) = tokio::join!(
        join_all(start),
        join_all(warm),
        join_all(withdrawn),
        join_all(forgotten),
        join_all(floods)
    );
    report::write(&start, &warm, &withdrawn, &forgotten, &floods)
}
