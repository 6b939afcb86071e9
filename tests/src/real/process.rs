//! A server process that cannot outlive the test that started it.
//!
//! The process is started by a small shell that waits for the end of its standard input. The other
//! end of that pipe is held by the test process alone, so however that ends (return, panic,
//! signal, `kill -9`), the shell notices and ends the whole process group.

use std::{
    ffi::OsStr,
    fs::File,
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Runs "$@" until it ends or standard input does; in the second case the folder given first is
/// removed (a server that ended by itself may be started again on its data).
///
/// Job control gives the server a process group of its own, so that no child of a start script
/// stays behind.
const WATCHDOG: &str = r#"
set -m
folder=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
echo "pid $server"
cat <&3 >/dev/null &
pipe=$!
wait -n "$server" "$pipe"
code=$?
kill -0 "$pipe" 2>/dev/null && folder=
kill -KILL -- "-$server" "-$pipe" 2>/dev/null
wait
[ -z "$folder" ] || rm -rf -- "$folder"
exit "$code"
"#;

/// A running server; dropping it ends it and waits for the end.
#[derive(Debug)]
pub struct Server {
    watchdog: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `program` with `arguments`; both of its outputs go to the file `log`.
    ///
    /// `folder` is removed when the test process ends first.
    pub fn start<S: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = S>,
        environment: &[(&str, &str)],
        folder: Option<&Path>,
        log: &Path,
    ) -> io::Result<Self> {
        let output = File::create(log)?;
        let watchdog = Command::new("bash")
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(folder.unwrap_or(Path::new("")))
            .arg(program)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()?;
        Ok(Self {
            watchdog,
            log: log.to_owned(),
        })
    }

    /// Everything the server printed so far.
    #[must_use]
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The process id of the server itself.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.output()
            .lines()
            .find_map(|line| line.strip_prefix("pid ")?.parse().ok())
    }

    /// Waits for the server to end by itself and gives its exit code.
    ///
    /// # Errors
    ///
    /// The end of the server's output when the time is up.
    pub fn wait_for_end(&mut self, limit: Duration) -> Result<Option<i32>, String> {
        let deadline = Instant::now() + limit;
        loop {
            match self.watchdog.try_wait() {
                Ok(Some(status)) => return Ok(status.code()),
                Ok(None) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Ok(None) => return Err(format!("still running after {limit:?}: {}", self.tail())),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Polls `ready` until it gives a value.
    ///
    /// # Errors
    ///
    /// The end of the server's output when it ended or the time is up.
    pub fn wait_until<T>(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(value) = ready(&self.output()) {
                return Ok(value);
            }
            let ended = self
                .watchdog
                .try_wait()
                .map_err(|error| error.to_string())?;
            if let Some(status) = ended {
                return Err(format!("it ended ({status}): {}", self.tail()));
            }
            if Instant::now() >= deadline {
                return Err(format!("not ready after {limit:?}: {}", self.tail()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn tail(&self) -> String {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}
