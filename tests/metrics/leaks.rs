//! Logs at their most talkative, under good and hostile requests: no token, secret or claim value.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use keycloak::{Algorithm, AuthError, Keycloak, TokenResponse, User};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, b64, claims, now, with},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::load::{self, bearer, send};

/// The log as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("log")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("log").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const SECRET: &str = "hush-client-secret";

/// Values that nothing but a token holds.
fn marked(issuer: &Issuer) -> Value {
    with(
        &claims(&issuer.issuer(), "api", "known-subject"),
        json!({
            "azp": "hush-azp",
            "sid": "hush-sid",
            "jti": "hush-jti",
            "acr": "hush-acr",
            "email": "hush-email@example.org",
            "name": "hush-name",
            "preferred_username": "hush-username",
            "department": {"code": "hush-claim"},
        }),
    )
}

#[keycloak::protected]
async fn anybody(user: User) -> String {
    user.subject().to_owned()
}

#[keycloak::protected(roles = ["admin"], claim("department.code") = ["x"])]
async fn admin() {}

#[keycloak::public]
async fn refresh(
    State(keycloak): State<Keycloak>,
    Json(body): Json<Value>,
) -> Result<TokenResponse, AuthError> {
    let token = body["refresh_token"].as_str().unwrap_or_default();
    keycloak.refresh_token(token).await
}

fn hostile_tokens(issuer: &Issuer, key: &SigningKey) -> Vec<String> {
    let good = marked(issuer);
    let changes = [
        json!({"iss": "hush-iss"}),
        json!({"aud": "hush-aud"}),
        json!({"aud": "account"}),
        json!({"typ": "hush-typ"}),
        json!({"typ": 7}),
        json!({"exp": 1_234_567}),
        json!({"iat": now() + 7_654_321}),
        json!({"sub": null}),
        json!({"cnf": {"jkt": "hush-cnf"}}),
        json!({"realm_access": "hush-roles"}),
    ];
    let mut tokens: Vec<_> = changes
        .into_iter()
        .map(|changes| key.token(&with(&good, changes)))
        .collect();
    let foreign = SigningKey::generate(Algorithm::ES256, "hush-kid");
    let forged = SigningKey::generate(Algorithm::ES256, &key.kid);
    let header = json!({"alg": "hush-alg", "kid": "key"}).to_string();
    let crit = json!({"alg": "ES256", "kid": "key", "crit": ["hush-crit"]}).to_string();
    tokens.extend([
        foreign.token(&good),
        forged.token(&good),
        key.compact(&header, good.to_string().as_bytes()),
        key.compact(&crit, good.to_string().as_bytes()),
        key.compact(&key.header().to_string(), br#"{"sub": "hush-json", "sub"#),
        key.compact(
            &key.header().to_string(),
            br#"{"hush-name": "hush-one", "hush-name": "hush-two"}"#,
        ),
        "hush-opaque".to_owned(),
        "hush.hush.hush".to_owned(),
        format!("hush-long{}", "x".repeat(20_000)),
    ]);
    tokens
}

/// Checks the log, which is not repeated where it holds what it must not.
#[track_caller]
fn check(log: &str, tokens: &[String]) {
    for secret in [
        SECRET,
        &b64(SECRET),
        "hush",
        "1234567",
        "7654321",
        "1_234_567",
    ] {
        if let Some(at) = log.find(secret) {
            let line = log[..at].matches('\n').count();
            let line = log.lines().nth(line).unwrap_or_default();
            panic!("`{secret}` is in the log: {line}");
        }
    }
    for token in tokens {
        for part in token.split('.').filter(|part| part.len() > 12) {
            assert!(!log.contains(part), "a part of a token is in the log");
        }
    }
}

// One thread, so that the log of this thread is the whole log.
#[tokio::test]
async fn nothing_of_a_token_and_no_secret_is_logged() {
    let _turn = load::turn().await;
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let key = SigningKey::generate(Algorithm::ES256, "key");
    let issuer = Issuer::start(&[&key]).await;
    let builder = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .client_secret(SECRET)
        .enable_token_refresh()
        .algorithms([Algorithm::ES256]);
    let keycloak = builder.build().expect("settings");
    let app = Router::new()
        .route("/", get(anybody))
        .route("/admin", get(admin))
        .route("/token/refresh", post(refresh))
        .with_state(keycloak.clone());

    let good = key.token(&marked(&issuer));
    for path in ["/", "/admin", "/"] {
        send(&app, load::get(path, &[&bearer(&good)])).await;
    }
    let hostile = hostile_tokens(&issuer, &key);
    for token in &hostile {
        send(&app, load::get("/admin", &[&bearer(token)])).await;
    }
    send(&app, load::get("/admin", &["hush-scheme hush-credentials"])).await;
    send(&app, load::get("/admin", &["Bearer hush-a hush-b"])).await;
    send(&app, load::get("/admin", &[&bearer(&good), "Bearer hush"])).await;
    send(&app, load::refresh("hush-refresh-token")).await;
    keycloak.run_diagnostics().await;
    keycloak.close().await;

    let mut tokens = hostile;
    tokens.push(good);
    let text = log.text();
    check(&text, &tokens);
    // The log was on, and says what it should.
    for expected in [
        "keycloak.validate_token",
        "keycloak.fetch_keys",
        "code=\"unknown_kid\"",
        "looks_like=\"audience_is_account\"",
        "looks_like=\"key_not_published\"",
        "looks_like=\"token_too_long\"",
        "looks_like=\"duplicate_member\"",
        "Included Client Audience `api`",
        "policy=",
        "event=\"keycloak.refused\"",
        // The one claim that is logged, where the caller is known.
        "sub=known-subject",
    ] {
        assert!(text.contains(expected), "the log lacks {expected}");
    }
}

#[test]
fn the_check_finds_what_is_planted() {
    let found = |log: &str| {
        let (log, tokens) = (
            log.to_owned(),
            vec!["abcdefghijklmno.pqrstuvwxyzabcd.e".to_owned()],
        );
        std::panic::catch_unwind(move || check(&log, &tokens)).is_err()
    };
    assert!(found("cause=hush-claim"));
    assert!(found("authorization: pqrstuvwxyzabcd"));
    assert!(!found("nothing to see here"));
}
