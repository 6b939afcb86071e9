//! Negation must not fail open: what cannot be shown to be absent is not absent.

use serde_json::json;

use super::{
    case::{Case, Expect},
    world::World,
};

const NO: Expect = Expect::Forbidden("");

pub fn cases(world: &World) -> Vec<Case> {
    let ask = |name: &str, path: &str, claim: &str, text: &str, expect| {
        let token = world.token_with_text(claim, text);
        Case::get(format!("{path}: {claim} {name}"), path, token, expect)
    };
    let absent = |path: &str, claim: &str, expect| {
        let token = world.token_with(json!({ claim: null }));
        Case::get(format!("{path}: {claim} absent"), path, token, expect)
    };
    let ok = Expect::Admitted;
    let mut cases = vec![
        ask(
            "without the role",
            "/not-suspended",
            "realm_access",
            r#"{"roles":["user"]}"#,
            ok,
        ),
        ask(
            "empty",
            "/not-suspended",
            "realm_access",
            r#"{"roles":[]}"#,
            ok,
        ),
        // Keycloak leaves the claim out for a user without roles.
        absent("/not-suspended", "realm_access", ok),
        absent("/not-suspended", "resource_access", ok),
        absent("/not-realm-suspended", "realm_access", ok),
        absent("/not-client-suspended", "resource_access", ok),
        ask(
            "of another client",
            "/not-client-suspended",
            "resource_access",
            r#"{"api":{"roles":["suspended"]}}"#,
            ok,
        ),
        ask(
            "with the role",
            "/not-suspended",
            "realm_access",
            r#"{"roles":["user","suspended"]}"#,
            NO,
        ),
        ask(
            "with our client's role",
            "/not-suspended",
            "resource_access",
            r#"{"api":{"roles":["suspended"]}}"#,
            NO,
        ),
        ask(
            "with the role",
            "/not-realm-suspended",
            "realm_access",
            r#"{"roles":["suspended"]}"#,
            NO,
        ),
        ask(
            "with the role",
            "/not-client-suspended",
            "resource_access",
            r#"{"other-app":{"roles":["suspended"]}}"#,
            NO,
        ),
        // The settings declare the client `web`, so it leaves no group out.
        absent("/not-ops", "groups", ok),
        absent("/not-eng", "groups", ok),
        ask("of others", "/not-ops", "groups", r#"["/eng"]"#, ok),
        ask("empty", "/not-ops", "groups", "[]", ok),
        ask(
            "of others",
            "/not-eng",
            "groups",
            r#"["/ops","/engine"]"#,
            ok,
        ),
        ask("with it", "/not-ops", "groups", r#"["/a","/ops"]"#, NO),
        ask(
            "with one below",
            "/not-eng",
            "groups",
            r#"["/eng/backend"]"#,
            NO,
        ),
        ask("with itself", "/not-eng", "groups", r#"["/eng"]"#, NO),
        // A mapper of names without paths: anything may hide behind a name.
        ask("of names", "/not-ops", "groups", r#"["eng"]"#, NO),
        ask("with the name", "/not-ops", "groups", r#"["ops"]"#, NO),
        ask("mixed", "/not-ops", "groups", r#"["/eng","ops"]"#, NO),
        ask("of names", "/not-eng", "groups", r#"["backend"]"#, NO),
        absent("/not-sales", "department", NO),
        ask("other", "/not-sales", "department", r#""it""#, ok),
        ask("it", "/not-sales", "department", r#""sales""#, NO),
        ask(
            "among others",
            "/not-sales",
            "department",
            r#"["it","sales"]"#,
            NO,
        ),
        ask("others", "/not-sales", "department", r#"["it"]"#, ok),
        absent("/not-mfa", "mfa", NO),
        ask("false", "/not-mfa", "mfa", "false", ok),
        ask("true", "/not-mfa", "mfa", "true", NO),
        ask("without it", "/not-scoped", "scope", r#""openid""#, NO),
        ask(
            "with it",
            "/not-scoped",
            "scope",
            r#""openid restricted""#,
            NO,
        ),
    ];
    // Of a client that is not declared, and of none: what is left out proves nothing.
    for azp in [json!("narrow"), json!("Web"), json!(null)] {
        for (path, claims) in [
            (
                "/not-suspended",
                json!({"realm_access": {"roles": ["user"]}}),
            ),
            (
                "/not-suspended",
                json!({"realm_access": null, "resource_access": null}),
            ),
            (
                "/not-realm-suspended",
                json!({"realm_access": {"roles": []}}),
            ),
            (
                "/not-client-suspended",
                json!({"resource_access": {"api": {"roles": ["x"]}}}),
            ),
            ("/not-ops", json!({"groups": ["/eng"]})),
            ("/not-ops", json!({"groups": []})),
            ("/not-eng", json!({"groups": null})),
            ("/not-sales", json!({"department": ["it"]})),
            ("/not-sales", json!({"department": []})),
        ] {
            let mut claims = claims;
            claims["azp"] = azp.clone();
            let name = format!("{path}: {claims}");
            cases.push(Case::get(name, path, world.token_with(claims), NO));
        }
    }
    for (name, text) in [
        ("null", "null"),
        ("a string", r#""suspended""#),
        ("a list", r#"["suspended"]"#),
        ("a number", "0"),
        ("false", "false"),
        ("roles null", r#"{"roles":null}"#),
        ("roles a string", r#"{"roles":"user"}"#),
        ("roles an object", r#"{"roles":{"suspended":true}}"#),
        ("a number among the roles", r#"{"roles":["user",1]}"#),
        ("a list among the roles", r#"{"roles":[["suspended"]]}"#),
    ] {
        cases.push(ask(name, "/not-suspended", "realm_access", text, NO));
        cases.push(ask(name, "/not-realm-suspended", "realm_access", text, NO));
        let nested = format!(r#"{{"other-app":{text}}}"#);
        cases.push(ask(
            name,
            "/not-client-suspended",
            "resource_access",
            &nested,
            NO,
        ));
    }
    for (name, text) in [
        ("null", "null"),
        ("a string", r#""/ops""#),
        ("an object", "{}"),
        ("a number", "0"),
        ("false", "false"),
        ("a list in the list", r#"[["/ops"]]"#),
        ("a number in the list", r#"["/eng",1]"#),
    ] {
        cases.push(ask(name, "/not-ops", "groups", text, NO));
        cases.push(ask(name, "/not-eng", "groups", text, NO));
    }
    for (name, text) in [
        ("null", "null"),
        ("a number", "7"),
        ("an object", r#"{"sales":true}"#),
        ("mixed", r#"["it",1]"#),
        ("true", "true"),
    ] {
        cases.push(ask(name, "/not-sales", "department", text, NO));
    }
    for (name, text) in [
        ("null", "null"),
        ("a string", r#""false""#),
        ("zero", "0"),
        ("a list", "[false]"),
    ] {
        cases.push(ask(name, "/not-mfa", "mfa", text, NO));
    }
    for (name, text) in [
        ("null", "null"),
        ("a number", "0"),
        ("an object", "{}"),
        ("true", "true"),
    ] {
        cases.push(ask(name, "/not-scoped", "scope", text, NO));
    }
    cases
}
