//! The attack suite's cases against every server: what each of them refuses and lets through.
//!
//! ```sh
//! cargo run --release --manifest-path tests/peers/Cargo.toml --bin attacks
//! ```
//!
//! writes `attacks.md` beside the manifest. The cases are those of `tests/attack`, the same files. Of
//! an answer only the status counts here, for challenges and bodies are everybody's own. Ours is asked
//! at the suite's own routes, the others at `/me`; the families about roles go only to those who
//! compare roles themselves, and the families about groups, scopes, negation and optional callers to
//! nobody else, for no other has a notion of them.

#[path = "../../../attack/alg_confusion.rs"]
mod alg_confusion;
#[path = "../../../attack/alg_none.rs"]
mod alg_none;
#[path = "../../../attack/audience.rs"]
mod audience;
#[path = "../../../attack/authorization_header.rs"]
mod authorization_header;
#[path = "../../../attack/base64.rs"]
mod base64;
#[path = "../../../attack/bound.rs"]
mod bound;
#[path = "../../../attack/case.rs"]
#[expect(dead_code, reason = "only the status is judged here")]
mod case;
#[path = "../../../attack/clock.rs"]
mod clock;
#[path = "../../../attack/compact.rs"]
mod compact;
#[path = "../../../attack/critical.rs"]
mod critical;
#[path = "../../../attack/embedded_keys.rs"]
mod embedded_keys;
#[path = "../../../attack/header_json.rs"]
mod header_json;
#[path = "../../../attack/header_typ.rs"]
mod header_typ;
#[path = "../../../attack/http.rs"]
mod http;
#[path = "../../../attack/issuer.rs"]
mod issuer;
#[path = "../../../attack/kid.rs"]
mod kid;
#[path = "../../../attack/payload_json.rs"]
mod payload_json;
mod report;
#[path = "../../../attack/roles.rs"]
mod roles;
#[path = "../../../attack/routes.rs"]
mod routes;
#[path = "../../../attack/signature.rs"]
mod signature;
#[path = "../../../attack/subject.rs"]
mod subject;
mod tally;
#[path = "../../../attack/token_kind.rs"]
mod token_kind;
#[path = "../../../attack/token_places.rs"]
mod token_places;
#[path = "../../../attack/world.rs"]
#[expect(dead_code, reason = "here all realms are attacked")]
mod world;

// The suite's files know its support library by this name.
extern crate keycloak_peers as support;

use std::{net::SocketAddr, path::Path, time::Duration};

use keycloak_peers::{
    child::{self, Running},
    issuer::REALM,
    servers::{self, Roles, Server, Settings},
};

use crate::{
    case::Case,
    tally::{Table, Verdict},
    world::{CLIENT, World},
};

/// Whoever takes longer to start does not.
const PATIENCE: Duration = Duration::from_secs(20);

/// A family of cases.
struct Family {
    name: &'static str,
    /// What it is about, in a few words.
    about: &'static str,
    cases: fn(&World) -> Vec<Case>,
    /// Whether the algorithm matters, so that it is run on the realm of each.
    per_algorithm: bool,
    /// Whether it is about roles, which not everybody has a notion of.
    roles: bool,
}

const fn family(
    name: &'static str,
    about: &'static str,
    cases: fn(&World) -> Vec<Case>,
    per_algorithm: bool,
) -> Family {
    Family {
        name,
        about,
        cases,
        per_algorithm,
        roles: false,
    }
}

static FAMILIES: [Family; 20] = [
    family("alg_none", "unsigned tokens", alg_none::cases, true),
    family(
        "alg_confusion",
        "another algorithm than the key's",
        alg_confusion::cases,
        true,
    ),
    family(
        "signature",
        "forged, changed or cut signatures",
        signature::cases,
        true,
    ),
    family(
        "embedded_keys",
        "`jwk`, `jku`, `x5c` and the like in the header",
        embedded_keys::cases,
        true,
    ),
    family(
        "kid",
        "key ids that are missing, unknown or no strings",
        kid::cases,
        true,
    ),
    family("compact", "the form of a compact JWS", compact::cases, true),
    family(
        "base64",
        "encodings that are not canonical base64url",
        base64::cases,
        true,
    ),
    family(
        "header_json",
        "headers that are no strict JSON",
        header_json::cases,
        true,
    ),
    family(
        "header_typ",
        "other kinds of JWT by the header's `typ`",
        header_typ::cases,
        true,
    ),
    family(
        "critical",
        "`crit` (RFC 7515 section 4.1.11)",
        critical::cases,
        true,
    ),
    family(
        "payload_json",
        "payloads that are no strict JSON, members twice",
        payload_json::cases,
        true,
    ),
    family("issuer", "other issuers", issuer::cases, true),
    family("audience", "tokens for others", audience::cases, true),
    family(
        "clock",
        "`exp`, `nbf`, `iat`: too late, too early, no numbers",
        clock::cases,
        true,
    ),
    family(
        "bound",
        "`cnf`: tokens bound to a key, sent as bearer tokens",
        bound::cases,
        true,
    ),
    family(
        "token_kind",
        "ID, refresh and other tokens by the claim `typ`",
        token_kind::cases,
        false,
    ),
    family(
        "subject",
        "`sub` missing or no string",
        subject::cases,
        false,
    ),
    family(
        "authorization_header",
        "other schemes, several lines, several tokens",
        authorization_header::cases,
        false,
    ),
    family(
        "token_places",
        "tokens in queries, cookies, forms, other headers",
        token_places::cases,
        false,
    ),
    Family {
        name: "roles",
        about: "roles of other clients, look-alikes, malformed containers",
        cases: roles::cases,
        per_algorithm: false,
        roles: true,
    },
];

/// What the application has to do itself, for the library has no notion of it, or no setting.
static NO_NOTION: [(&str, &[&str]); 5] = [
    ("hand-written", &["header_typ", "bound", "token_kind"]),
    (
        "axum-keycloak-auth",
        &["header_typ", "bound", "token_kind", "issuer", "kid"],
    ),
    ("jwt-authorizer", &["header_typ", "bound", "token_kind"]),
    ("axum-jwt-auth", &["header_typ", "bound", "token_kind"]),
    (
        "tower-oauth2-resource-server",
        &["header_typ", "bound", "token_kind"],
    ),
];

/// Whether the family is within what the library set out to do.
fn has_notion(server: &str, family: &str) -> bool {
    !NO_NOTION
        .iter()
        .any(|(of, families)| *of == server && families.contains(&family))
}

fn main() {
    if child::served() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let table = runtime.block_on(attack());
    let report = report::write(&table);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks.md");
    std::fs::write(path, &report).expect("attacks.md");
    println!("{report}");
}

async fn attack() -> Table {
    let mut table = Table::default();
    for (index, world) in World::all().await.iter().enumerate() {
        for server in servers::ALL
            .iter()
            .filter(|server| server.roles != Roles::Nobody)
        {
            println!("{} against {}", world.algorithm(), server.title());
            let target = Target::start(server, world).await;
            for family in &FAMILIES {
                if (index > 0 && !family.per_algorithm) || !target.knows(family) {
                    continue;
                }
                for case in (family.cases)(world) {
                    let answer = case.send_to(target.address).await;
                    let verdict = Verdict::of(case.expected(), answer.as_ref().ok());
                    table.add(server.name, family.name, &case.name, verdict);
                }
            }
        }
    }
    table
}

/// A server under attack.
struct Target {
    address: SocketAddr,
    server: &'static Server,
    is_ours: bool,
    /// Lives as long as the target.
    _process: Option<Running>,
}

impl Target {
    /// Ours is the world's own; the others are started, and must let the good token through first.
    async fn start(server: &'static Server, world: &World) -> Self {
        let is_ours = server.name == "keycloak-runtime";
        let process = (!is_ours).then(|| {
            let server_url = world.issuer();
            let server_url = server_url.strip_suffix(&format!("/realms/{REALM}"));
            let settings = Settings {
                server_url: server_url.expect("Keycloak's form").to_owned(),
                realm: REALM.to_owned(),
                audience: CLIENT.to_owned(),
                algorithm: world.algorithm().name().to_owned(),
            };
            (server.name, settings)
        });
        let process = match process {
            Some((name, settings)) => {
                // It asks the issuer, which lives in this process, before it says where it is.
                let start = move || Running::start(name, &settings, None, PATIENCE);
                let started = tokio::task::spawn_blocking(start).await.expect("no panic");
                Some(started.unwrap_or_else(|problem| panic!("{name}: {problem}")))
            }
            None => None,
        };
        let address = process
            .as_ref()
            .map_or_else(|| world.address(), Running::address);
        let good = Case::admitted("the good token", world.good());
        for _ in 0..400 {
            let answer = good.send_to(address).await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Self {
                    address,
                    server,
                    is_ours,
                    _process: process,
                };
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} never let the good token through", server.name);
    }

    fn knows(&self, family: &Family) -> bool {
        !family.roles || self.is_ours || self.server.roles == Roles::Library
    }
}
