//! What the macros leave in the binary.

#![allow(
    dead_code,
    reason = "handlers declared for the manifest; no router serves them"
)]

use keycloak::{User, manifest::Kind};

const LISTED: u32 = line!() + 2;

#[keycloak::protected(roles = any["admin", "auditor"])]
async fn listed() {}

#[keycloak::public]
async fn open() {}

pub struct Reports;

const REPORTS: u32 = line!() + 2;

#[keycloak::protected(realm_roles = ["staff"])]
impl Reports {
    #[keycloak::protected(client_roles("reports") = ["reader"])]
    pub async fn read(_user: User) {}

    #[keycloak::public]
    pub async fn about() {}

    pub async fn all() {}
}

#[test]
fn lines_are_of_the_attribute_and_in_a_block_of_the_function() {
    let manifest = keycloak::policies();
    let line = |handler: &str| {
        let mut entries = manifest.entries().iter();
        let found = entries
            .find(|entry| entry.handler() == handler && entry.module_path() == module_path!());
        found.expect("the handler is listed").line()
    };
    assert_eq!(line("listed"), LISTED);
    assert_eq!(line("Reports::read"), REPORTS + 3);
    assert_eq!(line("Reports::about"), REPORTS + 6);
    assert_eq!(line("Reports::all"), REPORTS + 8);
}

#[test]
fn every_declared_handler_is_listed() {
    let manifest = keycloak::policies();
    let find = |handler: &str| {
        let mut found = manifest
            .entries()
            .iter()
            .filter(|entry| entry.handler() == handler && entry.module_path() == module_path!());
        let entry = found
            .next()
            .unwrap_or_else(|| panic!("{handler} is missing"));
        assert!(found.next().is_none(), "{handler} is there twice");
        assert!(entry.file().ends_with("manifest.rs"));
        let text = entry.policy().map(|policy| format!("{policy:#}"));
        (entry.kind(), text)
    };
    assert_eq!(
        find("listed"),
        (
            Kind::Protected,
            Some("roles = any[\"admin\", \"auditor\"]".to_owned())
        )
    );
    assert_eq!(find("open"), (Kind::Public, None));
    let (kind, text) = find("Reports::read");
    assert_eq!(kind, Kind::Protected);
    let text = text.unwrap();
    assert!(text.contains("realm_roles = [\"staff\"]"), "{text}");
    assert!(
        text.contains("client_roles(\"reports\") = [\"reader\"]"),
        "{text}"
    );
    assert_eq!(find("Reports::about"), (Kind::Public, None));
}

#[test]
fn text_and_json_are_stable() {
    assert_eq!(
        keycloak::policies().to_string(),
        keycloak::policies().to_string()
    );
    keycloak::policies()
        .compare(&keycloak::policies().to_string())
        .unwrap();
    let json = serde_json::to_value(keycloak::policies()).unwrap();
    assert_eq!(
        json.as_array().unwrap().len(),
        keycloak::policies().entries().len()
    );
}
