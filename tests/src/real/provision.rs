//! Where the real Keycloak comes from: Maven Central, once, into a cache folder outside the
//! repository.
//!
//! Several test binaries (and several clones) may provision at once: a file lock makes them take
//! turns, and the folder appears by a rename, so that a half-unpacked server is never seen.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The version that all statements of this suite are about.
pub const VERSION: &str = "26.7.3";

/// The cache folder: `$XDG_CACHE_HOME/keycloak-runtime`, by default under `~/.cache`.
pub fn cache_folder() -> Result<PathBuf, String> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    let folder = base.join("keycloak-runtime");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The unpacked, never started distribution.
///
/// # Errors
///
/// What is missing on this machine, in words: Java 17, Maven, tar, or the download itself.
pub fn distribution() -> Result<PathBuf, String> {
    java_17()?;
    let cache = cache_folder()?;
    let home = cache.join(format!("keycloak-{VERSION}"));
    let lock = File::create(cache.join("provision.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if home.join("bin/kc.sh").is_file() {
        return Ok(home);
    }

    let staging = cache.join("staging");
    let _ = fs::remove_dir_all(&staging);
    fs::create_dir_all(&staging).map_err(|error| error.to_string())?;
    run(Command::new("mvn")
        .args(["-B", "-q", "dependency:copy"])
        .arg(format!(
            "-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:tar.gz"
        ))
        .arg(format!("-DoutputDirectory={}", staging.display()))
        // A pom.xml in the current folder would be read.
        .current_dir(&staging))?;
    let archive = staging.join(format!("keycloak-quarkus-dist-{VERSION}.tar.gz"));
    run(Command::new("tar")
        .arg("-xzf")
        .arg(&archive)
        .current_dir(&staging))?;
    fs::rename(staging.join(format!("keycloak-{VERSION}")), &home)
        .map_err(|error| format!("{}: {error}", home.display()))?;
    let _ = fs::remove_dir_all(&staging);
    Ok(home)
}

/// Whether `java` is 17 or newer.
fn java_17() -> Result<(), String> {
    let output = Command::new("java")
        .arg("-version")
        .output()
        .map_err(|_| "Java 17 or newer is needed: there is no `java`".to_owned())?;
    let text = String::from_utf8_lossy(&output.stderr);
    let major: u32 = text
        .split_once("version \"")
        .and_then(|(_, rest)| rest.split(['.', '"', '-']).next()?.parse().ok())
        .unwrap_or(0);
    if major >= 17 {
        Ok(())
    } else {
        Err(format!(
            "Java 17 or newer is needed, `java -version` says: {}",
            text.lines().next().unwrap_or("nothing")
        ))
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`{name}` cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let tail: Vec<&str> = text.lines().rev().take(5).collect();
    Err(format!(
        "`{name}` failed ({}): {}",
        output.status,
        tail.into_iter().rev().collect::<Vec<_>>().join(" | ")
    ))
}
