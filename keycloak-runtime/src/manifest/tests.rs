//! Entries, their order, and the snapshot.

use std::panic::Location;

use super::*;
use crate::policy::term::{Mode, Set, Term};

const ADMIN: Term = Term::roles(Set {
    mode: Mode::All,
    items: &["admin"],
    templates: false,
});
const ADMINS: Policy = Policy::__new(&[ADMIN], "roles = [\"admin\"]");
const OPS: Policy = Policy::__new(
    &[
        Term::Policy("ADMINS", &ADMINS),
        Term::Not(&Term::Any(&[
            Term::claim_bool("blocked", true),
            Term::client_roles(
                Some("other"),
                Set {
                    mode: Mode::None,
                    items: &["x", "y"],
                    templates: false,
                },
            ),
        ])),
    ],
    "source text",
);

fn entry(kind: Kind, handler: &'static str, policy: Option<Policy>) -> Entry {
    let place = Place {
        handler,
        module: "app",
        file: "src/app.rs",
        line: 7,
    };
    let routes = if handler == "ops" {
        vec![("GET".to_owned(), "/ops/{id}".to_owned())]
    } else {
        Vec::new()
    };
    let declaration = Declaration {
        kind,
        place,
        policy,
    };
    Entry::new(declaration, routes)
}

fn manifest() -> Manifest {
    Manifest {
        entries: vec![
            entry(Kind::Public, "health", None),
            entry(Kind::Protected, "ops", Some(OPS)),
            entry(Kind::Router, "", Some(ADMINS)),
        ],
    }
}

const TEXT: &str = "\
public     app::health
protected  app::ops  GET /ops/{id}  policy = ADMINS (roles = [\"admin\"]), not(any(claim(\"blocked\") = true, client_roles(\"other\") = none[\"x\", \"y\"]))
router     src/app.rs  roles = [\"admin\"]
";

#[test]
fn text_has_everything_but_lines() {
    assert_eq!(manifest().to_string(), TEXT);
}

#[test]
fn json_has_text_and_structure() {
    let json = serde_json::to_value(manifest()).unwrap();
    assert_eq!(
        json[1],
        serde_json::json!({
            "kind": "protected", "handler": "ops", "module": "app", "file": "src/app.rs",
            "line": 7,
            "policy": "policy = ADMINS, not(any(claim(\"blocked\") = true, \
                       client_roles(\"other\") = none[\"x\", \"y\"]))",
            "terms": {"all": [
                {"policy": {"name": "ADMINS", "all": [{"roles": {"all": ["admin"]}}]}},
                {"not": {"any": [
                    {"claim": {"path": "blocked", "is": true}},
                    {"client_roles": {"client": "other", "none": ["x", "y"]}},
                ]}},
            ]},
            "routes": [{"method": "GET", "path": "/ops/{id}"}],
        })
    );
    assert_eq!(json[0]["policy"], serde_json::Value::Null);
}

#[test]
fn a_snapshot_in_any_order_is_the_same() {
    let mut lines: Vec<&str> = TEXT.lines().rev().collect();
    lines.insert(1, "# reviewed by the security team");
    lines.insert(2, "");
    manifest().compare(&lines.join("\r\n")).unwrap();
}

#[test]
fn a_loosened_policy_shows_old_and_new() {
    let reviewed = TEXT.replace(
        "router     src/app.rs  roles = [\"admin\"]",
        "router     src/app.rs  roles = [\"admin\", \"ops\"]",
    );
    let changes = manifest().compare(&reviewed).unwrap_err();
    assert_eq!(
        changes.to_string(),
        "- router     src/app.rs  roles = [\"admin\", \"ops\"]\n+ router     src/app.rs  roles = [\"admin\"]\n"
    );
    let changes = manifest().compare("").unwrap_err();
    assert_eq!(changes.to_string().lines().count(), 3);
    let twice = format!("{TEXT}public     app::health\n");
    assert_eq!(
        manifest().compare(&twice).unwrap_err().to_string(),
        "- public     app::health\n"
    );
}

#[test]
fn a_missing_snapshot_fails_and_offers_the_text() {
    let folder = std::env::temp_dir().join(format!("keycloak-manifest-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("policies.txt");
    let refused = std::panic::catch_unwind(|| manifest().assert_snapshot(&path));
    assert!(refused.is_err());
    let new = folder.join("policies.txt.new");
    std::fs::rename(&new, &path).unwrap();
    manifest().assert_snapshot(&path);
    std::fs::remove_dir_all(&folder).unwrap();
}

crate::__private::public! { "registered", line!() }

#[test]
fn declarations_of_the_binary_are_listed_in_order() {
    let here = Location::caller();
    declaration::router(ADMINS, here);
    declaration::router(ADMINS, here);
    let all = policies();
    assert_eq!(
        all.entries()
            .iter()
            .filter(|entry| entry.handler() == "registered")
            .count(),
        1
    );
    let routers = all
        .entries()
        .iter()
        .filter(|entry| entry.file() == here.file() && entry.kind() == Kind::Router);
    assert_eq!(routers.count(), 1);
    assert!(
        all.entries()
            .windows(2)
            .all(|pair| pair[0].key() <= pair[1].key())
    );
    let own = all
        .entries()
        .iter()
        .find(|entry| entry.handler() == "registered")
        .unwrap();
    assert_eq!(own.module_path(), module_path!());
    assert!(own.file().ends_with("tests.rs") && own.line() > 0);
}
