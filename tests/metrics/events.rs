//! Every event of the table is written, carries its name as a field, and shows what others wrote
//! without a control character.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use axum::{Router, http::StatusCode, routing::get};
use keycloak::{Algorithm, Keycloak, User, dev::Realm, telemetry::names};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, claims, with},
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt as _},
};

use super::load::{self, bearer, send};

/// One event as it reaches a subscriber.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    name: &'static str,
    fields: BTreeMap<&'static str, String>,
}

impl Seen {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// Keeps all of our events.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    /// What this thread writes while the guard lives.
    pub(crate) fn begin() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = Registry::default().with(log.clone());
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn events(&self) -> Vec<Seen> {
        self.0.lock().expect("log").clone()
    }

    /// The events of this row of the table.
    pub(crate) fn of(&self, event: names::Event) -> Vec<Seen> {
        let mut events = self.events();
        events.retain(|seen| seen.name == event.name);
        events
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target().starts_with("keycloak") {
            let mut seen = Seen {
                name: metadata.name(),
                fields: BTreeMap::new(),
            };
            event.record(&mut seen);
            self.0.lock().expect("log").push(seen);
        }
    }
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

#[keycloak::protected(roles = ["admin"], groups = any["/eng", "/ops"])]
async fn admin(_: User) {}

/// The route has no such parameter.
#[keycloak::protected(groups = ["/projects/{project}"])]
async fn misspelt() {}

#[keycloak::protected(check = fails)]
async fn failing() {}

fn fails(_: &User) -> Result<bool, std::io::Error> {
    Err(std::io::Error::other("the database\nis down"))
}

fn service(keycloak: &Keycloak) -> Router {
    Router::new()
        .route("/admin", get(admin))
        .route("/misspelt/{id}", get(misspelt))
        .route("/failing", get(failing))
        .with_state(keycloak.clone())
}

fn builder(issuer: &Issuer) -> keycloak::KeycloakBuilder {
    Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .client_secret("secret")
        .enable_token_refresh()
        .algorithms([Algorithm::ES256])
}

/// A layer around a service that is not a router: its public paths cannot be compared with a route.
async fn outside_of_a_router(keycloak: &Keycloak) {
    let layer = keycloak.layer().public_paths(["/health"]);
    let service = tower::service_fn(|_: axum::extract::Request| async {
        Ok::<_, std::convert::Infallible>(axum::response::Response::new(axum::body::Body::empty()))
    });
    let service = tower::Layer::layer(&layer, service);
    let request = axum::extract::Request::get("/health").body(axum::body::Body::empty());
    let answer = tower::ServiceExt::oneshot(service, request.expect("a request")).await;
    assert_eq!(
        answer.expect("an answer").status(),
        StatusCode::UNAUTHORIZED
    );
}

// One thread, so that the log of this thread is the whole log.
#[tokio::test]
async fn each_event_of_the_table_is_written_with_its_name_as_a_field() {
    let _turn = load::turn().await;
    let (log, _guard) = Log::begin();

    let key = SigningKey::generate(Algorithm::ES256, "key");
    let issuer = Issuer::start(&[&key]).await;
    let mut keys = support::issuer::jwks(&[&key]);
    keys["keys"]
        .as_array_mut()
        .expect("keys")
        .push(json!({"kty": "oct", "kid": "symmetric", "k": "AAAA"}));
    issuer.publish_text(keys.to_string());
    let keycloak = builder(&issuer)
        .danger_accept_invalid_certs()
        .build()
        .expect("settings");
    let _ = keycloak.layer().public_paths(["no-path"]);
    outside_of_a_router(&keycloak).await;
    let app = service(&keycloak);
    let good = claims(&issuer.issuer(), "api", "the-subject");
    for token in [
        key.token(&good),
        key.token(&with(&good, json!({"aud": "account"}))),
    ] {
        send(&app, load::get("/admin", &[&bearer(&token)])).await;
    }
    for path in ["/misspelt/1", "/failing"] {
        send(&app, load::get(path, &[&bearer(&key.token(&good))])).await;
    }
    for n in 0..4 {
        let unknown = SigningKey::generate(Algorithm::ES256, &format!("unknown-{n}"));
        let token = unknown.token(&good);
        send(&app, load::get("/admin", &[&bearer(&token)])).await;
    }
    assert!(keycloak.refresh_token("old").await.is_err());
    // An endpoint that errs for several sessions.
    issuer.answer("token/introspect", StatusCode::INTERNAL_SERVER_ERROR, "");
    let asking = builder(&issuer)
        .token_check(keycloak::TokenCheck::Introspect)
        .build()
        .expect("settings");
    for session in 0..12 {
        let token = key.token(&with(&good, json!({"sid": session.to_string()})));
        assert!(asking.authenticate_token(&token).await.is_err());
    }
    // Not fetched yet, and not there.
    issuer.fail_jwks(StatusCode::NOT_FOUND);
    assert!(
        builder(&issuer)
            .build()
            .expect("settings")
            .ready()
            .await
            .is_err()
    );
    issuer.discover(&json!({"issuer": "https://elsewhere.example"}));
    let lost = builder(&issuer).build().expect("settings");
    assert!(lost.provider_metadata().await.is_err());
    super::settings::set_up_badly();
    let realm = json!({
        "realm": "noted",
        "users": [{"username": "ann", "enabled": true, "realmRoles": ["undeclared"]}],
    });
    let noted = Realm::from_export(realm).expect("a realm");
    assert!(!noted.notes().is_empty());
    drop(noted.start().await.expect("the realm"));

    let events = log.events();
    for event in names::EVENTS {
        assert!(
            events.iter().any(|seen| seen.name == event.name),
            "{} was not written",
            event.name
        );
    }
    for seen in &events {
        assert!(
            names::EVENTS.iter().any(|event| event.name == seen.name),
            "{} is not in the table",
            seen.name
        );
        assert_eq!(seen.field("event"), seen.name, "{seen:?}");
    }

    // The caller is named where the token was accepted, and only there.
    for event in [names::REFUSED, names::POLICY_DENIED] {
        for seen in log.of(event) {
            let known = seen.name == names::POLICY_DENIED.name
                || seen.field("status") == "403"
                || seen.field("code") == "rule_unavailable";
            let expected = if known { "the-subject" } else { "" };
            assert_eq!(seen.field("sub"), expected, "{seen:?}");
        }
    }
    let server = issuer.server_url();
    let discovery = log.of(names::DISCOVERY_FAILED);
    assert_eq!(
        discovery[0].field("url"),
        format!("{server}/realms/{REALM}/.well-known/openid-configuration")
    );
    let keys = log.of(names::KEYS_FAILED);
    assert_eq!(
        keys[0].field("url"),
        format!("{server}/realms/{REALM}/protocol/openid-connect/certs")
    );
}

/// Ends a line and begins one that looks like ours, erases the screen, rings, turns the direction.
const HOSTILE: &str =
    "x\n2026-01-01 ERROR forged\r\u{1b}[2J\u{7}\u{9b}31m\u{2028}\u{202e}\u{85}\u{7f}";

fn hostile_claims(issuer: &Issuer) -> Value {
    with(
        &claims(&issuer.issuer(), "api", HOSTILE),
        json!({
            "realm_access": {"roles": [HOSTILE, "y".repeat(5_000)]},
            "resource_access": {"api": {"roles": [HOSTILE]}},
            "groups": [format!("/{HOSTILE}")],
            "preferred_username": HOSTILE,
        }),
    )
}

#[tokio::test]
async fn what_others_wrote_cannot_begin_a_line_or_steer_a_terminal() {
    let _turn = load::turn().await;
    let (log, _guard) = Log::begin();
    let key = SigningKey::generate(Algorithm::ES256, HOSTILE);
    let plain = SigningKey::generate(Algorithm::ES256, "key");
    let issuer = Issuer::start(&[&key, &plain]).await;
    let keycloak = builder(&issuer).build().expect("settings");
    let app = service(&keycloak);
    let stranger = SigningKey::generate(Algorithm::ES256, &format!("{HOSTILE}2"));
    let hostile = hostile_claims(&issuer);
    let mut statuses = Vec::new();
    for token in [
        plain.token(&hostile),
        key.token(&hostile),
        stranger.token(&hostile),
        plain.token(&with(&hostile, json!({"iss": HOSTILE}))),
        plain.token(&with(&hostile, json!({"aud": HOSTILE}))),
        plain.token(&with(&hostile, json!({"typ": HOSTILE}))),
        plain.token(&with(&hostile, json!({"azp": HOSTILE, "aud": "account"}))),
    ] {
        let (status, _) = send(&app, load::get("/admin", &[&bearer(&token)])).await;
        statuses.push(status.as_u16());
    }
    assert_eq!(statuses[0], 403, "{statuses:?}");
    let refused = json!({"error": HOSTILE, "error_description": HOSTILE}).to_string();
    for status in [StatusCode::BAD_REQUEST, StatusCode::OK] {
        issuer.answer("token", status, &refused);
        assert!(keycloak.refresh_token(HOSTILE).await.is_err());
    }
    let mut document = issuer.discovery_document();
    document["issuer"] = json!(format!("{HOSTILE}{}", "z".repeat(100_000)));
    issuer.discover(&document);
    let lost = builder(&issuer).build().expect("settings");
    let error = lost
        .provider_metadata()
        .await
        .expect_err("a foreign issuer");
    let report = lost.run_diagnostics().await;
    let announced = report.issuer.announced.clone().expect("an issuer");

    let mut texts = vec![announced, format!("{error:?}"), format!("{error}")];
    let source = std::error::Error::source(&error).expect("a cause");
    texts.push(source.to_string());
    texts.push(format!("{report:?}"));
    for seen in log.events() {
        texts.extend(seen.fields.into_values());
    }
    for text in &texts {
        let raw = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}');
        assert!(!text.contains(raw), "{text:?}");
        assert!(text.len() < 6_000, "{} bytes", text.len());
    }
    // They are there, and can be read.
    let issuer_is_told = |text: &String| text.contains(r"x\n2026-01-01 ERROR forged\r\u{1b}[2J");
    assert!(texts.iter().filter(|text| issuer_is_told(text)).count() > 3);
    let denied = log.of(names::POLICY_DENIED);
    assert!(denied[0].field("sub").starts_with(r"x\n2026"));
}
