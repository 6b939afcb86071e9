//! The faults, and one application going through each.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use keycloak::Algorithm;
use keycloak_peers::{
    child::Running,
    issuer::{REALM, jwks},
    mint::{self, SigningKey},
    servers::{Server, Settings},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    observe::{Answers, PAUSE, ask},
    scripted::{Behaviour, Document, Scripted},
};

const AUDIENCE: &str = "api";

/// How long a fault at the start lasts.
pub const START_FAULT: Duration = Duration::from_secs(6);
/// When the first application of those that start during a fault does: the others are up by then.
const FIRST_START: Duration = Duration::from_secs(25);
/// The pause between two of them, so that they do not wait for each other's processor time.
const NEXT_START: Duration = Duration::from_secs(1);
/// How long an application runs before a fault begins.
pub const UPTIME: Duration = Duration::from_secs(62);
/// How long a fault of a running application lasts: longer than all the intervals of a minute.
pub const FAULT: Duration = Duration::from_secs(65);
/// How long recovery is waited for.
pub const RECOVERY: Duration = Duration::from_secs(75);
/// How many unknown key ids are sent.
pub const FLOOD: usize = 400;

/// The realm's keys.
pub struct Keys {
    old: SigningKey,
    new: SigningKey,
}

impl Keys {
    pub fn generate() -> Self {
        let key = |kid| SigningKey::generate(Algorithm::ES256, kid);
        Self {
            old: key("old"),
            new: key("new"),
        }
    }
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    pub name: &'static str,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Nothing,
    Crash,
    Keys(Behaviour),
    /// The key set, with this company for the good keys.
    Company(Vec<Value>),
}

/// Faults that an application meets when it starts.
pub fn at_start() -> Vec<Fault> {
    vec![
        crash(),
        keys("hangs", Behaviour::Hang),
        keys("answers 500", Behaviour::Status(500)),
        keys("answers HTML", html()),
        company(),
    ]
}

/// Faults that a running application meets, together with a new key.
pub fn while_running() -> Vec<Fault> {
    vec![
        Fault {
            name: "nothing but a new key",
            what: What::Nothing,
        },
        crash(),
        keys("hangs", Behaviour::Hang),
        keys("answers 500", Behaviour::Status(500)),
        keys("answers HTML", html()),
        keys("is cut short", Behaviour::Truncate),
        keys("is empty", Behaviour::Body(r#"{"keys":[]}"#.to_owned())),
        company(),
    ]
}

fn crash() -> Fault {
    Fault {
        name: "is gone, and Keycloak with it",
        what: What::Crash,
    }
}

fn keys(name: &'static str, behaviour: Behaviour) -> Fault {
    Fault {
        name,
        what: What::Keys(behaviour),
    }
}

fn html() -> Behaviour {
    Behaviour::Body("<html><body>maintenance</body></html>".to_owned())
}

fn company() -> Fault {
    Fault {
        name: "has symmetric, broken and encryption keys beside the good ones",
        what: What::Company(vec![
            json!({ "kty": "oct", "kid": "secret", "k": "AAAA", "alg": "HS256" }),
            json!({ "kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA" }),
            json!({ "kty": "RSA", "kid": "enc", "use": "enc", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB" }),
        ]),
    }
}

/// A scripted Keycloak that a fault can be put upon and taken from.
struct Patient {
    keycloak: Scripted,
    fault: Fault,
}

impl Patient {
    async fn new(fault: Fault, keys: &Keys) -> Self {
        Self {
            keycloak: Scripted::start(&[&keys.old]).await,
            fault,
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            server_url: self.keycloak.server_url().to_owned(),
            realm: REALM.to_owned(),
            audience: AUDIENCE.to_owned(),
            algorithm: "ES256".to_owned(),
        }
    }

    async fn breaks(&mut self, published: &[&SigningKey]) {
        match self.fault.what.clone() {
            What::Nothing => {}
            What::Crash => self.keycloak.crash().await,
            What::Keys(behaviour) => self.keycloak.behave(Document::Keys, behaviour),
            What::Company(others) => {
                let mut set = jwks(published);
                let keys = set["keys"].as_array_mut().expect("a list");
                keys.extend(others);
                let body = Behaviour::Body(set.to_string());
                self.keycloak.behave(Document::Keys, body);
            }
        }
    }

    async fn is_mended(&mut self) {
        match self.fault.what {
            What::Crash => self.keycloak.revive().await,
            _ => self.keycloak.be_good(),
        }
    }

    fn token(&self, key: &SigningKey, number: usize) -> String {
        let claims = mint::claims(&self.keycloak.issuer(), AUDIENCE, "alice");
        let own = json!({ "jti": number.to_string(), "exp": mint::now() + 600 });
        key.token(&mint::with(&claims, own))
    }

    /// How often Keycloak was asked anything.
    fn fetches(&self) -> usize {
        self.keycloak.asked(Document::Discovery) + self.keycloak.asked(Document::Keys)
    }
}

async fn start(server: &Server, settings: Settings, patience: Duration) -> Result<Running, String> {
    let name = server.name;
    let start = move || Running::start(name, &settings, None, patience);
    tokio::task::spawn_blocking(start).await.expect("no panic")
}

/// An application that started during a fault.
pub struct Started {
    pub server: &'static str,
    pub fault: &'static str,
    /// What it said instead of starting.
    pub problem: Option<String>,
    /// What good tokens got during the fault.
    pub during: Answers,
    /// When they got 200 after it.
    pub recovery: Option<Duration>,
}

pub async fn start_during(
    number: u32,
    server: &'static Server,
    fault: Fault,
    keys: &Keys,
) -> Started {
    sleep(FIRST_START + NEXT_START * number).await;
    let mut patient = Patient::new(fault, keys).await;
    patient.breaks(&[&keys.old]).await;
    let begin = Instant::now();
    let mut starting = std::pin::pin!(start(server, patient.settings(), START_FAULT + RECOVERY));
    let mut row = Started {
        server: server.name,
        fault: patient.fault.name,
        problem: None,
        during: Answers::default(),
        recovery: None,
    };
    let early = tokio::select! {
        started = &mut starting => Some(started),
        () = sleep(START_FAULT) => None,
    };
    let is_harmless = matches!(patient.fault.what, What::Company(_));
    let mut running = None;
    match early {
        Some(Ok(started)) => {
            while begin.elapsed() < START_FAULT {
                let token = patient.token(&keys.old, 0);
                row.during.add(ask(started.address(), &token).await);
                sleep(PAUSE).await;
            }
            running = Some(started);
        }
        Some(Err(problem)) => row.problem = Some(problem),
        // It does not listen before it has keys, so nobody could ask it.
        None => {}
    }
    if !is_harmless {
        patient.is_mended().await;
    }
    let mended = Instant::now();
    if running.is_none() && row.problem.is_none() {
        match starting.await {
            Ok(started) => running = Some(started),
            Err(problem) => row.problem = Some(problem),
        }
    }
    if let Some(running) = running {
        row.recovery = recovery(&patient, running.address(), &keys.old, mended)
            .await
            .0;
    }
    row
}

/// Asks until there is a 200: how long that took, and what came before.
async fn recovery(
    patient: &Patient,
    address: SocketAddr,
    key: &SigningKey,
    since: Instant,
) -> (Option<Duration>, Answers) {
    let mut lost = Answers::default();
    let mut number = 1_000_000;
    while since.elapsed() < RECOVERY {
        let status = ask(address, &patient.token(key, number)).await;
        if status == Some(200) {
            return (Some(since.elapsed()), lost);
        }
        lost.add(status);
        number += 1;
        sleep(PAUSE).await;
    }
    (None, lost)
}

/// An application that ran when a fault began.
pub struct Ran {
    pub server: &'static str,
    pub fault: &'static str,
    /// Tokens of the key that it had, during the fault.
    pub known: Answers,
    /// Tokens of the key that was added, during the fault.
    pub new: Answers,
    /// When tokens of the new key got 200 after the fault.
    pub recovery: Option<Duration>,
}

/// Starts a server and lets it run for [`UPTIME`], being asked now and then.
async fn running_for_long(server: &Server, patient: &Patient, keys: &Keys) -> Running {
    let running = start(server, patient.settings(), Duration::from_secs(30))
        .await
        .unwrap_or_else(|problem| panic!("{}: {problem}", server.name));
    let (ready, _) = recovery(patient, running.address(), &keys.old, Instant::now()).await;
    assert!(ready.is_some(), "{} is never ready", server.name);
    sleep(UPTIME).await;
    running
}

pub async fn run_through(server: &'static Server, fault: Fault, keys: &Keys) -> Ran {
    let mut patient = Patient::new(fault, keys).await;
    let running = running_for_long(server, &patient, keys).await;
    let published = [&keys.new, &keys.old];
    patient.keycloak.publish(&published);
    patient.breaks(&published).await;
    let begin = Instant::now();
    let mut row = Ran {
        server: server.name,
        fault: patient.fault.name,
        known: Answers::default(),
        new: Answers::default(),
        recovery: None,
    };
    // Where nothing is wrong, or what is wrong can be coped with, the time counts from the rotation.
    let is_fault = !matches!(patient.fault.what, What::Nothing | What::Company(_));
    let asking = async |key: &SigningKey, answers: &mut Answers, first: usize| {
        let mut number = first;
        let mut well = None;
        while begin.elapsed() < FAULT {
            let status = ask(running.address(), &patient.token(key, number)).await;
            if status == Some(200) && well.is_none() {
                well = Some(begin.elapsed());
            }
            answers.add(status);
            number += 1;
            sleep(PAUSE).await;
        }
        well
    };
    let (_, well) = tokio::join!(
        asking(&keys.old, &mut row.known, 1_000),
        asking(&keys.new, &mut row.new, 2_000)
    );
    row.recovery = well;
    if is_fault {
        patient.is_mended().await;
        let address = running.address();
        row.recovery = recovery(&patient, address, &keys.new, Instant::now())
            .await
            .0;
    } else if well.is_none() {
        let address = running.address();
        row.recovery = recovery(&patient, address, &keys.new, begin).await.0;
    }
    row
}

/// A key was replaced by another.
pub struct Withdrawn {
    pub server: &'static str,
    /// When tokens of the new key got 200.
    pub new_admitted: Option<Duration>,
    /// When tokens of the old key got something else.
    pub old_refused: Option<Duration>,
}

/// With or without tokens of the new key, which make some look for it.
pub async fn withdraw(server: &'static Server, keys: &Keys, new_is_used: bool) -> Withdrawn {
    let nothing = Fault {
        name: "a key is withdrawn",
        what: What::Nothing,
    };
    let patient = Patient::new(nothing, keys).await;
    let running = running_for_long(server, &patient, keys).await;
    let address = running.address();
    // Its verdict may be cached, so it is the same token again.
    let old = patient.token(&keys.old, 1);
    assert_eq!(ask(address, &old).await, Some(200), "{}", server.name);
    patient.keycloak.publish(&[&keys.new]);
    let begin = Instant::now();
    let mut row = Withdrawn {
        server: server.name,
        new_admitted: None,
        old_refused: None,
    };
    let mut number = 0;
    while begin.elapsed() < FAULT + RECOVERY
        && (row.old_refused.is_none() || (new_is_used && row.new_admitted.is_none()))
    {
        number += 1;
        if new_is_used && row.new_admitted.is_none() {
            let new = ask(address, &patient.token(&keys.new, number)).await;
            row.new_admitted = (new == Some(200)).then(|| begin.elapsed());
        }
        if ask(address, &old).await != Some(200) && row.old_refused.is_none() {
            row.old_refused = Some(begin.elapsed());
        }
        sleep(PAUSE).await;
    }
    row
}

/// Tokens that name keys which do not exist.
pub struct Flooded {
    pub server: &'static str,
    /// How often Keycloak was asked because of them.
    pub fetches: usize,
    /// What they got.
    pub junk: Answers,
    /// What good tokens in between got.
    pub good: Answers,
}

pub async fn flood(server: &'static Server, keys: &Keys) -> Flooded {
    let nothing = Fault {
        name: "a flood",
        what: What::Nothing,
    };
    let patient = Patient::new(nothing, keys).await;
    let running = running_for_long(server, &patient, keys).await;
    let before = patient.fetches();
    let mut row = Flooded {
        server: server.name,
        fetches: 0,
        junk: Answers::default(),
        good: Answers::default(),
    };
    let claims = mint::claims(&patient.keycloak.issuer(), AUDIENCE, "alice").to_string();
    for number in 0..FLOOD {
        let header = json!({ "kid": format!("junk-{number}") });
        let header = mint::with(&keys.old.header(), header).to_string();
        let junk = keys.new.compact(&header, claims.as_bytes());
        row.junk.add(ask(running.address(), &junk).await);
        if number % 20 == 0 {
            let good = patient.token(&keys.old, number);
            row.good.add(ask(running.address(), &good).await);
        }
    }
    row.fetches = patient.fetches() - before;
    row
}
