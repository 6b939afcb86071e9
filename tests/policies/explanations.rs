//! Why a caller was refused: in the log always, to the client by opt-in only.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::Router;
use keycloak::routing;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use support::world::{World, get};

#[keycloak::protected(roles = ["admin"], any(groups = ["ops"], claim("department") = ["it"]))]
async fn explained() {}

fn router(world: &World) -> Router {
    Router::new()
        .route("/", routing::get(explained))
        .with_state::<()>(world.app())
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
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

#[tokio::test]
async fn clients_are_told_by_opt_in_and_after_verification_only() {
    let silent = World::start().await;
    let refused =
        json!({"realm_access": {"roles": ["user"]}, "groups": ["/sales"], "department": "hr"});
    let answer = get(&router(&silent), "/", Some(&silent.token(refused.clone()))).await;
    assert_eq!(answer.status, 403);
    assert!(answer.json()["error"].get("details").is_none());

    let telling = World::with(keycloak::KeycloakBuilder::explain_refusals).await;
    let answer = get(&router(&telling), "/", Some(&telling.token(refused))).await;
    assert_eq!(answer.status, 403);
    let details = answer.json()["error"]["details"].clone();
    assert_eq!(details["outcome"], "not met");
    let terms = details["terms"].as_array().unwrap();
    assert_eq!(terms[0]["missing"], json!(["admin"]));
    assert_eq!(terms[0]["caller_has"]["realm roles"], json!(["user"]));
    assert_eq!(
        terms[1]["terms"][0]["caller_has"]["groups"],
        json!(["/sales"])
    );
    // Values of other claims concern the policy only.
    assert!(!answer.text.contains("hr"), "{}", answer.text);
    for bad in [None, Some("a.b.c")] {
        let answer = get(&router(&telling), "/", bad).await;
        assert_eq!(answer.status, 401);
        assert!(answer.json()["error"].get("details").is_none());
    }
}

#[tokio::test]
async fn the_log_says_what_was_required_and_had() {
    let world = World::start().await;
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let claims = json!({
        "realm_access": {"roles": ["user", "line\nbreak \u{1b}[31m"]}, "department": "hr",
    });
    let token = world.token(claims);
    let router = router(&world);
    // For all threads: a subscriber of one thread misses call sites that others have met first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    assert_eq!(get(&router, "/", Some(&token)).await.status, 403);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("line\\nbreak"))
        .unwrap_or_else(|| panic!("nothing logged: {text}"));
    assert!(
        line.contains("DEBUG keycloak::authorization: refused"),
        "{line}"
    );
    assert!(
        line.contains("not met: roles = [\"admin\"]; missing [\"admin\"]"),
        "{line}"
    );
    assert!(
        line.contains("caller has realm roles [\"line\\nbreak"),
        "{line}"
    );
    assert!(!text.contains('\u{1b}'), "{line}");
    assert!(!text.contains(&token) && !line.contains("hr"), "{line}");
}

#[test]
fn a_reason_reads_as_a_tree() {
    let policy = keycloak::policy!(
        roles = ["admin"],
        any(groups = none["banned"], claim("department") = ["it"]),
    );
    let user = keycloak::testing::user("a")
        .realm_role("user")
        .incomplete_token()
        .build();
    let reason = policy.explain(&user);
    assert!(!reason.is_met());
    let expected = "\
not met: roles = [\"admin\"], any(groups = none[\"banned\"], claim(\"department\") = [\"it\"])
  not met: roles = [\"admin\"]; missing [\"admin\"]; caller has realm roles [\"user\"]; caller has \
roles of client \"test-client\" []
  cannot be proven: any(groups = none[\"banned\"], claim(\"department\") = [\"it\"])
    cannot be proven: groups = none[\"banned\"]; unproven [\"banned\"]; caller has groups []; the \
token does not show it, which proves nothing while tokens of the client \"test-caller\" are not \
declared complete; if they leave out no role and no group, declare it: \
.complete_tokens_from([\"test-caller\"])
    cannot be proven: claim(\"department\") = [\"it\"]; unproven [\"it\"]; the token has no claim \
\"department\", so that nothing can be proven about it; add a mapper for it to the client";
    assert_eq!(format!("{reason:#}"), expected);
    let json = serde_json::to_value(&reason).unwrap();
    assert_eq!(json["terms"][1]["terms"][0]["outcome"], "cannot be proven");
    let admin = keycloak::testing::user("b")
        .realm_role("admin")
        .group("/ops")
        .build();
    assert!(policy.explain(&admin).is_met());
}
