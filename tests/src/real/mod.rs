//! A real Keycloak for the suites: provisioned once, started on a free loopback port with the
//! realm of the quickstart, ended with the test process.
//!
//! Nothing here knows the library under test; tokens come from the server over HTTP as any client
//! would get them.

mod admin;
mod process;
mod provision;
pub mod tokens;

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

pub use self::{
    admin::Admin,
    process::Server,
    provision::{VERSION, cache_folder, distribution},
    tokens::TokenEndpoint,
};

/// The realm of the quickstart, which every suite shares.
pub const REALM: &str = "demo";
/// The service's own client and its secret in that realm.
pub const CLIENT: (&str, &str) = ("demo-api", "demo-api-secret");
/// A foreign client and its secret.
pub const OTHER_CLIENT: (&str, &str) = ("other-app", "other-app-secret");

const ADMIN: (&str, &str) = ("admin", "admin");

/// A running Keycloak.
#[derive(Debug)]
pub struct RealKeycloak {
    server: Server,
    home: PathBuf,
    port: u16,
}

impl RealKeycloak {
    /// Copies the distribution, imports the quickstart's realm, starts and waits until ready.
    ///
    /// # Errors
    ///
    /// Why this machine cannot run it (tools), see [`distribution`].
    ///
    /// # Panics
    ///
    /// When the tools are there and the server does not come up all the same.
    pub fn start() -> Result<Self, String> {
        let distribution = distribution()?;
        let home = private_copy(&distribution)?;
        let import = home.join("data/import");
        fs::create_dir_all(&import).map_err(|error| error.to_string())?;
        // The server insists on this name for a realm `demo`.
        fs::copy(realm_export(), import.join("demo-realm.json"))
            .map_err(|error| error.to_string())?;
        let port = free_port();
        let server = launch(&home, port);
        let mut keycloak = Self { server, home, port };
        keycloak.wait_until_ready();
        Ok(keycloak)
    }

    /// Base URL without a trailing slash, for `server_url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The realm's issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/realms/{REALM}", self.url())
    }

    /// The admin API.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(self.url(), ADMIN)
    }

    /// Ends the server the hard way (`SIGKILL`) and keeps its data.
    pub fn kill(&mut self) {
        if let Some(pid) = self.server.pid() {
            let _ = Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                // It may be gone already, which is what was wanted.
                .stderr(std::process::Stdio::null())
                .status();
        }
        self.server
            .wait_for_end(Duration::from_secs(10))
            .expect("SIGKILL ends a process");
    }

    /// Starts again on the same port and data after [`kill`](Self::kill).
    pub fn restart(&mut self) {
        self.server = launch(&self.home, self.port);
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let (port, path) = (self.port, format!("/realms/{REALM}"));
        self.server
            .wait_until(Duration::from_secs(600), |_| {
                (http_status(port, &path) == Some(200)).then_some(())
            })
            .unwrap_or_else(|why| panic!("Keycloak does not start: {why}"));
    }
}

impl Drop for RealKeycloak {
    fn drop(&mut self) {
        // The order matters: the server writes there.
        self.kill();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// The file that the quickstart, the embedded realm and the real server start from.
#[must_use]
pub fn realm_export() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart-realm.json")
}

/// A port that was free a moment ago.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a loopback port")
        .port()
}

/// The server writes into its own folder (build results, data), so each run has its own.
fn private_copy(distribution: &Path) -> Result<PathBuf, String> {
    let home = cache_folder()?.join(format!("run-{}-{}", std::process::id(), free_port()));
    let status = Command::new("cp")
        .arg("-R")
        .arg(distribution)
        .arg(&home)
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() {
        Ok(home)
    } else {
        Err(format!("cannot copy the server to {}", home.display()))
    }
}

fn launch(home: &Path, port: u16) -> Server {
    Server::start(
        &home.join("bin/kc.sh"),
        [
            "start-dev",
            "--import-realm",
            "--http-host=127.0.0.1",
            &format!("--http-port={port}"),
            "--cache=local",
        ],
        &[
            ("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN.0),
            ("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN.1),
            ("JAVA_OPTS_KC_HEAP", "-Xms128m -Xmx512m"),
        ],
        Some(home),
        &home.join("server.log"),
    )
    .expect("bash and kc.sh can be run")
}

/// The status of a plain `GET`, without any client library: `None` while no server listens.
fn http_status(port: u16, path: &str) -> Option<u16> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    std::str::from_utf8(&head)
        .ok()?
        .strip_prefix("HTTP/1.1 ")?
        .parse()
        .ok()
}
