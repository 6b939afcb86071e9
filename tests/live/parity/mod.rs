//! The Python library's example beside ours, route by route, on the same Keycloak.
//!
//! [`CASES`] says what each of them answers, and why where they differ; the table in `table.md` is
//! written from it, so that the document cannot say anything that was not seen.

mod cases;
mod python;

use std::{fmt::Write as _, path::Path};

use reqwest::{Client, StatusCode, header::AUTHORIZATION};
use serde_json::Value;
use support::{
    quickstart::Quickstart,
    real::{
        CLIENT, OTHER_CLIENT,
        tokens::{text, with_another_signature},
    },
};

use self::cases::{Answer, CASES, Caller, Case};
use super::server::{Live, live};

/// Tokens of the callers that the cases name.
struct Tokens(Value, Value, Value, Value);

impl Tokens {
    async fn fetch(live: &Live) -> Self {
        let login = |client, name| live.tokens.login(client, name, "openid");
        Self(
            login(CLIENT, "alice").await,
            login(CLIENT, "bob").await,
            login(CLIENT, "eve").await,
            login(OTHER_CLIENT, "bob").await,
        )
    }

    /// The `Authorization` lines of a caller.
    fn lines(&self, caller: Caller) -> Vec<String> {
        let bearer = |answer: &Value, member: &str| format!("Bearer {}", text(answer, member));
        match caller {
            Caller::Nobody => vec![],
            Caller::Raw(line) => vec![line.to_owned()],
            Caller::Alice => vec![bearer(&self.0, "access_token")],
            Caller::Bob => vec![bearer(&self.1, "access_token")],
            Caller::Eve => vec![bearer(&self.2, "access_token")],
            Caller::BobOfAnotherClient => vec![bearer(&self.3, "access_token")],
            Caller::AliceTwice => vec![bearer(&self.0, "access_token"); 2],
            Caller::AliceWithIdToken => vec![bearer(&self.0, "id_token")],
            Caller::AliceWithRefreshToken => vec![bearer(&self.0, "refresh_token")],
            Caller::AliceTampered => {
                let token = text(&self.0, "access_token");
                vec![format!("Bearer {}", with_another_signature(&token))]
            }
        }
    }
}

async fn ask(http: &Client, base: &str, tokens: &Tokens, case: &Case) -> Answer<'static> {
    let url = format!("{base}{}", case.path);
    let mut request = http.request(case.method.parse().expect("a method"), url);
    for line in tokens.lines(case.caller) {
        request = request.header(AUTHORIZATION, line);
    }
    if let Some(body) = case.body {
        let body = body.replace("@REFRESH@", &text(&tokens.0, "refresh_token"));
        request = request
            .header("content-type", "application/json")
            .body(body);
    }
    let response = request.send().await.expect("both services answer");
    let status = response.status();
    let body: Value = response.json().await.unwrap_or_default();
    let code = if status == StatusCode::OK {
        ""
    } else {
        body["error"]["code"].as_str().unwrap_or_default()
    };
    Answer(status.as_u16(), String::leak(code.to_owned()))
}

#[tokio::test]
async fn the_python_librarys_example_and_ours() {
    let Some(live) = live().await else { return };
    let environment = |server: &str| -> Vec<(&'static str, String)> {
        vec![
            ("KEYCLOAK_SERVER_URL", server.to_owned()),
            ("KEYCLOAK_REALM", "demo".to_owned()),
            ("KEYCLOAK_CLIENT_ID", CLIENT.0.to_owned()),
            ("KEYCLOAK_CLIENT_SECRET", CLIENT.1.to_owned()),
        ]
    };
    let up = environment(&live.url);
    // No server listens there.
    let down = environment("http://127.0.0.1:9");
    let installed = tokio::task::spawn_blocking(python::install)
        .await
        .expect("pip was run");
    let installed = match installed {
        Ok(installed) => installed,
        Err(reason) => return support::skip("the comparison with the Python library", &reason),
    };

    let http = Client::new();
    let tokens = Tokens::fetch(&live).await;
    let mut wrong = Vec::new();
    for (state, environment) in [("up", &up), ("down", &down)] {
        let borrowed: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let python = python::App::start(&installed, &borrowed);
        let ours = Quickstart::start(&borrowed);
        for case in CASES.iter().filter(|case| case.keycloak == state) {
            for (who, base, expected) in [
                ("theirs", &python.base, case.theirs),
                ("ours", &ours.base, case.ours),
            ] {
                let answer = ask(&http, base, &tokens, case).await;
                if answer != expected {
                    wrong.push(format!(
                        "{}: {who} {answer:?}, expected {expected:?}",
                        case.what
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn differences_have_reasons_and_only_they() {
    for case in CASES {
        assert_eq!(
            case.ours == case.theirs,
            case.why.is_empty(),
            "{}: a difference needs a reason, and only a difference",
            case.what
        );
    }
}

#[test]
fn the_table_is_written_from_the_cases() {
    let mut table =
        String::from("| request | Keycloak | Python | here | why |\n|---|---|---|---|---|\n");
    for case in CASES {
        let Case {
            what,
            keycloak,
            theirs,
            ours,
            why,
            ..
        } = case;
        writeln!(table, "| {what} | {keycloak} | {theirs} | {ours} | {why} |")
            .expect("a String grows");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("live/parity/table.md");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let table_there = written.split_once("\n\n").map_or("", |(_, table)| table);
    if table_there != table && std::env::var_os("UPDATE_TABLE").is_some() {
        let head = written
            .split_once("\n\n")
            .map_or("# Parity", |(head, _)| head);
        std::fs::write(&path, format!("{head}\n\n{table}")).expect("table.md is writable");
        return;
    }
    assert_eq!(table_there, table, "run with UPDATE_TABLE=1 to write it");
}
