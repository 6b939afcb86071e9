//! One server in a process of its own: this program, started once more.
//!
//! The child serves on a loopback port, says which, and ends when its standard input closes, which
//! happens at the latest when the parent ends.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use tokio::{io::AsyncReadExt, net::TcpListener};

use crate::{
    machine,
    servers::{self, App, Settings},
};

/// The first argument of a child.
const SERVE: &str = "serve";

/// A running server; dropping it ends its process.
pub struct Running {
    process: Child,
    address: SocketAddr,
}

impl Running {
    /// Starts the server `name` on the processor `core`, or anywhere, and waits until it listens.
    ///
    /// # Errors
    /// What the application said when it could not be built, or that it says nothing.
    pub fn start(
        name: &str,
        settings: &Settings,
        core: Option<usize>,
        patience: Duration,
    ) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let settings = serde_json::to_string(settings).map_err(|error| error.to_string())?;
        let core = core.map_or_else(|| "any".to_owned(), |core| core.to_string());
        let mut process = Command::new(program)
            .args([SERVE, name, &settings, &core])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let stdout = process.stdout.take().ok_or("no output")?;
        let address = first_line(stdout, patience)
            .and_then(|line| line.parse().map_err(|_| format!("ends: {line}")));
        match address {
            Ok(address) => Ok(Self { process, address }),
            Err(problem) => {
                end(&mut process);
                Err(problem)
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The processor time that it used so far, in microseconds.
    #[must_use]
    pub fn cpu_micros(&self) -> f64 {
        machine::cpu_micros(self.process.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// What the child says first; it lets go of the pipe when it ends.
fn first_line(stdout: ChildStdout, patience: Duration) -> Result<String, String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        // Nobody listens any more where it took too long.
        let _ = sender.send(read.map(|_| line.trim().to_owned()));
    });
    match receiver.recv_timeout(patience) {
        Ok(line) => line.map_err(|error| error.to_string()),
        Err(_) => Err(format!("does not listen within {} s", patience.as_secs())),
    }
}

fn end(process: &mut Child) {
    // It may have ended by itself, and then there is nothing to do.
    let _ = process.kill();
    let _ = process.wait();
}

/// Serves, where this process was started as a child; to be called first in `main`.
///
/// Returns whether it was one.
#[must_use]
pub fn served() -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, command, name, settings, core] = arguments.as_slice() else {
        return false;
    };
    if command != SERVE {
        return false;
    }
    if let Ok(core) = core.parse() {
        machine::pin_to(core);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    if let Err(problem) = runtime.block_on(serve(name, settings)) {
        say(&problem);
    }
    // Standard input may still be waited for.
    runtime.shutdown_background();
    true
}

async fn serve(name: &str, settings: &str) -> Result<(), String> {
    let settings: Settings = serde_json::from_str(settings).map_err(|error| error.to_string())?;
    let server = servers::named(name).ok_or("no server of this name")?;
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = tokio::select! {
        app = server.start(settings) => app?,
        () = parent_gone() => return Ok(()),
    };
    say(&address.to_string());
    tokio::select! {
        () = run(listener, app) => Err("the server ended".to_owned()),
        () = parent_gone() => Ok(()),
    }
}

async fn run(listener: TcpListener, app: App) {
    let served = match app {
        App::Axum08(router) => {
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                // Like the other version's `tcp_nodelay`.
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, router).await
        }
        App::Axum07(router) => axum07::serve(listener, router).tcp_nodelay(true).await,
    };
    served.expect("the server");
}

/// Waits until the other end of standard input is gone.
async fn parent_gone() {
    let mut sink = [0; 16];
    while let Ok(1..) = tokio::io::stdin().read(&mut sink).await {}
}

fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let line = line.replace('\n', " ");
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .expect("the parent reads");
}
