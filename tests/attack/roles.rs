//! Roles: realm roles, our own client's and a named client's, code point for code point.

use serde_json::json;

use super::{
    case::{Case, Expect},
    world::World,
};

const ROLES: Expect = Expect::Forbidden("missing_roles");

pub fn cases(world: &World) -> Vec<Case> {
    let ask = |name: &str, path: &str, claims: serde_json::Value, expect| {
        Case::get(name, path, world.token_with(claims), expect)
    };
    let realm = |roles: &[&str]| json!({ "realm_access": { "roles": roles } });
    let client = |client: &str, roles: &[&str]| json!({ "realm_access": null, "resource_access": { client: { "roles": roles } } });
    let ok = Expect::Admitted;
    let mut cases = vec![
        ask(
            "control: realm role",
            "/admin",
            realm(&["user", "admin"]),
            ok,
        ),
        ask(
            "control: own client's role",
            "/admin",
            client("api", &["admin"]),
            ok,
        ),
        ask("control: both", "/both", realm(&["auditor", "admin"]), ok),
        ask(
            "control: one here, one there",
            "/both",
            json!({
                "realm_access": { "roles": ["admin"] }, "resource_access": { "api": { "roles": ["auditor"] } },
            }),
            ok,
        ),
        ask("control: either", "/either", realm(&["auditor"]), ok),
        ask(
            "control: realm role only",
            "/realm-admin",
            realm(&["admin"]),
            ok,
        ),
        ask(
            "control: client role only",
            "/client-admin",
            client("api", &["admin"]),
            ok,
        ),
        ask(
            "control: the named client",
            "/other-admin",
            client("other-app", &["admin"]),
            ok,
        ),
        ask(
            "control: anyone",
            "/anyone",
            json!({ "realm_access": null, "resource_access": null }),
            ok,
        ),
        ask(
            "another client's role",
            "/admin",
            client("other-app", &["admin"]),
            ROLES,
        ),
        ask(
            "a client of almost our name",
            "/admin",
            client("API", &["admin"]),
            ROLES,
        ),
        ask(
            "a client of a longer name",
            "/admin",
            client("api2", &["admin"]),
            ROLES,
        ),
        ask(
            "a client of an empty name",
            "/admin",
            client("", &["admin"]),
            ROLES,
        ),
        ask(
            "account's role",
            "/admin",
            client("account", &["admin"]),
            ROLES,
        ),
        ask("one of two", "/both", realm(&["admin"]), ROLES),
        ask("none of two", "/either", realm(&["user"]), ROLES),
        ask(
            "a client role where the realm's is asked",
            "/realm-admin",
            client("api", &["admin"]),
            ROLES,
        ),
        ask(
            "a realm role where the client's is asked",
            "/client-admin",
            realm(&["admin"]),
            ROLES,
        ),
        ask(
            "our client's role where another's is asked",
            "/other-admin",
            client("api", &["admin"]),
            ROLES,
        ),
        ask(
            "a realm role where another client's is asked",
            "/other-admin",
            realm(&["admin"]),
            ROLES,
        ),
        ask(
            "no roles at all",
            "/admin",
            json!({ "realm_access": null, "resource_access": null }),
            ROLES,
        ),
        ask(
            "roles at the top",
            "/admin",
            json!({ "roles": ["admin"] }),
            ROLES,
        ),
        ask("a role claim", "/admin", json!({ "role": "admin" }), ROLES),
        ask(
            "a scope of that name",
            "/admin",
            json!({ "scope": "admin" }),
            ROLES,
        ),
        ask(
            "a group of that name",
            "/admin",
            json!({ "groups": ["admin", "/admin"] }),
            ROLES,
        ),
        ask(
            "a subject of that name",
            "/realm-admin",
            json!({ "preferred_username": "admin" }),
            ROLES,
        ),
        ask(
            "roles beside realm_access",
            "/admin",
            json!({ "realm_access.roles": ["admin"] }),
            ROLES,
        ),
        ask(
            "a dotted client",
            "/admin",
            json!({ "resource_access.api": { "roles": ["admin"] } }),
            ROLES,
        ),
    ];
    for (name, role) in [
        ("upper case", "ADMIN"),
        ("a space after it", "admin "),
        ("a space before it", " admin"),
        ("a tab after it", "admin\t"),
        ("a NUL after it", "admin\0"),
        ("a prefix", "adm"),
        ("longer", "administrator"),
        ("a wildcard", "*"),
        ("a pattern", "adm*"),
        ("empty", ""),
        ("a Cyrillic letter", "\u{430}dmin"),
        ("a full-width letter", "\u{ff41}dmin"),
        ("a combining mark", "admin\u{301}"),
        ("a zero-width joiner", "admin\u{200d}"),
        ("a ligature", "adm\u{131}n"),
        ("spring's prefix", "ROLE_admin"),
        ("a path", "/admin"),
        ("several in one", "admin,user"),
        ("several with a space", "admin user"),
    ] {
        cases.push(ask(
            &format!("a role with {name}"),
            "/admin",
            realm(&[role]),
            ROLES,
        ));
    }
    for (name, text) in [
        ("null", "null"),
        ("a list", "[\"admin\"]"),
        ("a string", "\"admin\""),
        ("a number", "1"),
        ("true", "true"),
        ("without roles", "{}"),
        ("with roles null", "{\"roles\":null}"),
        ("with roles a string", "{\"roles\":\"admin\"}"),
        ("with roles an object", "{\"roles\":{\"admin\":true}}"),
        ("with roles in a list", "{\"roles\":[[\"admin\"]]}"),
        ("with role objects", "{\"roles\":[{\"name\":\"admin\"}]}"),
        ("with Roles in upper case", "{\"Roles\":[\"admin\"]}"),
        ("with true in the list", "{\"roles\":[true,1,null]}"),
    ] {
        for path in ["/admin", "/realm-admin"] {
            cases.push(Case::get(
                format!("{path}: realm_access {name}"),
                path,
                world.token_with_text("realm_access", text),
                ROLES,
            ));
        }
        let text = format!("{{\"api\":{text}}}");
        cases.push(Case::get(
            format!("our client's access {name}"),
            "/admin",
            world.token_with_text("resource_access", &text),
            ROLES,
        ));
    }
    for (name, text) in [
        ("a list", "[\"api\"]"),
        ("a string", "\"api\""),
        ("null", "null"),
        ("a number", "7"),
    ] {
        cases.push(Case::get(
            format!("resource_access {name}"),
            "/client-admin",
            world.token_with_text("resource_access", text),
            ROLES,
        ));
    }
    cases
}
