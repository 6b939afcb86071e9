//! One suspended user through clients of the real Keycloak that show more or less of them: what a
//! client leaves out never gets them in.

use keycloak::{Policy, User};
use serde_json::{Value, json};
use support::real::tokens::text;

use super::{
    local::builder,
    server::{Live, live},
};

const SECRET: &str = "the-secret-of-a-client";

const POLICIES: [(&str, Policy); 3] = [
    (
        "realm roles",
        keycloak::policy!(not(realm_roles = ["suspended"])),
    ),
    ("roles", keycloak::policy!(roles = none["suspended"])),
    ("groups", keycloak::policy!(not(groups = ["/partners/**"]))),
];

/// Client id, and how it differs from one that shows everything.
fn clients() -> [(&'static str, Value); 4] {
    let for_lightweight = |name: &str, kind: &str, mut config: Value| {
        config["lightweight.claim"] = json!("true");
        config["access.token.claim"] = json!("true");
        json!({"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config})
    };
    [
        ("negation-full", json!({})),
        ("negation-narrow", json!({"fullScopeAllowed": false})),
        (
            "negation-lightweight",
            json!({
                "attributes": {"client.use.lightweight.access.token.enabled": "true"},
                "protocolMappers": [
                    for_lightweight("sub", "oidc-sub-mapper", json!({})),
                    for_lightweight("aud", "oidc-audience-mapper",
                        json!({"included.client.audience": "demo-api"})),
                ],
            }),
        ),
        (
            "negation-groupless",
            json!({"defaultClientScopes": ["basic", "roles", "profile", "demo-api-audience"]}),
        ),
    ]
}

async fn user(live: &Live, client: &str, persona: &str, declared: &[&str]) -> User {
    let answer = live.tokens.login((client, SECRET), persona, "openid").await;
    let mut builder = builder(live);
    if !declared.is_empty() {
        builder = builder.complete_tokens_from(declared.to_vec());
    }
    let keycloak = builder.build().expect("good settings");
    let token = text(&answer, "access_token");
    keycloak
        .authenticate_token(&token)
        .await
        .unwrap_or_else(|error| panic!("{persona} through {client}: {error}"))
}

#[tokio::test]
async fn what_a_client_leaves_out_admits_no_suspended_user() {
    let Some(live) = live().await else { return };
    for (client, differs) in clients() {
        let mut representation = json!({
            "clientId": client,
            "secret": SECRET,
            "publicClient": false,
            "standardFlowEnabled": false,
            "directAccessGrantsEnabled": true,
            "fullScopeAllowed": true,
            "defaultClientScopes": ["basic", "roles", "profile", "groups", "demo-api-audience"],
        });
        for (member, value) in differs.as_object().expect("members") {
            representation[member] = value.clone();
        }
        live.admin.create_client(representation).await;
    }

    let mut left_out = 0;
    for (client, _) in clients() {
        // Mallory is suspended, and in /partners/ops.
        let hidden = user(&live, client, "mallory", &[]).await;
        let declared = user(&live, client, "mallory", &["negation-full"]).await;
        for (name, policy) in POLICIES {
            for mallory in [&hidden, &declared] {
                let reason = policy.explain(mallory);
                assert!(!reason.is_met(), "{name} through {client}: {reason:#}");
            }
        }
        left_out += usize::from(!hidden.has_role("suspended"));
        left_out += usize::from(!hidden.in_group_or_below("/partners"));
    }
    // The tokens really differ: without that, nothing was tested.
    assert_eq!(left_out, 4, "narrow, lightweight twice, groupless");

    for (name, policy) in POLICIES {
        // Bob is not suspended; only the declared client proves it.
        let bob = user(&live, "negation-full", "bob", &["negation-full"]).await;
        assert!(
            policy.explain(&bob).is_met(),
            "{name}: {:#}",
            policy.explain(&bob)
        );
        let bob = user(&live, "negation-full", "bob", &[]).await;
        let reason = policy.explain(&bob).to_string();
        assert!(reason.contains("complete_tokens_from"), "{reason}");
    }
}
