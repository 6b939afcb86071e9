//! A service outside this workspace that depends on `keycloak-runtime` by path and on nothing else
//! of ours: it compiles and works, also where the dependency is renamed.
//!
//! It lives in its own folder below the system's temporary one, shares our lock file (so that
//! nothing is downloaded) and our target folder (so that its dependencies are built already).

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

#[test]
fn under_its_own_name() {
    // Cargo takes even `package = "keycloak-runtime"` for a rename, so the key is alone.
    check("plain", "keycloak-runtime = {", "keycloak");
}

#[test]
fn renamed() {
    check("renamed", "kc = { package = \"keycloak-runtime\",", "kc");
}

/// Writes the service with the crate called `name` in its code, and runs its own tests.
fn check(folder: &str, dependency: &str, name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the workspace");
    let service = Folder::new(folder);
    let runtime = root.join("keycloak-runtime");
    service.write(
        "Cargo.toml",
        &include_str!("service/Cargo.toml.in")
            .replace("@SERVICE@", &format!("outside-service-{folder}"))
            .replace("@DEPENDENCY@", dependency)
            .replace("@PATH@", runtime.to_str().expect("a path in UTF-8")),
    );
    service.write(
        "src/main.rs",
        &include_str!("service/main.rs.in").replace("@KEYCLOAK@", name),
    );
    fs::copy(root.join("Cargo.lock"), service.0.join("Cargo.lock")).expect("our lock file");

    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["test", "--offline"])
        .env("CARGO_TARGET_DIR", support::target_folder())
        // What cargo tells this test about our own package is not about the service.
        .env_remove("CARGO_MANIFEST_DIR")
        .env("CARGO_TERM_COLOR", "never")
        .current_dir(&service.0)
        .stdin(Stdio::null())
        .output()
        .expect("cargo can be run");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(
        stdout.contains("test result: ok. 3 passed"),
        "its tests ran: {stdout}"
    );
    // A warning or an error of the service's own would name its file and line.
    assert!(
        !stderr.contains("src/main.rs:"),
        "it compiles cleanly: {stderr}"
    );
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        // The same for every run of this clone: the path is part of what cargo builds, and a new
        // one each time would fill the target folder.
        let mut clone = DefaultHasher::new();
        env!("CARGO_MANIFEST_DIR").hash(&mut clone);
        let path = env::temp_dir().join(format!("outside-{:x}-{name}", clone.finish()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("src")).expect("a temporary folder");
        Self(path)
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.0.join(path), content).expect("a file in the temporary folder");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
