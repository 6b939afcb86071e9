//! Policies checked against a realm export, and every way the export can change under a crate.
//!
//! A project of its own is checked by cargo again and again, as a user's would be: nothing of it is run.
//! It shares our target folder, so that its dependencies are there already.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const HANDLERS: &str = r#"
use axum::{Router, routing::get};
use keycloak::Keycloak;

const OPS: &str = "/ops";

#[keycloak::protected(roles = ["admin"], groups = any["ops", "/eng/**"], scopes = ["orders:read"])]
async fn known() {}

#[keycloak::protected(client_roles("api") = ["reader"], client_roles = ["reader"], groups = [OPS])]
async fn clients() {}

#[keycloak::protected(realm_roles = ["auditor"])]
async fn audited() {}

fn main() {
    let _: Router<Keycloak> =
        Router::new().route("/", get(known).post(clients).put(audited));
}
"#;

/// The realm; `auditor` is missing unless it is asked for.
fn export(extra_roles: &[&str]) -> String {
    let roles = ["admin", "auditing"].iter().chain(extra_roles);
    let roles: Vec<String> = roles
        .map(|role| format!("{{\"name\": {role:?}}}"))
        .collect();
    format!(
        r#"{{
            "realm": "demo",
            "roles": {{
                "realm": [{}],
                "client": {{"api": [{{"name": "reader"}}]}}
            }},
            "groups": [{{"name": "ops"}}, {{"name": "eng", "subGroups": [{{"name": "backend"}}]}}],
            "clients": [{{"clientId": "api"}}],
            "clientScopes": [{{"name": "orders:read"}}],
            "users": [{{"username": "alice"}}]
        }}"#,
        roles.join(", ")
    )
}

struct Project {
    root: PathBuf,
}

impl Project {
    fn new(name: &str) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .to_owned();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(root.join("src")).unwrap();
        fs::create_dir_all(root.join(".cargo")).unwrap();
        let runtime = workspace.join("keycloak-runtime");
        fs::write(
            root.join("Cargo.toml"),
            format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\
                 [workspace]\n\
                 [profile.dev]\ndebug = \"line-tables-only\"\n\
                 [dependencies]\n\
                 axum = {{ version = \"0.8\", default-features = false }}\n\
                 keycloak-runtime = {{ path = {runtime:?} }}\n"
            ),
        )
        .unwrap();
        fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let project = Self { root };
        project.main(HANDLERS);
        project
    }

    fn main(&self, source: &str) {
        fs::write(self.root.join("src/main.rs"), source).unwrap();
    }

    fn export(&self, text: &str) {
        // A file system's time may be too coarse to tell two quick edits apart; the length is not.
        fs::write(self.root.join("realm.json"), text).unwrap();
    }

    /// The `[env]` table, as the manual shows it.
    fn name_the_export(&self, named: bool) {
        let table = "[env]\nKEYCLOAK_REALM_EXPORT = { value = \"realm.json\", relative = true }\n";
        let text = if named { table } else { "" };
        fs::write(self.root.join(".cargo/config.toml"), text).unwrap();
    }

    /// Checks, and returns the errors' text.
    fn build(&self) -> Result<(), String> {
        self.build_from(&self.root, |_| {})
    }

    /// As [`Project::build`], with cargo called in another folder.
    fn build_from(&self, folder: &Path, change: impl FnOnce(&mut Command)) -> Result<(), String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([
                "check",
                "--offline",
                "--quiet",
                "--color=never",
                "--manifest-path",
            ])
            .arg(self.root.join("Cargo.toml"))
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", support::target_folder())
            .env_remove("KEYCLOAK_REALM_EXPORT")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        change(&mut cargo);
        let output = cargo.output().unwrap();
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8(output.stderr).unwrap())
        }
    }

    #[track_caller]
    fn compiles(&self) {
        assert_eq!(self.build(), Ok(()));
    }
}

#[test]
fn every_change_of_the_export_is_noticed() {
    let project = Project::new("realm-transitions");
    let message = |project: &Project| project.build().expect_err("the build must fail");

    // Not named: nothing is checked, even with the file there.
    project.export(&export(&[]));
    project.name_the_export(false);
    project.compiles();
    // Named.
    project.name_the_export(true);
    let errors = message(&project);
    assert!(
        errors.contains("has no realm role \"auditor\" (did you mean \"auditing\"?) [KC030]"),
        "{errors}"
    );
    assert_eq!(errors.matches("KC030").count(), 1, "{errors}");
    // Edited.
    project.export(&export(&["auditor"]));
    project.compiles();
    project.export(&export(&["auditors"]));
    assert!(message(&project).contains("did you mean \"auditors\""));
    project.export(&export(&["auditor"]));
    project.compiles();
    // Removed.
    fs::remove_file(project.root.join("realm.json")).unwrap();
    assert!(message(&project).contains("[KC031]"));
    // Restored, broken, and restored.
    project.export(&export(&["auditor"]));
    project.compiles();
    project.export("{\"realm\": \"demo\", \"roles\": 3}");
    let errors = message(&project);
    assert!(
        errors.contains("$.roles: expected an object, found a number")
            && errors.contains("[KC031]"),
        "{errors}"
    );
    project.export(&export(&["auditor"]));
    project.compiles();
    // No longer named.
    project.export(&export(&[]));
    assert!(message(&project).contains("[KC030]"));
    project.name_the_export(false);
    project.compiles();
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let project = Project::new("realm-names");
    project.export(&export(&["auditor"]));
    project.name_the_export(true);
    project.compiles();
    let cases = [
        (
            "roles = [\"Admin\"]",
            "no role \"Admin\" (did you mean \"admin\"?)",
        ),
        (
            "roles = [\"banana\"]",
            "no role \"banana\"; correct the name",
        ),
        (
            "client_roles(\"ap\") = [\"reader\"]",
            "no client \"ap\" (did you mean \"api\"?)",
        ),
        (
            "client_roles(\"api\") = [\"reade\"]",
            "no client role \"reade\" (did you mean \"reader\"?)",
        ),
        (
            "client_roles = [\"readers\"]",
            "no client role \"readers\" (did you mean \"reader\"?)",
        ),
        (
            "groups = [\"/eng/backed\"]",
            "no group \"/eng/backed\" (did you mean \"/eng/backend\"?)",
        ),
        (
            "callers = any[\"ap\", \"api\"]",
            "no client \"ap\" (did you mean \"api\"?)",
        ),
        (
            "groups = [\"/eng/{team}\", \"/projects/{x}/editors\"]",
            "no group that \"/projects/{x}/editors\" can be; it has \"/eng\"",
        ),
        ("groups = [\"opps/**\"]", "no group \"opps/**\""),
        (
            "scopes = [\"orders:reed\"]",
            "no scope \"orders:reed\" (did you mean \"orders:read\"?)",
        ),
        (
            "not(any(roles = any[\"x\", \"admin\"], groups = [\"ops\"]))",
            "no role \"x\"",
        ),
        (
            "roles = [\"api:reader\"]",
            "no role \"api:reader\" (did you mean the term `client_roles(\"api\") = [\"reader\"]`?)",
        ),
        (
            "groups = [OPS]",
            "no group \"/opps\", which is the value of this constant; did you mean \"/ops\"? [KC030]",
        ),
        (
            "roles = any[\"admin\", BANANA]",
            "no role \"banana\", which is the value of this constant; correct it",
        ),
    ];
    let mut source = "const OPS: &str = \"/opps\";\nconst BANANA: &str = \"banana\";\n".to_owned();
    for (number, (policy, _)) in cases.iter().enumerate() {
        source.push_str(&format!(
            "#[keycloak::protected({policy})]\nasync fn h{number}() {{}}\n"
        ));
    }
    // What Keycloak adds to every realm is known, and claims are not checked.
    source.push_str(
        "#[keycloak::protected(roles = [\"offline_access\"], client_roles(\"realm-management\") = \
         [\"view-users\"], scopes = [\"openid\", \"profile\"], claim(\"x\") = [\"y\"])]\n\
         async fn built_in() {}\nfn main() {}\n",
    );
    project.main(&source);
    let errors = project.build().expect_err("the names are unknown");
    for (policy, expected) in cases {
        assert!(errors.contains(expected), "{policy}: {expected}\n{errors}");
    }
    assert_eq!(errors.matches("[KC030]").count(), cases.len(), "{errors}");
}

#[test]
fn one_attribute_may_name_an_export_of_its_own() {
    let project = Project::new("realm-of-an-attribute");
    project.name_the_export(false);
    project.export(&export(&[]));
    let handler = |argument: &str| {
        format!(
            "#[keycloak::protected(roles = [\"auditor\"], {argument})]\nasync fn handler() {{}}\nfn main() {{}}\n"
        )
    };
    project.main(&handler("realm_export = \"realm.json\""));
    let errors = project.build().expect_err("the role is unknown");
    assert!(errors.contains("has no role \"auditor\""), "{errors}");
    project.export(&export(&["auditor"]));
    project.compiles();
    project.main(&handler("realm_export = \"missing.json\""));
    let errors = project.build().expect_err("there is no such file");
    assert!(
        errors.contains("\"missing.json\" named by `realm_export`"),
        "{errors}"
    );
}

#[test]
fn names_are_checked_wherever_cargo_is_called() {
    let project = Project::new("realm-from-elsewhere");
    let elsewhere = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let build = || project.build_from(elsewhere, |_| {});
    project.main(&HANDLERS.replace("fn main()", "keycloak::names_checked!();\nfn main()"));
    project.export(&export(&[]));
    // Not named: `names_checked!` says so.
    project.name_the_export(false);
    let errors = build().expect_err("no export is named");
    assert!(
        errors.contains("`KEYCLOAK_REALM_EXPORT` is not set, and no `.cargo/config.toml`")
            && errors.contains("[KC033]"),
        "{errors}"
    );
    // Named by a file that cargo does not read from there.
    project.name_the_export(true);
    let errors = build().expect_err("a role is unknown");
    assert!(errors.contains("no realm role \"auditor\""), "{errors}");
    project.export(&export(&["auditor"]));
    assert_eq!(build(), Ok(()));
    // Edits of the export and of the configuration are noticed from there, too.
    project.export(&export(&[]));
    assert!(build().is_err());
    project.export(&export(&["auditor"]));
    assert_eq!(build(), Ok(()));
    project.name_the_export(false);
    assert!(build().is_err());
    // A relative path of the variable itself counts from the package.
    let named = |value: &str| {
        project.build_from(elsewhere, |cargo| {
            cargo.env("KEYCLOAK_REALM_EXPORT", value);
        })
    };
    assert_eq!(named("realm.json"), Ok(()));
    let errors = named("").expect_err("an empty name is a mistake");
    assert!(errors.contains("the name is empty"), "{errors}");
    let errors = named("relam.json").expect_err("there is no such file");
    assert!(
        errors.contains("there is no \"") && errors.contains("relam.json\""),
        "{errors}"
    );
    // An export that names nothing checks nothing.
    project.export("{\"realm\": \"demo\"}");
    let errors = named("realm.json").expect_err("nothing is checked");
    assert!(
        errors.contains("neither roles, clients, groups nor client scopes"),
        "{errors}"
    );
}

/// Compiles handlers with these policies, and returns the errors' text.
fn errors(project: &Project, policies: &[&str]) -> String {
    let mut source = "fn main() {}\n".to_owned();
    for (number, policy) in policies.iter().enumerate() {
        source.push_str(&format!(
            "#[keycloak::protected({policy})]\nasync fn h{number}() {{}}\n"
        ));
    }
    project.main(&source);
    project.build().err().unwrap_or_default()
}

#[test]
fn groups_are_compared_as_tokens_write_them() {
    let project = Project::new("realm-slashes");
    project.name_the_export(true);
    let plain = ["groups = none[\"/App/Org1/T1\"]"];
    let escaped = ["groups = none[\"/App/Org1~/T1\"]"];
    let export = |path: &str| {
        project.export(&format!(
            r#"{{"realm": "demo", "groups": [{{"name": "App", "subGroups": [
                {{"name": "Org1/T1"{path}}}]}}]}}"#
        ));
    };
    export("");
    assert_eq!(errors(&project, &plain), "");
    let message = errors(&project, &escaped);
    assert!(
        message.contains("did you mean \"/App/Org1/T1\"?"),
        "{message}"
    );
    export(", \"path\": \"/App/Org1~/T1\"");
    assert_eq!(errors(&project, &escaped), "");
    let message = errors(&project, &plain);
    assert!(
        message.contains("did you mean \"/App/Org1~/T1\"?"),
        "{message}"
    );
    project.export(
        r#"{"realm": "demo", "groups": [{"name": "a", "subGroups": [{"name": "b"}]},
            {"name": "a/b"}]}"#,
    );
    let message = errors(&project, &["groups = [\"/a\"]", "groups = [\"a/b\"]"]);
    assert!(
        message.contains("have the path \"/a/b\"") && message.contains("[KC032]"),
        "{message}"
    );
    assert_eq!(message.matches("[KC0").count(), 1, "{message}");
}

#[test]
fn of_several_realms_one_is_chosen_and_others_do_not_count() {
    let project = Project::new("realm-of-several");
    project.name_the_export(true);
    let realm = |name: &str, role: &str| {
        format!(
            r#"{{"realm": {name:?}, "roles": {{"realm": [{{"name": {role:?}}}], "client": {{}}}}}}"#
        )
    };
    let [master, a, b] = [realm("master", "root"), realm("a", "x"), realm("b", "y")];
    project.export(&format!("[{master}, {a}]"));
    assert_eq!(errors(&project, &["realm_roles = [\"x\"]"]), "");
    assert!(errors(&project, &["realm_roles = [\"root\"]"]).contains("[KC030]"));
    project.export(&format!("[{a}, {b}]"));
    let message = errors(&project, &["realm_roles = [\"x\"]"]);
    assert!(message.contains("`a`, `b`; choose one"), "{message}");
    let chosen = "realm_export = \"realm.json#b\"";
    assert_eq!(
        errors(&project, &[&format!("realm_roles = [\"y\"], {chosen}")]),
        ""
    );
    // The same as a folder of `kc.sh export --dir`.
    let folder = project.root.join("export");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("master-realm.json"), master).unwrap();
    fs::write(folder.join("a-realm.json"), a).unwrap();
    let of_folder = |role: &str| {
        let policy = format!("realm_roles = [{role:?}], realm_export = \"export\"");
        errors(&project, &[&policy])
    };
    assert_eq!(of_folder("x"), "");
    fs::write(folder.join("a-realm.json"), realm("a", "longer")).unwrap();
    assert!(of_folder("x").contains("no realm role \"x\""));
}

#[test]
fn what_an_export_does_not_speak_of_is_not_checked() {
    let project = Project::new("realm-partial");
    project.name_the_export(true);
    project.export(r#"{"realm": "demo", "clients": [{"clientId": "api"}]}"#);
    let unknown = [
        "roles = [\"x\"]",
        "realm_roles = [\"x\"]",
        "client_roles(\"api\") = [\"x\"]",
        "groups = [\"/x\"]",
        "scopes = [\"x\"]",
    ];
    assert_eq!(errors(&project, &unknown), "");
    let message = errors(&project, &["client_roles(\"apy\") = [\"x\"]"]);
    assert!(message.contains("no client \"apy\""), "{message}");
    project.export(r#"{"realm": "demo", "roles": {"realm": [{"name": "admin"}]}}"#);
    let clients = ["roles = [\"x\"]", "client_roles(\"api\") = [\"x\"]"];
    assert_eq!(errors(&project, &clients), "");
    assert!(errors(&project, &["realm_roles = [\"x\"]"]).contains("[KC030]"));
}

#[keycloak::protected(scopes = ["own:read"], realm_export = "realm/own.json")]
async fn compared_with_an_export() {}

/// The attribute above is in this very binary, and the export beside it is not.
#[test]
fn nothing_of_the_export_is_in_the_binary() {
    let _ = compared_with_an_export;
    let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("realm/own.json");
    let export: serde_json::Value = serde_json::from_slice(&fs::read(export).unwrap()).unwrap();
    let binary = fs::read(std::env::current_exe().unwrap()).unwrap();
    let contains = |text: &serde_json::Value| {
        let text = text.as_str().unwrap().as_bytes();
        binary.windows(text.len()).any(|part| part == text)
    };
    assert!(contains(&export["clientScopes"][0]["name"]));
    assert!(!contains(&export["clients"][0]["secret"]));
    assert!(!contains(&export["users"][0]["username"]));
}
