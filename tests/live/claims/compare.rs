//! Sets aside what differs by nature, and lists the rest.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use support::real::tokens::{claims, header};

/// Differences found so far.
#[derive(Debug, Default)]
pub struct Comparison {
    compared: usize,
    issued: usize,
    differences: Vec<String>,
}

impl Comparison {
    /// Compares two answers of a token endpoint: both refuse in the same words, or both issue the
    /// same kinds of tokens with the same claims.
    pub fn answers(&mut self, what: &str, real: &(StatusCode, Value), ours: &(StatusCode, Value)) {
        self.compared += 1;
        if real.0 == StatusCode::OK {
            self.issued += 1;
        }
        let before = self.differences.len();
        if real.0 != ours.0 {
            let text = format!("{what}: {} {} is {} here", real.0, real.1, ours.0);
            self.differences.push(text);
        } else if real.0 == StatusCode::OK {
            self.values(what, &answer(&real.1), &answer(&ours.1));
        } else {
            self.values(what, &real.1, &ours.1);
        }
        // A page of differences says no more than a few do.
        self.differences.truncate(before + 5);
    }

    fn values(&mut self, path: &str, real: &Value, ours: &Value) {
        if let (Value::Object(a), Value::Object(b)) = (real, ours) {
            let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for name in names {
                let none = Value::Null;
                let (a, b) = (a.get(name).unwrap_or(&none), b.get(name).unwrap_or(&none));
                self.values(&format!("{path}.{name}"), a, b);
            }
        } else if real != ours {
            self.differences
                .push(format!("{path}: {real} is {ours} here"));
        }
    }

    /// Fails with all differences, or where fewer than `least` answers held tokens.
    #[track_caller]
    pub fn finish(self, what: &str, least: usize) {
        println!(
            "{what}: {} answers compared, {} with tokens, {} differences",
            self.compared,
            self.issued,
            self.differences.len()
        );
        assert!(
            self.differences.is_empty(),
            "{what} differs:\n{}",
            self.differences.join("\n")
        );
        assert!(self.issued >= least, "only {} with tokens", self.issued);
    }
}

fn answer(body: &Value) -> Value {
    let mut out = Map::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let value = match name.as_str() {
            "access_token" | "id_token" | "refresh_token" => {
                token(value.as_str().unwrap_or_default())
            }
            "session_state" => json!("present"),
            "scope" => words(value),
            // A second may pass between session and token.
            "expires_in" | "refresh_expires_in" => {
                let seconds = value.as_i64().unwrap_or_default();
                json!((seconds + 2) / 5 * 5)
            }
            _ => value.clone(),
        };
        out.insert(name.clone(), value);
    }
    Value::Object(out)
}

fn token(token: &str) -> Value {
    let mut header = header(token);
    let mut claims = claims(token);
    let issuer = claims["iss"].as_str().unwrap_or_default().to_owned();
    let base = issuer.split("/realms/").next().unwrap_or_default();
    if let Some(header) = header.as_object_mut() {
        header.remove("kid");
    }
    if let Some(claims) = claims.as_object_mut() {
        for (name, value) in claims.iter_mut() {
            match name.as_str() {
                "exp" | "iat" | "auth_time" | "sid" | "sub" | "at_hash" => {
                    *value = json!("present");
                }
                // The kind of token is before the colon.
                "jti" => {
                    let id = value.as_str().unwrap_or_default();
                    let kind = id.split_once(':').map_or("", |(kind, _)| kind);
                    *value = json!(kind);
                }
                "scope" => *value = words(value),
                _ => {}
            }
        }
    }
    json!({ "header": header, "claims": without_order(&claims, base) })
}

fn words(text: &Value) -> Value {
    let words: BTreeSet<_> = text.as_str().unwrap_or_default().split(' ').collect();
    json!(words)
}

/// Lists are sets to Keycloak; the base address differs.
fn without_order(value: &Value, base: &str) -> Value {
    match value {
        Value::Array(list) => {
            let mut list: Vec<_> = list.iter().map(|item| without_order(item, base)).collect();
            list.sort_by_key(Value::to_string);
            Value::Array(list)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), without_order(value, base)))
            .collect(),
        Value::String(text) => Value::String(text.replace(base, "")),
        other => other.clone(),
    }
}
