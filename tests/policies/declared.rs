//! Clients that `complete_tokens_from` declares, against the realm: a token that leaves out a name
//! which a policy excludes by is a finding, whatever setting of which mapper does it.

#![allow(
    dead_code,
    reason = "handlers declared for the manifest; no router serves them"
)]

use keycloak::{
    TokenCheck,
    dev::{Realm, RunningRealm},
    manifest::RealmFinding,
};
use serde_json::{Value, json};

const LISTED: keycloak::Policy = keycloak::policy!(realm_roles = ["declared-banned"]);

#[keycloak::protected(not(policy = LISTED))]
async fn without_a_realm_role() {}

#[keycloak::protected(roles = none["declared-frozen"])]
async fn without_a_role_of_ours() {}

#[keycloak::protected(client_roles("billing") = none["declared-debtor"])]
async fn without_a_role_of_another_client() {}

#[keycloak::protected(groups = none["/declared/**"])]
async fn without_a_group() {}

#[keycloak::protected(claim("declared.flags") = none["declared-flagged"])]
async fn without_a_value() {}

/// Asks for it in the end, and does not exclude by it.
#[keycloak::protected(not(realm_roles = none["declared-wanted"]))]
async fn with_a_role() {}

fn mapper(kind: &str, mut config: Value) -> Value {
    config["access.token.claim"] = json!("true");
    json!({
        "name": kind, "protocol": "openid-connect", "protocolMapper": kind, "config": config,
    })
}

fn rename(from: &str, to: &str) -> Value {
    mapper(
        "oidc-role-name-mapper",
        json!({"role": from, "new.role.name": to}),
    )
}

const REALM_ROLES: usize = 0;
const CLIENT_ROLES: usize = 1;
const GROUPS: usize = 2;

fn export() -> Value {
    let role = |name: &str| json!({ "name": name });
    json!({
        "realm": "firm",
        "enabled": true,
        "roles": {
            "realm": [role("declared-banned"), role("declared-wanted")],
            "client": {
                "api": [role("declared-frozen")],
                "billing": [role("declared-debtor")],
            },
        },
        "groups": [{"name": "declared", "path": "/declared",
                    "subGroups": [{"name": "inner", "path": "/declared/inner"}]}],
        "users": [{
            "username": "ann", "enabled": true, "email": "ann@firm.example",
            "firstName": "Ann", "lastName": "A", "groups": ["/declared"],
        }, {
            "username": "sam", "enabled": true, "email": "sam@firm.example",
            "firstName": "Sam", "lastName": "S",
            "attributes": {"several": ["x", "y"], "one": ["x"]},
        }],
        "clients": [
            {"clientId": "api", "secret": "s", "enabled": true},
            {"clientId": "billing", "secret": "s", "enabled": true},
        ],
    })
}
fn declared(client_id: &str) -> Value {
    json!({
        "clientId": client_id, "publicClient": true, "enabled": true, "fullScopeAllowed": true,
        "attributes": {},
        "protocolMappers": [
            mapper("oidc-usermodel-realm-role-mapper",
                   json!({"claim.name": "realm_access.roles", "multivalued": "true"})),
            mapper("oidc-usermodel-client-role-mapper",
                   json!({"claim.name": "resource_access.${client_id}.roles",
                          "multivalued": "true"})),
            mapper("oidc-group-membership-mapper",
                   json!({"claim.name": "groups", "full.path": "true"})),
            mapper("oidc-sub-mapper", json!({})),
            mapper("oidc-audience-mapper", json!({"included.client.audience": "api"})),
        ],
        "optionalClientScopes": [client_id],
    })
}

/// What is done to a declared client, and to a scope that its callers may ask for.
type Change = fn(&mut Value, &mut Value);

/// A realm that has a declared client with each of the changes.
struct Changed {
    realm: RunningRealm,
    clients: Vec<String>,
}

impl Changed {
    async fn start(changes: impl IntoIterator<Item = Change>) -> Self {
        let mut export = export();
        let (mut names, mut scopes) = (Vec::new(), Vec::new());
        for (number, change) in changes.into_iter().enumerate() {
            let name = format!("web-{number}");
            let mut client = declared(&name);
            // With scopes of its own, the realm has none that are built in.
            let mut scope =
                json!({"name": name, "protocol": "openid-connect", "protocolMappers": []});
            change(&mut client, &mut scope);
            export["clients"].as_array_mut().unwrap().push(client);
            scopes.push(scope);
            names.push(name);
        }
        export["clientScopes"] = json!(scopes);
        Self {
            realm: Realm::from_export(export).unwrap().start().await.unwrap(),
            clients: names,
        }
    }

    /// What the audit says about each of them.
    fn problems(&self, check: TokenCheck) -> Vec<Vec<String>> {
        let builder = self.realm.keycloak("api").client_secret("s");
        let keycloak = builder
            .complete_tokens_from(self.clients.clone())
            .token_check(check)
            .build()
            .unwrap();
        let audit = keycloak::policies().audit(&self.realm, &keycloak);
        let about = |name: &String| {
            let incomplete = audit.findings().iter().filter_map(|finding| match finding {
                RealmFinding::Incomplete {
                    client, problem, ..
                } if client == name => Some(problem.clone()),
                _ => None,
            });
            incomplete.collect()
        };
        self.clients.iter().map(about).collect()
    }
}

#[track_caller]
fn same(row: &str, found: &[String], start: &str, missing: &[&str]) {
    assert_eq!(found.len(), missing.len(), "{row}: {found:#?}");
    for what in missing {
        let expected = format!("{start} a user who has the {what} do not show it");
        let is_there = found.iter().any(|problem| problem.starts_with(&expected));
        assert!(is_there, "{row}: {expected}\n{found:#?}");
    }
}

const TOKENS: &str = "the access tokens of";
const ANSWERS: &str = "the answers of Keycloak's introspection about";
const ASKED: [TokenCheck; 2] = [TokenCheck::Introspect, TokenCheck::LocalThenIntrospect];

fn config(client: &mut Value, mapper: usize) -> &mut Value {
    &mut client["protocolMappers"][mapper]["config"]
}

fn add(owner: &mut Value, mapper: Value) {
    owner["protocolMappers"]
        .as_array_mut()
        .unwrap()
        .push(mapper);
}

fn forget(client: &mut Value, mapper: usize, name: &str) {
    config(client, mapper).as_object_mut().unwrap().remove(name);
}

const BANNED: &str = "realm role `declared-banned`";
const FROZEN: &str = "role `declared-frozen` of client `api`";
const DEBTOR: &str = "role `declared-debtor` of client `billing`";
const GROUP: &str = "group `/declared`";
const INNER: &str = "group `/declared/inner`";

#[tokio::test]
async fn a_client_that_shows_everything_is_clean() {
    let changed = Changed::start([
        (|_, _| ()) as Change,
        // No policy excludes by this one.
        |client, _| add(client, rename("declared-wanted", "other")),
    ])
    .await;
    for check in [TokenCheck::Local].into_iter().chain(ASKED) {
        assert_eq!(changed.problems(check), [[""; 0], []], "{check:?}");
    }
}

#[tokio::test]
async fn what_the_tokens_of_a_declared_client_leave_out_is_a_finding() {
    let rows: [(&str, Change, &[&str]); 15] = [
        (
            "groups in another claim",
            |client, _| config(client, GROUPS)["claim.name"] = json!("teams"),
            &[GROUP, INNER],
        ),
        (
            "groups by name",
            |client, _| config(client, GROUPS)["full.path"] = json!("false"),
            &[GROUP, INNER],
        ),
        (
            "groups nowhere said to be in access tokens",
            |client, _| forget(client, GROUPS, "access.token.claim"),
            &[GROUP, INNER],
        ),
        (
            "realm roles in another claim",
            |client, _| config(client, REALM_ROLES)["claim.name"] = json!("roles"),
            &[BANNED],
        ),
        (
            "realm roles with a prefix",
            |client, _| {
                config(client, REALM_ROLES)["usermodel.realmRoleMapping.rolePrefix"] = json!("r-");
            },
            &[BANNED],
        ),
        (
            "realm roles nowhere said to be in access tokens",
            |client, _| forget(client, REALM_ROLES, "access.token.claim"),
            &[BANNED],
        ),
        (
            "client roles with a prefix",
            |client, _| {
                config(client, CLIENT_ROLES)["usermodel.clientRoleMapping.rolePrefix"] =
                    json!("r-");
            },
            &[FROZEN, DEBTOR],
        ),
        (
            "client roles in another claim",
            |client, _| config(client, CLIENT_ROLES)["claim.name"] = json!("roles"),
            &[FROZEN, DEBTOR],
        ),
        (
            "client roles nowhere said to be in access tokens",
            |client, _| forget(client, CLIENT_ROLES, "access.token.claim"),
            &[FROZEN, DEBTOR],
        ),
        (
            "the roles of another client only",
            |client, _| {
                config(client, CLIENT_ROLES)["usermodel.clientRoleMapping.clientId"] =
                    json!("billing");
            },
            &[FROZEN],
        ),
        (
            "a realm role by another name",
            |client, _| add(client, rename("declared-banned", "other")),
            &[BANNED],
        ),
        (
            "a client role by another name",
            |client, _| add(client, rename("billing.declared-debtor", "billing.other")),
            &[DEBTOR],
        ),
        (
            "a realm role by another name, with a scope that the caller may ask for",
            |_, scope| add(scope, rename("declared-banned", "other")),
            &[BANNED],
        ),
        (
            "the claim of groups written over",
            |client, _| {
                let over = json!({"claim.name": "groups", "claim.value": "/everybody"});
                add(client, mapper("oidc-hardcoded-claim-mapper", over));
            },
            &[GROUP, INNER],
        ),
        (
            "the groups of some users written over",
            |client, _| {
                let over = json!({"claim.name": "groups", "user.attribute": "firstName"});
                add(client, mapper("oidc-usermodel-property-mapper", over));
            },
            &[GROUP],
        ),
    ];
    let changed = Changed::start(rows.iter().map(|(_, change, _)| *change)).await;
    let found = changed.problems(TokenCheck::Local);
    for ((row, _, missing), found) in rows.into_iter().zip(&found) {
        same(row, found, TOKENS, missing);
    }
}

#[tokio::test]
async fn where_keycloak_is_asked_its_answer_leaves_nothing_out_either() {
    fn unanswered(client: &mut Value, mapper: usize) {
        config(client, mapper)["introspection.token.claim"] = json!("false");
    }
    let changed = Changed::start([
        (|client, _| unanswered(client, REALM_ROLES)) as Change,
        |client, _| unanswered(client, CLIENT_ROLES),
        |client, _| unanswered(client, GROUPS),
    ])
    .await;
    assert_eq!(changed.problems(TokenCheck::Local), [[""; 0], [], []]);
    for check in ASKED {
        let [realm_roles, client_roles, groups] = &changed.problems(check)[..] else {
            panic!("three clients");
        };
        same("realm roles", realm_roles, ANSWERS, &[BANNED]);
        same("client roles", client_roles, ANSWERS, &[FROZEN, DEBTOR]);
        same("groups", groups, ANSWERS, &[GROUP, INNER]);
    }
}

#[tokio::test]
async fn what_a_client_may_do_to_all_of_its_tokens_is_a_finding() {
    let changed = Changed::start([
        (|client, _| {
            client["attributes"]["standard.token.exchange.enabled"] = json!("true");
        }) as Change,
        |client, _| client["fullScopeAllowed"] = json!(false),
        |client, _| {
            client["attributes"]["client.use.lightweight.access.token.enabled"] = json!("true");
        },
        |client, _| client["clientId"] = json!("by another name"),
    ])
    .await;
    let found = changed.problems(TokenCheck::Local);
    let [exchanged, narrow, light, gone] = &found[..] else {
        panic!("four clients");
    };
    assert_eq!(exchanged.len(), 2, "{exchanged:#?}");
    for role in [FROZEN, DEBTOR] {
        let named = |problem: &&String| {
            problem.contains(role) && problem.contains("\"Standard token exchange\" is on")
        };
        assert_eq!(exchanged.iter().filter(named).count(), 1, "{exchanged:#?}");
    }
    // Named once, and not again for each name.
    for (found, words) in [
        (narrow, "\"Full scope allowed\" is off"),
        (light, "lightweight"),
        (gone, "the realm has no such client"),
    ] {
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].contains(words), "{found:#?}");
    }
}

#[tokio::test]
async fn mappers_that_leave_out_values_of_a_claim_are_a_finding() {
    fn writes(claim: &str, attribute: &str, multivalued: bool) -> Value {
        let config = json!({
            "claim.name": claim, "user.attribute": attribute,
            "multivalued": multivalued.to_string(),
        });
        mapper("oidc-usermodel-attribute-mapper", config)
    }
    let changed = Changed::start([
        (|client, _| add(client, writes("declared.flags", "several", false))) as Change,
        |_, scope| add(scope, writes("declared.flags", "several", true)),
        |client, _| {
            add(client, writes("declared.flags", "several", true));
            add(client, writes("declared.flags", "one", true));
        },
        |client, _| add(client, writes("declared.flags", "several", true)),
        |client, _| add(client, writes("declared.flags", "one", false)),
        // No policy excludes by this one.
        |client, _| add(client, writes("department", "several", false)),
    ])
    .await;
    let expected = [
        Some("one of the several values that \"sam\" has"),
        Some("callers choose by an optional scope"),
        Some("two of its mappers"),
        None,
        None,
        None,
    ];
    let found = changed.problems(TokenCheck::Local);
    for (number, (problems, expected)) in found.into_iter().zip(expected).enumerate() {
        match (problems.as_slice(), expected) {
            ([], None) => {}
            ([problem], Some(expected)) => assert!(problem.contains(expected), "{problem}"),
            (problems, _) => panic!("{number}: {problems:?}"),
        }
    }
}
