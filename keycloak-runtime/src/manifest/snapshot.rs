//! The manifest against the text that was reviewed.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use super::Manifest;

/// The lines that changed since the snapshot: `-` was reviewed and is gone, `+` is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    lines: Vec<(char, String)>,
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines
            .iter()
            .try_for_each(|(sign, line)| writeln!(f, "{sign} {line}"))
    }
}

impl std::error::Error for Changes {}

impl Manifest {
    /// Compares with the text of a snapshot. Order, blank lines and lines that begin with `#` do
    /// not matter.
    ///
    /// # Errors
    /// What was added, removed or changed.
    pub fn compare(&self, snapshot: &str) -> Result<(), Changes> {
        // How often each line is there, now less then.
        let mut balance: BTreeMap<String, i64> = BTreeMap::new();
        for entry in self.entries() {
            let count = balance.entry(entry.to_string()).or_default();
            *count = count.saturating_add(1);
        }
        let reviewed = snapshot.lines().map(str::trim_end);
        for line in reviewed.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let count = balance.entry(line.to_owned()).or_default();
            *count = count.saturating_sub(1);
        }
        let mut lines: Vec<(char, String)> = Vec::new();
        for (line, count) in balance {
            match count {
                0 => {}
                1.. => lines.push(('+', line)),
                _ => lines.push(('-', line)),
            }
        }
        // A changed policy is shown as a pair: old line, then new line.
        lines.sort_by(|(a_sign, a), (b_sign, b)| {
            (subject(a), *a_sign == '+', a).cmp(&(subject(b), *b_sign == '+', b))
        });
        if lines.is_empty() {
            Ok(())
        } else {
            Err(Changes { lines })
        }
    }

    /// Compares with a snapshot file, for a test of the application. Where they differ, the
    /// present text is written beside it with `.new` at the end, to be put in its place when the
    /// change is meant.
    ///
    /// # Panics
    /// The file cannot be read, or a policy was added, removed or changed.
    #[expect(clippy::panic, reason = "an assertion of the application's own tests")]
    pub fn assert_snapshot(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let (snapshot, missing) = match fs::read_to_string(path) {
            Ok(text) => (text, String::new()),
            Err(error) => (String::new(), format!(" ({error})")),
        };
        let Err(changes) = self.compare(&snapshot) else {
            return;
        };
        let mut new = path.as_os_str().to_owned();
        new.push(".new");
        let written = match fs::write(&new, self.to_string()) {
            Ok(()) => format!("if this is meant, replace it by {}", new.display()),
            Err(error) => format!("{} cannot be written: {error}", new.display()),
        };
        panic!(
            "the policies are not those of {}{missing}:\n{changes}{written}",
            path.display()
        );
    }
}

/// What a line is about: its kind may change, its place does not.
fn subject(line: &str) -> &str {
    line.split_whitespace().nth(1).unwrap_or(line)
}
