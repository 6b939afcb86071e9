//! What the tokens of the demo realm look like: the facts that the library builds on.

use serde_json::json;
use support::real::{CLIENT, OTHER_CLIENT, tokens::claims, tokens::header, tokens::text};

use super::server::live;

#[tokio::test]
async fn access_id_and_refresh_tokens_differ_in_the_payload_only() {
    let Some(live) = live().await else { return };
    let answer = live.tokens.login(CLIENT, "alice", "openid").await;
    for (member, typ, algorithm) in [
        ("access_token", "Bearer", "RS256"),
        ("id_token", "ID", "RS256"),
        ("refresh_token", "Refresh", "HS512"),
    ] {
        let token = text(&answer, member);
        assert_eq!(header(&token)["typ"], "JWT", "{member}");
        assert_eq!(header(&token)["alg"], algorithm, "{member}");
        assert_eq!(claims(&token)["typ"], typ, "{member}");
    }
}

#[tokio::test]
async fn composites_and_groups_grant_roles() {
    let Some(live) = live().await else { return };
    let alice = claims(&live.tokens.access_token("alice").await);
    assert_eq!(alice["iss"], live.issuer.as_str());
    assert_eq!(alice["aud"], "demo-api");
    assert_eq!(
        sorted(&alice["realm_access"]["roles"]),
        ["admin", "auditor", "operator", "user"]
    );
    assert_eq!(
        sorted(&alice["resource_access"]["demo-api"]["roles"]),
        ["reports-admin", "reports-reader", "reports-writer"]
    );
    assert_eq!(alice["groups"], json!(["/ops"]));
}

#[tokio::test]
async fn a_user_without_anything_has_no_containers_at_all() {
    let Some(live) = live().await else { return };
    let frank = claims(&live.tokens.access_token("frank").await);
    for absent in ["realm_access", "resource_access", "groups"] {
        assert_eq!(frank.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_foreign_clients_token_is_not_for_us() {
    let Some(live) = live().await else { return };
    let answer = live.tokens.login(OTHER_CLIENT, "bob", "openid").await;
    assert_eq!(claims(&text(&answer, "access_token")).get("aud"), None);
}

fn sorted(list: &serde_json::Value) -> Vec<&str> {
    let mut names: Vec<&str> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .collect();
    names.sort_unstable();
    names
}
