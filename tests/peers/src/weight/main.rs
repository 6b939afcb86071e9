//! What each library adds to an application's build: crates, and processor time of a clean build.
//!
//! ```sh
//! cargo run --release --manifest-path tests/peers/Cargo.toml --bin weight
//! ```
//!
//! writes `weight.md`. Each library stands alone, with its default features, in a project that has
//! axum and tokio besides; the first project has nothing else. Processor time and not time on the
//! clock, so that a busy machine changes little. The crates are fetched before anything is built.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use keycloak_peers::{machine, table};

/// Name, and the line of the manifest.
const LIBRARIES: [(&str, &str); 7] = [
    ("axum and tokio alone", ""),
    (
        "keycloak-runtime",
        "keycloak-runtime = { path = \"RUNTIME\" }",
    ),
    ("axum-keycloak-auth", "axum-keycloak-auth = \"0.8\""),
    ("jwt-authorizer", "jwt-authorizer = \"0.15\""),
    ("axum-jwt-auth", "axum-jwt-auth = \"0.7\""),
    (
        "tower-oauth2-resource-server",
        "tower-oauth2-resource-server = \"0.12\"",
    ),
    (
        "oauth-resource-server",
        "oauth-resource-server = { version = \"0.4\", features = [\"axum\"] }",
    ),
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows: Vec<Vec<String>> = LIBRARIES
        .iter()
        .map(|(name, line)| {
            let project = project(root, name, line);
            cargo(&project, &["fetch"]);
            let crates = crates(&project);
            let before = machine::seconds_of_children();
            cargo(&project, &["build"]);
            let seconds = machine::seconds_of_children() - before;
            fs::remove_dir_all(project.join("target")).expect("a target folder");
            println!("{name}: {crates} crates, {seconds:.0} s");
            vec![
                (*name).to_owned(),
                crates.to_string(),
                format!("{seconds:.0}"),
            ]
        })
        .collect();
    let report = format!(
        "# What a library adds to the build\n\n\
         Made by `cargo run --release --manifest-path tests/peers/Cargo.toml --bin weight`.\n\n{}\n\
         Each library alone in a project with axum and tokio, with its default features, in its newest\n\
         version that fits; profile `dev`, from an empty target folder. Crates are those that are\n\
         compiled, for the build as well; seconds are processor time.\n\n{}",
        machine::description(),
        table::markdown(&["project", "crates", "processor seconds"], &rows),
    );
    fs::write(root.join("weight.md"), report).expect("weight.md");
}

fn project(root: &Path, name: &str, line: &str) -> PathBuf {
    let project = root.join("target/weight").join(name.replace(' ', "-"));
    let _ = fs::remove_dir_all(&project);
    fs::create_dir_all(project.join("src")).expect("a folder");
    let runtime = root.join("../../keycloak-runtime");
    let manifest = format!(
        "[workspace]\n[package]\nname = \"weighed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [dependencies]\naxum = \"0.8\"\ntokio = {{ version = \"1\", features = [\"full\"] }}\n{}\n",
        line.replace("RUNTIME", &runtime.display().to_string())
    );
    fs::write(project.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(project.join("src/main.rs"), "fn main() {}\n").expect("a program");
    project
}

fn cargo(project: &Path, arguments: &[&str]) -> String {
    let run = Command::new("cargo")
        .args(arguments)
        .current_dir(project)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}: {errors}", project.display());
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// How many crates are compiled for this machine, the project itself aside.
fn crates(project: &Path) -> usize {
    let tree = cargo(
        project,
        &[
            "tree",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--no-dedupe",
        ],
    );
    let mut lines: Vec<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (proc-macro)"))
        .filter(|line| !line.is_empty() && !line.starts_with("weighed "))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len()
}
