//! The example application as a user meets it: its own process, read by what it prints.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use crate::{
    real::{Server, cache_folder, free_port},
    target::profile_folder,
};

/// A line to paste and the status printed after it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The comment above the line; empty for those without a persona.
    pub persona: String,
    /// The whole line.
    pub command: String,
    /// The status to expect.
    pub status: u16,
}

/// The running example.
#[derive(Debug)]
pub struct Quickstart {
    server: Server,
    pid: u32,
    /// `http://127.0.0.1:<port>`.
    pub base: String,
    /// What it offers to paste, in order.
    pub lines: Vec<Line>,
    environment: Vec<(String, String)>,
}

impl Quickstart {
    /// Starts it with these variables (and no other `KEYCLOAK_…`), and waits for its last line.
    ///
    /// # Panics
    ///
    /// When it cannot be built or does not come up.
    #[must_use]
    pub fn start(variables: &[(&str, &str)]) -> Self {
        let mut environment = vec![("ADDR", "127.0.0.1:0")];
        environment.extend_from_slice(variables);
        let log = cache_folder().expect("a cache folder").join(format!(
            "quickstart-{}-{}.log",
            std::process::id(),
            free_port()
        ));
        let mut server = Server::start(&binary(), [] as [&str; 0], &environment, None, &log)
            .expect("bash can be run");
        let output = server
            .wait_until(Duration::from_secs(60), |output| {
                output.contains("Ctrl-C ends it").then(|| output.to_owned())
            })
            .unwrap_or_else(|why| panic!("the quickstart does not start: {why}"));
        let pid = server.pid().expect("its process id is known");
        let _ = fs::remove_file(&log);
        let base = output
            .lines()
            .find_map(|line| line.strip_prefix("Service"))
            .expect("it prints its address")
            .trim()
            .to_owned();
        Self {
            server,
            pid,
            base,
            lines: lines(&output),
            environment: environment
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// Pastes a line into a shell and gives the status and body of the answer.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    #[must_use]
    pub fn paste(&self, command: &str) -> (u16, String) {
        let output = Command::new("sh")
            .args(["-c", command])
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .expect("sh can be run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let status = text
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .unwrap_or_else(|| {
                panic!(
                    "`{command}` gives no answer: {text}{}",
                    String::from_utf8_lossy(&output.stderr)
                )
            });
        let body = text
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default();
        (status, body)
    }

    /// Presses Ctrl-C and gives the exit code.
    ///
    /// # Panics
    ///
    /// When it does not end.
    #[must_use]
    pub fn interrupt(mut self) -> Option<i32> {
        let _ = Command::new("kill")
            .args(["-INT", &self.pid.to_string()])
            .status();
        self.server
            .wait_for_end(Duration::from_secs(20))
            .unwrap_or_else(|why| panic!("Ctrl-C does not end it: {why}"))
    }
}

/// The lines that start with `curl` and end with a status, each with the comment above it.
fn lines(output: &str) -> Vec<Line> {
    let mut persona = String::new();
    let mut lines = Vec::new();
    for line in output.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            comment.clone_into(&mut persona);
        } else if line.starts_with("curl ")
            && let Some((_, status)) = line.rsplit_once(" # ")
            && let Ok(status) = status.parse()
        {
            lines.push(Line {
                persona: persona.clone(),
                command: line.to_owned(),
                status,
            });
        }
    }
    lines
}

/// The example's executable, built by the same cargo into the same target folder.
///
/// `cargo test --workspace` has built it already and this finds it fresh; a run of one suite alone
/// would otherwise test yesterday's.
fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY
        .get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let output = Command::new(cargo)
                .args(["build", "--quiet", "--offline", "--example", "quickstart"])
                .current_dir(&root)
                .stdin(Stdio::null())
                .output()
                .expect("cargo can be run");
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            profile_folder().join("examples/quickstart")
        })
        .clone()
}
