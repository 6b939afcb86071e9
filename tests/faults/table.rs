//! Every fault, met by an application that has keys and by one that has none.

use std::{fmt::Write, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use support::{
    issuer::jwks,
    tls::{Authority, Flaw, acceptor},
};

use super::{
    load::{Counts, Expected, Keys, Kind, Service, Tally, builder},
    scripted::{Behaviour, Document, Scripted},
    setting,
};

/// Cases at once: enough to keep the suite short, few enough to measure something.
const AT_ONCE: usize = 6;

/// What goes wrong.
#[derive(Debug, Clone)]
enum Fault {
    /// This document is answered like this.
    Document(Document, Behaviour),
    /// The discovery document says this.
    Metadata(Value),
    /// Gone, with all connections.
    Crash,
    /// Another certificate.
    Certificate(Flaw),
}

struct Case {
    name: &'static str,
    fault: Fault,
    /// Keys are available in spite of it, to an application that has none.
    cold: bool,
    /// Keys are available in spite of it, to an application that knows where they are.
    warm: bool,
}

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn cases(keys: &Keys, attacker: &Scripted) -> Vec<Case> {
    use Behaviour::{
        Body, Delay, Drip, Endless, Garbage, GzipBomb, Hang, RedirectTo, Reset, Status, Truncate,
    };
    use Document::{Discovery, Keys as KeysDocument};
    let at_keys = |name, behaviour, harmless| Case {
        name,
        fault: Fault::Document(KeysDocument, behaviour),
        cold: harmless,
        warm: harmless,
    };
    let at_discovery = |name, behaviour, harmless| Case {
        name,
        fault: Fault::Document(Discovery, behaviour),
        cold: harmless,
        warm: true,
    };
    let metadata = |name, changes| Case {
        name,
        fault: Fault::Metadata(changes),
        cold: false,
        warm: true,
    };
    let certificate = |name, flaw| Case {
        name,
        fault: Fault::Certificate(flaw),
        cold: false,
        warm: false,
    };
    let good = jwks(&[&keys.new, &keys.old])["keys"].clone();
    let with_bad_company = |bad: Vec<Value>| {
        let mut all = good.as_array().expect("keys").clone();
        all.extend(bad);
        Body(json!({ "keys": all }).to_string())
    };
    let unrelated = || jwks(&[&keys.forger])["keys"][0].clone();
    let named = |kid: String| {
        let mut key = unrelated();
        key["kid"] = json!(kid);
        key
    };
    let html = || Body("<html><body>maintenance</body></html>".to_owned());
    vec![
        at_keys(
            "keys: delayed by 300 ms",
            Delay(Duration::from_millis(300)),
            true,
        ),
        at_keys("keys: hang", Hang, false),
        at_keys("keys: drip", Drip, false),
        at_keys("keys: connection reset", Reset, false),
        at_keys("keys: truncated", Truncate, false),
        at_keys("keys: endless", Endless, false),
        at_keys("keys: gzip bomb", GzipBomb, false),
        at_keys("keys: HTTP 500", Status(500), false),
        at_keys("keys: HTTP 404", Status(404), false),
        at_keys("keys: HTTP 204", Status(204), false),
        at_keys("keys: HTML", html(), false),
        at_keys("keys: garbage instead of HTTP", Garbage, false),
        at_keys("keys: empty body", Body(String::new()), false),
        at_keys("keys: deep JSON", Body("[".repeat(200_000)), false),
        at_keys(
            "keys: deep JSON in the set",
            Body(format!(r#"{{"keys":{}"#, "[".repeat(200_000))),
            false,
        ),
        at_keys("keys: empty set", Body(r#"{"keys":[]}"#.to_owned()), false),
        at_keys("keys: no set", Body(r#"{"error":"x"}"#.to_owned()), false),
        at_keys(
            "keys: a million keys",
            Body(format!(r#"{{"keys":[{}{{}}]}}"#, "{},".repeat(1_000_000))),
            false,
        ),
        at_keys(
            "keys: a thousand keys",
            with_bad_company((0..1_000).map(|n| named(n.to_string())).collect()),
            false,
        ),
        at_keys(
            "keys: duplicate kids of another key",
            with_bad_company(vec![named("twin".into()), named("twin".into())]),
            true,
        ),
        at_keys(
            "keys: among symmetric, broken and enc keys",
            with_bad_company(vec![
                json!({ "kty": "oct", "kid": "old", "k": "AAAA", "alg": "HS256" }),
                json!({ "kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA" }),
                json!({ "kty": "RSA", "kid": "enc", "use": "enc", "n": "AQAB", "e": "AQAB" }),
                json!(7),
                json!(null),
            ]),
            true,
        ),
        at_keys(
            "keys: redirect to an attacker",
            RedirectTo(attacker.keys_url()),
            false,
        ),
        at_discovery(
            "discovery: delayed by 300 ms",
            Delay(Duration::from_millis(300)),
            true,
        ),
        at_discovery("discovery: hang", Hang, false),
        at_discovery("discovery: drip", Drip, false),
        at_discovery("discovery: connection reset", Reset, false),
        at_discovery("discovery: truncated", Truncate, false),
        at_discovery("discovery: endless", Endless, false),
        at_discovery("discovery: gzip bomb", GzipBomb, false),
        at_discovery("discovery: garbage instead of HTTP", Garbage, false),
        at_discovery("discovery: empty body", Body(String::new()), false),
        at_discovery(
            "discovery: deep JSON",
            Body(format!(r#"{{"issuer":{}"#, "[".repeat(200_000))),
            false,
        ),
        at_discovery("discovery: HTTP 503", Status(503), false),
        at_discovery("discovery: HTML", html(), false),
        at_discovery(
            "discovery: redirect to an attacker",
            RedirectTo(format!(
                "{}/.well-known/openid-configuration",
                attacker.issuer()
            )),
            false,
        ),
        metadata(
            "discovery: another issuer",
            json!({ "issuer": attacker.issuer() }),
        ),
        metadata("discovery: no issuer", json!({ "issuer": null })),
        metadata(
            "discovery: keys at an attacker",
            json!({ "jwks_uri": attacker.keys_url() }),
        ),
        metadata("discovery: keys nowhere", json!({ "jwks_uri": null })),
        metadata(
            "discovery: keys in a file",
            json!({ "jwks_uri": "file:///etc/passwd" }),
        ),
        Case {
            name: "crash",
            fault: Fault::Crash,
            cold: false,
            warm: false,
        },
        certificate("TLS: expired", Flaw::Expired),
        certificate("TLS: not yet valid", Flaw::NotYetValid),
        certificate("TLS: self-signed", Flaw::SelfSigned),
        certificate("TLS: another host", Flaw::OtherHost),
    ]
}

/// A server for one case, and what is needed to break and mend it.
struct Patient {
    server: Scripted,
    authority: Authority,
    fault: Fault,
}

impl Patient {
    async fn new(fault: Fault, keys: &Keys) -> Self {
        let authority = Authority::new();
        let tls = matches!(fault, Fault::Certificate(_)).then(|| acceptor(&authority, Flaw::None));
        Self {
            server: Scripted::start_with(&[&keys.old], tls).await,
            authority,
            fault,
        }
    }

    fn service(&self, keys: &Arc<Keys>) -> Service {
        let builder = builder(&self.server).ca_certificates(self.authority.pem());
        Service::new(&self.server, keys, builder)
    }

    async fn breaks(&mut self) {
        match self.fault.clone() {
            Fault::Document(document, behaviour) => self.server.behave(document, behaviour),
            Fault::Metadata(changes) => self.server.discover(changes),
            Fault::Crash => self.server.crash().await,
            Fault::Certificate(flaw) => self.shows(flaw).await,
        }
    }

    async fn is_mended(&mut self) {
        match &self.fault {
            Fault::Document(..) | Fault::Metadata(_) => self.server.be_good(),
            Fault::Crash => self.server.revive().await,
            Fault::Certificate(_) => self.shows(Flaw::None).await,
        }
    }

    async fn shows(&mut self, flaw: Flaw) {
        self.server.show(acceptor(&self.authority, flaw));
        self.server.crash().await;
        self.server.revive().await;
    }
}

struct Row {
    fault: &'static str,
    phase: &'static str,
    counts: Counts,
    recovery: Option<Duration>,
}

/// The application has keys; then the fault begins, and a key is added while it lasts.
async fn warm(case: &Case, keys: &Arc<Keys>, time: Duration) -> Row {
    let tally = Tally::default();
    let mut patient = Patient::new(case.fault.clone(), keys).await;
    let service = patient.service(keys);
    assert_eq!(service.send(Kind::Warm).await, 200, "{}", case.name);
    patient.server.publish(&[&keys.new, &keys.old]);
    patient.breaks().await;
    let expected = Expected {
        judgeable: true,
        new_key: case.warm,
    };
    service.mixed_load(true, time, expected, &tally).await;
    patient.is_mended().await;
    let recovery = service.recovery(Kind::NewKey, &tally).await;
    Row {
        fault: case.name,
        phase: "warm",
        counts: tally.counts(),
        recovery,
    }
}

/// The application starts while the fault lasts.
async fn cold(case: &Case, keys: &Arc<Keys>, time: Duration) -> Row {
    let tally = Tally::default();
    let mut patient = Patient::new(case.fault.clone(), keys).await;
    patient.breaks().await;
    let service = patient.service(keys);
    let expected = Expected {
        judgeable: case.cold,
        new_key: false,
    };
    service.mixed_load(false, time, expected, &tally).await;
    patient.is_mended().await;
    let recovery = service.recovery(Kind::Fresh, &tally).await;
    Row {
        fault: case.name,
        phase: "cold",
        counts: tally.counts(),
        recovery,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_answered_rightly_and_recovered_from() {
    let keys = Arc::new(Keys::generate());
    let attacker = Scripted::start(&[&keys.forger]).await;
    let cases = cases(&keys, &attacker);
    let time = Duration::from_secs(setting("FAULTS_SECONDS", 1));
    let runs = cases.iter().flat_map(|case| [(case, true), (case, false)]);
    let rows: Vec<Row> = stream::iter(runs)
        .map(|(case, is_warm)| {
            let keys = Arc::clone(&keys);
            async move {
                if is_warm {
                    warm(case, &keys, time).await
                } else {
                    cold(case, &keys, time).await
                }
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    println!("{}", render(&rows));
    let wrong: Vec<String> = rows.iter().flat_map(complaints).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(
        attacker.asked(Document::Keys) + attacker.asked(Document::Discovery),
        0,
        "the attacker was asked"
    );
}

/// The wrong answers of a row, each kind once.
fn complaints(row: &Row) -> Vec<String> {
    let mut wrong = row.counts.wrong.clone();
    wrong.sort();
    wrong.dedup();
    if setting("FAULTS_STRICT", 0) == 1
        && row
            .recovery
            .is_none_or(|took| took > Duration::from_secs(2))
    {
        wrong.push(format!("recovered after {:?}", row.recovery));
    }
    let name = |what| format!("{} ({}): {what}", row.fault, row.phase);
    wrong.into_iter().map(name).collect()
}

fn render(rows: &[Row]) -> String {
    let mut out = String::from(
        "\n| fault | application | 200 | 401 | 403 | 503 | p50 ms | p99 ms | max ms | wrong | \
         recovery ms |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let counts = &row.counts;
        let of = |status| counts.by_status.get(&status).copied().unwrap_or(0);
        let millis = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1_000.0);
        let rank = |part: f64| {
            let last = counts.latencies.len().saturating_sub(1);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "a rank in a short list"
            )]
            let at = (last as f64 * part) as usize;
            counts
                .latencies
                .get(at)
                .copied()
                .map_or_else(String::new, millis)
        };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.fault,
            row.phase,
            of(200),
            of(401),
            of(403),
            of(503),
            rank(0.5),
            rank(0.99),
            rank(1.0),
            counts.wrong.len(),
            row.recovery.map_or_else(|| "never".to_owned(), millis),
        )
        .expect("writing to a string");
    }
    out
}
