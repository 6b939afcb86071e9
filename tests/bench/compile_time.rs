//! What the attributes cost the compiler: `cargo check` of 300 handlers, warm.
//!
//! ```text
//! cargo run -p keycloak-tests --bin compile_time
//! ```
//!
//! Projects of 300 equal handlers, each with another attribute, are checked in turn after their
//! source was touched; the rounds are interleaved, so a busy machine slows all of them. The table
//! shows the median and what is added to handlers without attribute.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const HANDLERS: usize = 300;
const ROUNDS: usize = 7;
/// Users in the export of the variant `realm export`: about 7 MB.
const USERS: usize = 16_000;

/// Name, the attribute of handler `{n}`, and whether a realm export is named. The feature `openapi`
/// is on where utoipa is used, and where the name says so.
const VARIANTS: [(&str, &str, bool); 7] = [
    ("no attribute", "", false),
    (
        "#[protected], feature openapi",
        "#[keycloak::protected(roles = [\"admin\"], groups = any[\"ops\", \"sre\"])]",
        false,
    ),
    (
        "#[protected]",
        "#[keycloak::protected(roles = [\"admin\"], groups = any[\"ops\", \"sre\"])]",
        false,
    ),
    (
        "#[protected], realm export",
        "#[keycloak::protected(roles = [\"admin\"], groups = any[\"ops\", \"sre\"])]",
        true,
    ),
    (
        "#[tracing::instrument]",
        "#[tracing::instrument(skip_all)]",
        false,
    ),
    (
        "#[utoipa::path]",
        "#[utoipa::path(get, path = \"/{n}/{id}\", responses((status = 200, body = String)))]",
        false,
    ),
    (
        "#[utoipa::path] and #[protected]",
        "#[utoipa::path(get, path = \"/{n}/{id}\", responses((status = 200, body = String)))]\n#[keycloak::protected(roles = [\"admin\"], groups = any[\"ops\", \"sre\"])]",
        false,
    ),
];

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let workspace = workspace.canonicalize().expect("the workspace exists");
    let root = workspace.join("target/compile-time");
    let projects: Vec<PathBuf> = VARIANTS
        .iter()
        .enumerate()
        .map(|(number, variant)| project(&root, &workspace, number, variant))
        .collect();
    let mut times = vec![Vec::new(); VARIANTS.len()];
    for project in &projects {
        check(project, &root);
    }
    for _ in 0..ROUNDS {
        for (project, times) in projects.iter().zip(&mut times) {
            times.push(check(project, &root));
        }
    }
    let medians: Vec<Duration> = times
        .into_iter()
        .map(|mut times: Vec<Duration>| {
            times.sort();
            times.get(ROUNDS / 2).copied().unwrap_or_default()
        })
        .collect();
    let bare = medians.first().copied().unwrap_or_default();
    println!("{HANDLERS} handlers, median of {ROUNDS} interleaved rounds\n");
    println!("| handlers with | check | added | per handler |");
    println!("|---|---|---|---|");
    for ((name, ..), median) in VARIANTS.iter().zip(&medians) {
        let added = median.as_secs_f64() - bare.as_secs_f64();
        let each = added * 1_000.0 / HANDLERS as f64;
        println!(
            "| {name} | {:.2} s | {added:+.2} s | {each:+.2} ms |",
            median.as_secs_f64()
        );
    }
}

fn project(
    root: &Path,
    workspace: &Path,
    number: usize,
    (name, attribute, export): &(&str, &str, bool),
) -> PathBuf {
    let project = root.join(format!("variant-{number}"));
    fs::create_dir_all(project.join("src")).expect("the target folder can be written");
    fs::create_dir_all(project.join(".cargo")).expect("the target folder can be written");
    let runtime = workspace.join("keycloak-runtime");
    let openapi = name.contains("openapi") || name.contains("utoipa");
    let features = if openapi { "\"openapi\"" } else { "" };
    let manifest = format!(
        "[package]\nname = \"variant-{number}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [workspace]\n[dependencies]\n\
         axum = {{ version = \"0.8\", default-features = false, features = [\"json\", \"macros\"] }}\n\
         keycloak-runtime = {{ path = {runtime:?}, features = [{features}] }}\n\
         tracing = \"0.1\"\n\
         utoipa = {{ version = \"6\", default-features = false, features = [\"macros\", \"axum_extras\"] }}\n"
    );
    write(&project.join("Cargo.toml"), &manifest);
    fs::copy(workspace.join("Cargo.lock"), project.join("Cargo.lock"))
        .expect("there is a lock file");
    let mut config = String::new();
    if *export {
        config.push_str(
            "[env]\nKEYCLOAK_REALM_EXPORT = { value = \"realm.json\", relative = true }\n",
        );
        write(&project.join("realm.json"), &realm());
    }
    write(&project.join(".cargo/config.toml"), &config);
    let mut source = String::from(
        "#![allow(unused)]\nuse axum::{Json, Router, extract::{Path, State}, routing::get};\n\
         use keycloak::Keycloak;\n",
    );
    for n in 0..HANDLERS {
        source.push_str(&attribute.replace("{n}", &n.to_string()));
        source.push_str(&format!(
            "\nasync fn handler_{n}(State(keycloak): State<Keycloak>, Path(id): Path<u64>) -> \
             Json<String> {{\n    let text = format!(\"{{id}} {n}\");\n    let mut total = 0;\n    \
             for letter in text.chars() {{\n        total += letter as u32;\n    }}\n    \
             Json(format!(\"{{text}} {{total}}\"))\n}}\n"
        ));
    }
    source.push_str("pub fn router() -> Router<Keycloak> {\n    let mut router = Router::new();\n");
    for n in 0..HANDLERS {
        source.push_str(&format!(
            "    router = router.route(\"/{n}/{{id}}\", get(handler_{n}));\n"
        ));
    }
    source.push_str("    router\n}\n");
    write(&project.join("src/lib.rs"), &source);
    project
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the target folder can be written");
}

/// An export whose users outweigh everything else, as real ones do.
fn realm() -> String {
    let mut text = String::from(
        r#"{"realm": "big", "roles": {"realm": [{"name": "admin"}], "client": {}},
        "groups": [{"name": "ops"}, {"name": "sre"}], "clients": [], "users": ["#,
    );
    for n in 0..USERS {
        let comma = if n == 0 { "" } else { "," };
        text.push_str(&format!(
            r#"{comma}{{"id": "{n:036}", "username": "user-{n}", "email": "user-{n}@example.org",
            "emailVerified": true, "enabled": true, "firstName": "First", "lastName": "Last {n}",
            "credentials": [{{"type": "password", "secretData": "{{\"value\":\"{n:064}\",\"salt\":\"x\"}}",
            "credentialData": "{{\"hashIterations\":27500}}"}}], "realmRoles": ["admin"], "groups": ["/ops"]}}"#
        ));
    }
    text.push_str("]}");
    text
}

/// Touches the source and checks the project.
fn check(project: &Path, root: &Path) -> Duration {
    let source = project.join("src/lib.rs");
    let text = fs::read_to_string(&source).expect("the source was written");
    write(&source, &text);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["check", "--offline", "--quiet"])
        .current_dir(project)
        .env("CARGO_TARGET_DIR", root.join("target"))
        .env("CARGO_INCREMENTAL", "0");
    let start = Instant::now();
    let output = cargo.output().expect("cargo can be called");
    let time = start.elapsed();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{} does not compile\n{errors}",
        project.display()
    );
    time
}
