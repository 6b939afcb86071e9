//! Groups are paths: whole, or by whole segments where the policy says so.

use serde_json::json;

use super::{
    case::{Case, Expect},
    world::World,
};

const GROUPS: Expect = Expect::Forbidden("missing_groups");

pub fn cases(world: &World) -> Vec<Case> {
    let ask = |path: &str, group: &str, expect: Expect| {
        let name = format!("{path}: in {group:?}");
        Case::get(
            name,
            path,
            world.token_with(json!({ "groups": [group] })),
            expect,
        )
    };
    let ok = Expect::Admitted;
    let mut cases = vec![
        ask("/ops", "/ops", ok),
        ask("/backend", "/eng/backend", ok),
        ask("/eng", "/eng", ok),
        ask("/eng", "/eng/backend", ok),
        ask("/eng", "/eng/backend/db", ok),
        ask("/admin-or-ops", "/ops", ok),
        Case::get(
            "control: one of several",
            "/ops",
            world.token_with(json!({ "groups": ["/a", "/ops", "/z"] })),
            ok,
        ),
    ];
    // CVE-2026 name-only and prefix matches, and their relatives.
    for group in [
        "ops",
        "/a/ops",
        "/eng/ops",
        "/ops2",
        "/ops/sub",
        "/OPS",
        "/ops/",
        "//ops",
        "/ops ",
        " /ops",
        "/op",
        "ops/",
        "/./ops",
        "/x/../ops",
        "/ops\u{0}",
        "/%6fps",
        "/",
        "",
        "/*",
        "*",
        "**",
        "/**",
        "\\ops",
        "/ops\\",
        "/\u{43e}ps",
        "/ops,/eng",
    ] {
        cases.push(ask("/ops", group, GROUPS));
    }
    for group in [
        "/backend",
        "backend",
        "eng/backend",
        "/eng",
        "/eng/backend/db",
        "/x/eng/backend",
        "/eng/Backend",
        "/eng//backend",
        "/eng/backend/",
        "/eng/**",
        "/eng\\/backend",
    ] {
        cases.push(ask("/backend", group, GROUPS));
    }
    for group in [
        "/eng2",
        "/engineering/x",
        "/en",
        "eng",
        "eng/backend",
        "/x/eng",
        "/x/eng/backend",
        "/ENG/x",
        "//eng/x",
        "/*",
        "/eng2/backend",
    ] {
        cases.push(ask("/eng", group, GROUPS));
    }
    for (name, text) in [
        ("null", "null"),
        ("a string", "\"/ops\""),
        ("an object", "{\"/ops\":true}"),
        ("a list in the list", "[[\"/ops\"]]"),
        ("objects", "[{\"path\":\"/ops\"}]"),
        ("a number", "1"),
        ("true", "true"),
        ("empty", "[]"),
        ("one string, comma separated", "[\"/a,/ops\"]"),
    ] {
        cases.push(Case::get(
            format!("groups is {name}"),
            "/ops",
            world.token_with_text("groups", text),
            GROUPS,
        ));
    }
    for (name, claims) in [
        ("no groups", json!({ "groups": null })),
        ("group in singular", json!({ "group": ["/ops"] })),
        ("Groups in upper case", json!({ "Groups": ["/ops"] })),
        (
            "a role of that name",
            json!({ "realm_access": { "roles": ["ops", "/ops"] } }),
        ),
        (
            "a scope of that name",
            json!({ "scope": "/ops ops groups" }),
        ),
    ] {
        cases.push(Case::get(name, "/ops", world.token_with(claims), GROUPS));
    }
    cases
}
