//! What a request costs in instructions, counted by callgrind: exact, whatever else runs.
//!
//! ```text
//! cargo run --release -p keycloak-tests --bin instructions            # needs valgrind
//! cargo run --release -p keycloak-tests --bin instructions -- profile warm   # leaves callgrind.out
//! ```
//!
//! Each case runs in a process of its own under callgrind, which counts only what happens inside
//! [`measured`]: the router called with requests that are made already, and their answers dropped.
//! A warm case repeats one token; a cold case never does.

#[path = "../allocations/warm.rs"]
mod warm;

use std::{env, hint::black_box, process::Command, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
    routing::{RouterIntoService, get},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::FutureExt;
use keycloak::{Algorithm, Keycloak, protected};
use serde_json::{Value, json};
use support::{
    HUNDRED,
    issuer::{Issuer, REALM},
    mint::{self, SigningKey},
};
use tower::Service;

use self::warm::App;

/// Requests of one case.
const REQUESTS: usize = 200;

#[protected(policy = HUNDRED)]
async fn guarded_by_a_hundred_roles() -> &'static str {
    "done"
}

/// What a case does.
#[derive(Clone, Copy)]
enum Kind {
    /// Requests for this path, all with one token.
    Warm(&'static str),
    /// Requests for this path, which refuses their one token.
    Refused(&'static str),
    /// Requests for `/guarded`, each with a new token.
    Cold,
    /// The backend's signature check of as many tokens, with a key that is kept parsed.
    Signature,
}

struct Case {
    name: &'static str,
    kind: Kind,
    algorithm: Algorithm,
    /// Realm roles beside `admin`.
    roles: usize,
    /// Characters of a claim that no policy asks for.
    filling: usize,
}

const fn warm(name: &'static str, path: &'static str, roles: usize, filling: usize) -> Case {
    let kind = Kind::Warm(path);
    Case {
        name,
        kind,
        algorithm: Algorithm::RS256,
        roles,
        filling,
    }
}

const fn refused(name: &'static str, path: &'static str, roles: usize) -> Case {
    let kind = Kind::Refused(path);
    let algorithm = Algorithm::RS256;
    Case {
        name,
        kind,
        algorithm,
        roles,
        filling: 0,
    }
}

const fn cold(name: &'static str, algorithm: Algorithm, roles: usize, filling: usize) -> Case {
    Case {
        name,
        kind: Kind::Cold,
        algorithm,
        roles,
        filling,
    }
}

const fn signature(name: &'static str, algorithm: Algorithm) -> Case {
    Case {
        name,
        kind: Kind::Signature,
        algorithm,
        roles: 1,
        filling: 0,
    }
}

const CASES: [Case; 24] = [
    warm("bare", "/bare", 1, 0),
    warm("warm", "/guarded", 1, 0),
    warm("warm, takes the user", "/user", 1, 0),
    warm("warm, a policy of six terms", "/policy", 1, 0),
    warm("warm, a policy of 100 roles", "/hundred", 1, 0),
    warm("warm, 10 roles in the token", "/guarded", 10, 0),
    warm("warm, 100 roles in the token", "/guarded", 100, 0),
    warm("warm, 1000 roles in the token", "/guarded", 1_000, 0),
    warm("warm, filled by 4 KiB", "/guarded", 1, 3_072),
    warm("warm, filled by 11 KB", "/guarded", 1, 11_000),
    refused("403", "/refused", 1),
    refused("403, a policy of six terms", "/refused/policy", 1),
    refused("403, 100 roles in the token", "/refused", 100),
    signature("signature RS256", Algorithm::RS256),
    cold("cold RS256", Algorithm::RS256, 1, 0),
    signature("signature ES256", Algorithm::ES256),
    cold("cold ES256", Algorithm::ES256, 1, 0),
    signature("signature EdDSA", Algorithm::EdDSA),
    cold("cold EdDSA", Algorithm::EdDSA, 1, 0),
    cold("cold EdDSA, 10 roles in the token", Algorithm::EdDSA, 10, 0),
    cold(
        "cold EdDSA, 100 roles in the token",
        Algorithm::EdDSA,
        100,
        0,
    ),
    cold(
        "cold EdDSA, 1000 roles in the token",
        Algorithm::EdDSA,
        1_000,
        0,
    ),
    cold("cold EdDSA, filled by 4 KiB", Algorithm::EdDSA, 1, 3_072),
    cold("cold EdDSA, filled by 11 KB", Algorithm::EdDSA, 1, 11_000),
];

impl Case {
    fn claims(&self, issuer: &str, number: usize) -> Value {
        let roles: Vec<String> = (0..self.roles)
            .map(|n| format!("r{n}"))
            .chain(["admin".to_owned()])
            .collect();
        mint::with(
            &mint::claims(issuer, "api", "f3a1c8d2-5c0e-4f3b-9a57-2f6a1d1b7c11"),
            json!({
                "exp": mint::now() + 3_600,
                "jti": format!("onrtac:{number:036}"),
                "realm_access": { "roles": roles },
                "resource_access": {
                    "api": { "roles": ["reader", "writer"] },
                    "account": { "roles": ["manage-account", "manage-account-links", "view-profile"] },
                },
                "groups": ["/eng/backend", "/ops"],
                "department": "sales",
                "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams",
                "email": "alice@example.org", "email_verified": true,
                "filling": "x".repeat(self.filling),
            }),
        )
    }
}

fn request(path: &str, token: &str) -> Request<Body> {
    Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .expect("a request")
}

fn answer(service: &mut RouterIntoService<Body>, request: Request<Body>) -> Response {
    // Nothing on these paths waits: not for a lock, not for Keycloak.
    service
        .call(request)
        .now_or_never()
        .expect("an answer without a wait")
        .expect("an answer")
}

/// The region that callgrind counts, found by its name.
#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    work();
}

async fn run(case: &Case) {
    let key = SigningKey::generate(case.algorithm, "key-1");
    let issuer = Issuer::start(&[&key]).await;
    let token = |number| key.token(&case.claims(&issuer.issuer(), number));
    if let Kind::Signature = case.kind {
        let bare = key.parsed();
        let tokens: Vec<(String, Vec<u8>)> = (0..REQUESTS)
            .map(|number| {
                let token = token(number);
                let (input, signature) = token.rsplit_once('.').expect("a signature");
                let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
                (input.to_owned(), signature)
            })
            .collect();
        measured(&mut || {
            for (input, signature) in &tokens {
                bare.verify_sig(black_box(input.as_bytes()), signature)
                    .expect("a good signature");
            }
        });
        return;
    }
    let keycloak = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .complete_tokens_from(["web"])
        .algorithms([case.algorithm])
        .build()
        .expect("good settings");
    // Under callgrind the first fetch may well take longer than its deadline.
    while keycloak.ready().await.is_err() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut service = warm::routes()
        .route("/hundred", get(guarded_by_a_hundred_roles))
        .with_state(App { keycloak })
        .into_service();
    let (path, one_token) = match case.kind {
        Kind::Warm(path) | Kind::Refused(path) => (path, Some(token(0))),
        Kind::Cold | Kind::Signature => ("/guarded", None),
    };
    let expected = match case.kind {
        Kind::Refused(_) => StatusCode::FORBIDDEN,
        Kind::Warm(_) | Kind::Cold | Kind::Signature => StatusCode::OK,
    };
    let next = |number| {
        let token = one_token.clone().unwrap_or_else(|| token(number));
        request(path, &token)
    };
    // Whatever is made once is made here; cold cases never see these tokens again.
    for number in 0..20 {
        let response = answer(&mut service, next(REQUESTS + number));
        assert_eq!(response.status(), expected, "{path}");
    }
    let mut requests: Vec<_> = (0..REQUESTS).map(next).collect();
    let mut as_expected = 0;
    measured(&mut || {
        for request in requests.drain(..) {
            let response = answer(&mut service, black_box(request));
            as_expected += usize::from(response.status() == expected);
        }
    });
    assert_eq!(as_expected, REQUESTS);
}

/// Instructions of a request, as callgrind counts them in a process of its own.
fn count(case: &Case, profile: bool) -> u64 {
    let program = env::current_exe().expect("this program");
    let out = if profile {
        "callgrind.out"
    } else {
        "/dev/null"
    };
    let run = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=*instructions*measured*",
        ])
        .arg(format!("--callgrind-out-file={out}"))
        .arg(program)
        .args(["run", case.name])
        .output()
        .expect("valgrind can be started");
    let report = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}: {report}", case.name);
    let collected = report
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, number)| number.trim().parse::<u64>().ok());
    let total = collected.unwrap_or_else(|| panic!("no count in: {report}"));
    assert!(total > 0, "nothing was collected: {report}");
    total / REQUESTS as u64
}

fn find(name: &str) -> &'static Case {
    let case = CASES.iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("no case {name:?}"))
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", name] => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(run(find(name))),
        ["profile", name] => println!("{} instructions a request", count(find(name), true)),
        _ => table(),
    }
}

fn table() {
    println!("| case | instructions a request | more than bare, or than the signature |");
    println!("|---|---:|---:|");
    let [first, others @ ..] = &CASES;
    let bare = count(first, false);
    println!("| {} | {bare} | 0 |", first.name);
    let mut signatures = Vec::new();
    for case in others {
        let instructions = count(case, false);
        let floor = match case.kind {
            Kind::Warm(_) | Kind::Refused(_) => bare,
            Kind::Cold => signatures
                .iter()
                .find(|(algorithm, _)| *algorithm == case.algorithm)
                .map_or(bare, |(_, signature)| signature + bare),
            Kind::Signature => {
                signatures.push((case.algorithm, instructions));
                instructions
            }
        };
        let more = instructions.saturating_sub(floor);
        println!("| {} | {instructions} | {more} |", case.name);
    }
}
