//! The Python library, installed once into the cache folder, and its example as a process.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use support::real::{Server, cache_folder, free_port};

/// The interpreter of an environment that has the library.
pub(super) fn install() -> Result<PathBuf, String> {
    let folder = cache_folder()?.join("fastapi-authlib-keycloak-0.3.6");
    let lock = File::create(folder.with_extension("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let python = folder.join("bin/python");
    let done = folder.join("installed");
    if done.is_file() {
        return Ok(python);
    }
    let _ = fs::remove_dir_all(&folder);
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(file("requirements.txt")))?;
    File::create(done).map_err(|error| error.to_string())?;
    Ok(python)
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("live/parity")
        .join(name)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("Python 3 is needed: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!(
            "the Python library cannot be installed: {}{}",
            String::from_utf8_lossy(&output.stdout).trim(),
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }
}

/// The running example.
pub(super) struct App {
    _server: Server,
    pub(super) base: String,
}

impl App {
    pub(super) fn start(python: &Path, environment: &[(&str, &str)]) -> Self {
        let port = free_port();
        let log = std::env::temp_dir().join(format!("parity-{}-{port}.log", std::process::id()));
        let mut server = Server::start(
            python,
            [file("app.py").into_os_string(), port.to_string().into()],
            environment,
            None,
            &log,
        )
        .expect("bash can be run");
        server
            .wait_until(Duration::from_secs(60), |_| {
                std::net::TcpStream::connect(("127.0.0.1", port)).ok()
            })
            .unwrap_or_else(|why| panic!("the Python example does not start: {why}"));
        let _ = fs::remove_file(log);
        Self {
            _server: server,
            base: format!("http://127.0.0.1:{port}"),
        }
    }
}
