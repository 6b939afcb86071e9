//! With the realm known: policies that no caller satisfies, and the matrix of its personas.

#![allow(
    dead_code,
    reason = "handlers declared for the manifest; no router serves them"
)]

use axum::Router;
use keycloak::{
    dev::{Realm, RunningRealm},
    matrix::{Access, AccessMatrix},
    routing,
};
use serde_json::{Value, json};

#[keycloak::protected(roles = ["boss"], client_roles = none["ghost"])]
async fn satisfied_by_a_user() {}

#[keycloak::protected(groups = ["/lonely"], roles = ["nightwatch"])]
async fn satisfied_by_a_member_of_an_empty_group() {}

#[keycloak::protected(client_roles = ["robot"], realm_roles = none["boss"])]
async fn satisfied_by_a_service_account() {}

#[keycloak::protected(scopes = ["export"], roles = ["boss"])]
async fn satisfied_with_an_optional_scope() {}

#[keycloak::protected(roles = ["boss"], require = user.subject() == "nobody")]
async fn satisfied_perhaps() {}

#[keycloak::protected(groups = ["/lonely"], roles = ["boss"])]
async fn unsatisfied_together() {}

#[keycloak::protected(roles = ["stranger"])]
async fn unsatisfied_role_of_another_client() {}

#[keycloak::protected(roles = ["boss", "worker"])]
async fn implied_by_a_composite() {}

#[keycloak::protected(any(roles = ["boss"], roles = ["worker"]), scopes = ["export"])]
async fn not_implied_in_an_any() {}

fn mapper(kind: &str, mut config: Value) -> Value {
    config["access.token.claim"] = json!("true");
    json!({
        "name": kind, "protocol": "openid-connect", "protocolMapper": kind, "config": config,
    })
}

fn export() -> Value {
    json!({
        "realm": "firm",
        "enabled": true,
        "roles": {
            "realm": [
                {"name": "boss", "composite": true, "composites": {"realm": ["worker"]}},
                {"name": "worker"}, {"name": "nightwatch"},
            ],
            "client": {
                "api": [{"name": "robot"}, {"name": "ghost"}],
                "other": [{"name": "stranger"}],
            },
        },
        "groups": [{"name": "lonely", "path": "/lonely", "realmRoles": ["nightwatch"]}],
        "users": [
            {
                "username": "ann", "enabled": true, "email": "ann@firm.example",
                "firstName": "Ann", "lastName": "A", "realmRoles": ["boss"],
                "clientRoles": {"other": ["stranger"]},
            },
            {
                "username": "bea", "enabled": true, "email": "bea@firm.example",
                "firstName": "Bea", "lastName": "B", "realmRoles": ["worker"],
            },
            {"username": "service-account-api", "enabled": true, "serviceAccountClientId": "api",
             "clientRoles": {"api": ["robot"]}},
        ],
        "clients": [
            {
                "clientId": "api", "secret": "s", "enabled": true, "directAccessGrantsEnabled": true,
                "serviceAccountsEnabled": true, "fullScopeAllowed": true,
                // The export has client scopes of its own, so that none are built in.
                "protocolMappers": [
                    mapper("oidc-sub-mapper", json!({})),
                    mapper("oidc-audience-mapper", json!({"included.client.audience": "api"})),
                    mapper("oidc-usermodel-realm-role-mapper",
                           json!({"claim.name": "realm_access.roles", "multivalued": "true"})),
                    mapper("oidc-usermodel-client-role-mapper",
                           json!({"claim.name": "resource_access.${client_id}.roles",
                                  "multivalued": "true"})),
                    mapper("oidc-group-membership-mapper",
                           json!({"claim.name": "groups", "full.path": "true"})),
                ],
                "optionalClientScopes": ["export"],
            },
            {"clientId": "other", "secret": "s", "enabled": true},
        ],
        "clientScopes": [{"name": "export", "protocol": "openid-connect",
                          "attributes": {"include.in.token.scope": "true"}}],
    })
}

async fn start(export: Value) -> RunningRealm {
    Realm::from_export(export).unwrap().start().await.unwrap()
}

#[tokio::test]
async fn the_audit_names_what_nobody_satisfies_and_what_goes_without_saying() {
    let realm = start(export()).await;
    let keycloak = realm
        .keycloak("api")
        .complete_tokens_from(["api"])
        .build()
        .unwrap();
    let audit = keycloak::policies().audit(&realm, &keycloak);
    let lines: Vec<String> = audit
        .findings()
        .iter()
        .map(ToString::to_string)
        .filter(|line| line.contains(module_path!()))
        .collect();
    let about = |handler: &str| -> Vec<&String> {
        lines
            .iter()
            .filter(|line| line.contains(&format!("::{handler}:")))
            .collect()
    };
    for fine in [
        "satisfied_by_a_user",
        "satisfied_by_a_member_of_an_empty_group",
        "satisfied_by_a_service_account",
        "satisfied_with_an_optional_scope",
        "satisfied_perhaps",
        "not_implied_in_an_any",
    ] {
        assert!(about(fine).is_empty(), "{:?}", about(fine));
    }
    for (handler, words) in [
        ("unsatisfied_together", "no user, group or service account"),
        (
            "unsatisfied_role_of_another_client",
            "satisfies roles = [\"stranger\"]",
        ),
        (
            "implied_by_a_composite",
            "\"worker\" is redundant, \"boss\" includes it",
        ),
    ] {
        let lines = about(handler);
        assert_eq!(lines.len(), 1, "{handler}: {lines:?}");
        assert!(lines[0].contains(words), "{}", lines[0]);
    }
}

#[tokio::test]
async fn an_export_without_users_says_nothing_about_them() {
    let mut partial = export();
    partial.as_object_mut().unwrap().remove("users");
    let realm = start(partial).await;
    let keycloak = realm.keycloak("api").build().unwrap();
    let audit = keycloak::policies().audit(&realm, &keycloak);
    let text = audit.to_string();
    assert!(!text.contains("no user, group"), "{text}");
    assert!(text.contains("implied_by_a_composite"), "{text}");
}

#[tokio::test]
async fn the_matrix_has_every_persona_and_every_stranger() {
    let realm = start(export()).await;
    let keycloak = realm
        .keycloak("api")
        .complete_tokens_from(["api"])
        .build()
        .unwrap();
    let matrix = AccessMatrix::builder(&keycloak)
        .token_scopes(["export"])
        .realm(&realm)
        .route("GET", "/boss", "realm::satisfied_by_a_user")
        .route("GET", "/robot", "realm::satisfied_by_a_service_account")
        .route(
            "GET",
            "/stranger",
            "realm::unsatisfied_role_of_another_client",
        )
        .route("GET", "/export", "realm::satisfied_with_an_optional_scope")
        .build()
        .await
        .unwrap();
    let names: Vec<&str> = matrix
        .callers()
        .iter()
        .map(|caller| caller.name())
        .collect();
    assert_eq!(
        names,
        [
            "no token",
            "ann",
            "bea",
            "api (service)",
            "expired token",
            "ID token",
            "wrong audience",
            "other client's roles",
        ]
    );
    let allowed = |path: &str| -> Vec<&str> {
        let may = |name: &&str| matrix.access(name, "GET", path) == Some(&Access::Allowed);
        names.iter().copied().filter(may).collect()
    };
    assert_eq!(allowed("/boss"), ["ann"]);
    assert_eq!(allowed("/robot"), ["api (service)"]);
    assert_eq!(allowed("/stranger"), [""; 0]);
    assert_eq!(allowed("/export"), ["ann"]);
    let router = Router::new()
        .route("/boss", routing::get(satisfied_by_a_user))
        .route("/robot", routing::get(satisfied_by_a_service_account))
        .route(
            "/stranger",
            routing::get(unsatisfied_role_of_another_client),
        )
        .route("/export", routing::get(satisfied_with_an_optional_scope))
        .with_state::<()>(keycloak.clone());
    let verification = matrix.verify(router).await;
    verification.assert();
    assert_eq!(verification.compared, 32);
}
