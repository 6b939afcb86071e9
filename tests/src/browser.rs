//! A real browser for the suites: Debian's Chromium, driven by npm's playwright-core.
//!
//! Packages of npm are installed once into the cache folder of `support::real`; playwright-core
//! downloads no browser of its own.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::real::cache_folder;

/// The version of playwright-core that the scripts are written for.
const PLAYWRIGHT: &str = "1.65.1";

/// The version of Keycloak's own browser adapter.
const KEYCLOAK_JS: &str = "26.2.4";

/// What drives pages.
#[derive(Debug, Clone)]
pub struct Browser {
    playwright: PathBuf,
    chromium: PathBuf,
}

/// One sign-in on the Swagger UI and one operation tried out.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    /// Names the screenshots.
    pub name: &'a str,
    /// The Swagger UI.
    pub docs: &'a str,
    /// Who signs in.
    pub username: &'a str,
    /// With which password.
    pub password: &'a str,
    /// The operation's path.
    pub path: &'a str,
}

impl Browser {
    /// Finds Chromium and Node.js, installs playwright-core where it is missing.
    ///
    /// # Errors
    ///
    /// What is missing, in words.
    pub fn find() -> Result<Self, String> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(in_path)
            .ok_or("Chromium is needed (Debian package `chromium`)")?;
        for tool in ["node", "npm"] {
            in_path(tool).ok_or(format!("`{tool}` is needed (Debian package `{tool}`)"))?;
        }
        Ok(Self {
            playwright: package("playwright-core", PLAYWRIGHT)?,
            chromium,
        })
    }

    /// Signs in on the quickstart's API docs and tries `/admin`: alice may, bob may not.
    ///
    /// # Panics
    ///
    /// When it is otherwise.
    pub fn check(&self, base: &str, issuer: &str) {
        for (username, status, code) in [
            ("alice", 200, "Admin access"),
            ("bob", 403, "missing_roles"),
        ] {
            let seen = self.visit(&Visit {
                name: &format!("{issuer}-{username}"),
                docs: &format!("{base}/docs/"),
                username,
                password: &format!("{username}-password"),
                path: "/admin",
            });
            assert_eq!(seen["status"], status, "{username}: {seen:#}");
            let body = seen["body"].as_str().unwrap_or_default();
            assert!(body.contains(code), "{username}: {seen:#}");
        }
    }

    /// Runs the script and gives what it saw.
    ///
    /// # Panics
    ///
    /// When the script fails; the message holds all that it saw until then.
    #[must_use]
    pub fn visit(&self, visit: &Visit<'_>) -> Value {
        self.run(
            "swagger.js",
            visit.name,
            json!({
                "docs": visit.docs,
                "username": visit.username,
                "password": visit.password,
                "path": visit.path,
            }),
        )
    }

    /// Runs a script of `tests/browser` with its settings and gives what it saw.
    ///
    /// # Panics
    ///
    /// When the script fails; the message holds all that it saw until then.
    #[must_use]
    pub fn run(&self, script: &str, name: &str, mut settings: Value) -> Value {
        let folder = cache_folder().expect("the cache folder was there before");
        let screenshots = folder.join("screenshots");
        fs::create_dir_all(&screenshots).expect("a folder for screenshots");
        let profile = folder.join(format!("profile-{}-{name}", std::process::id()));
        settings["playwright"] = json!(self.playwright);
        settings["chromium"] = json!(self.chromium);
        settings["profile"] = json!(profile);
        settings["screenshots"] = json!(screenshots);
        settings["name"] = json!(name);
        let output = Command::new("node")
            .arg(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("browser")
                    .join(script),
            )
            .arg(settings.to_string())
            .stdin(Stdio::null())
            .output()
            .expect("node can be run");
        let _ = fs::remove_dir_all(&profile);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{name}: {stdout}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_str(&stdout).expect("the script prints JSON")
    }
}

/// Keycloak's own adapter for browsers, as npm has it: one module.
///
/// # Errors
///
/// npm cannot install it.
pub fn keycloak_js() -> Result<String, String> {
    let module = package("keycloak-js", KEYCLOAK_JS)?.join("lib/keycloak.js");
    fs::read_to_string(&module).map_err(|error| format!("{}: {error}", module.display()))
}

/// The folder of an installed package.
fn package(name: &str, version: &str) -> Result<PathBuf, String> {
    let folder = cache_folder()?.join(format!("{name}-{version}"));
    let package = folder.join("node_modules").join(name);
    let lock = File::create(folder.with_extension("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if package.join("package.json").is_file() {
        return Ok(package);
    }
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let output = Command::new("npm")
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(&folder)
        .arg(format!("{name}@{version}"))
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("npm cannot be run: {error}"))?;
    if output.status.success() {
        Ok(package)
    } else {
        Err(format!(
            "npm cannot install {name}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }
}

fn in_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}
