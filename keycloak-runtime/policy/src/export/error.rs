//! Why an export cannot be used.

use std::{error::Error, fmt, io, path::PathBuf};

/// Why a realm export cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// The path is empty.
    #[non_exhaustive]
    Unnamed,
    /// The file or folder cannot be read.
    #[non_exhaustive]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The text is not UTF-8.
    #[non_exhaustive]
    NotUtf8 {
        /// The file, unless the text itself was given.
        path: Option<PathBuf>,
        /// What it looks like instead.
        encoding: &'static str,
    },
    /// The text is not JSON; the position is in the source error.
    #[non_exhaustive]
    NotJson {
        /// The file, unless the text itself was given.
        path: Option<PathBuf>,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// There is no realm: an empty list, or a folder without a `*-realm.json`.
    #[non_exhaustive]
    NoRealm {
        /// The file or folder, unless the text itself was given.
        path: Option<PathBuf>,
    },
    /// There are several realms beside `master`, and none was chosen.
    #[non_exhaustive]
    SeveralRealms {
        /// The file or folder, unless the text itself was given.
        path: Option<PathBuf>,
        /// Their names.
        names: Vec<String>,
    },
    /// The realm that was chosen is not there.
    #[non_exhaustive]
    UnknownRealm {
        /// The file or folder, unless the text itself was given.
        path: Option<PathBuf>,
        /// The name asked for.
        name: String,
        /// The names there are.
        names: Vec<String>,
    },
    /// The JSON is not a realm; every problem with its place.
    #[non_exhaustive]
    Invalid {
        /// The file, unless the text itself was given.
        path: Option<PathBuf>,
        /// What is wrong, in the order of the file.
        problems: Vec<ExportProblem>,
    },
}

impl ExportError {
    /// The problems of an export that is JSON but not a realm, else none.
    #[must_use]
    pub fn problems(&self) -> &[ExportProblem] {
        match self {
            Self::Invalid { problems, .. } => problems,
            Self::Unnamed
            | Self::Unreadable { .. }
            | Self::NotUtf8 { .. }
            | Self::NotJson { .. }
            | Self::NoRealm { .. }
            | Self::SeveralRealms { .. }
            | Self::UnknownRealm { .. } => &[],
        }
    }

    /// The file or folder, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&std::path::Path> {
        match self {
            Self::Unnamed => None,
            Self::Unreadable { path, .. } => Some(path),
            Self::NotUtf8 { path, .. }
            | Self::NotJson { path, .. }
            | Self::NoRealm { path }
            | Self::SeveralRealms { path, .. }
            | Self::UnknownRealm { path, .. }
            | Self::Invalid { path, .. } => path.as_deref(),
        }
    }

    /// What is wrong, without the file's name: for a message that names it already.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Unnamed => "the path is empty".to_owned(),
            Self::Unreadable { source, .. } => format!("it cannot be read ({source})"),
            Self::NotUtf8 { encoding, .. } => format!(
                "it is {encoding} text, as `>` of Windows PowerShell writes it; save it as UTF-8 \
                 (`Out-File -Encoding utf8`)"
            ),
            Self::NotJson { source, .. }
                if source.is_eof() && (source.line(), source.column()) == (1, 0) =>
            {
                "it is empty".to_owned()
            }
            Self::NotJson { source, .. } => format!("it is not JSON ({source})"),
            Self::NoRealm { .. } => "it holds no realm: expected the JSON of a realm, a list of \
                 realms, or a folder with a `NAME-realm.json`, as `kc.sh export` writes them"
                .to_owned(),
            Self::SeveralRealms { names, .. } => format!(
                "it holds the realms {}; choose one by its name after a `#`, as in `PATH#{}`",
                quoted(names),
                names.first().map_or("NAME", String::as_str)
            ),
            Self::UnknownRealm { name, names, .. } => {
                format!("it holds no realm `{name}`; it has {}", quoted(names))
            }
            Self::Invalid { problems, .. } => {
                let problems: Vec<_> = problems.iter().map(ExportProblem::to_string).collect();
                problems.join("\n  ")
            }
        }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the realm export")?;
        if let Some(path) = self.path() {
            write!(f, " {}", path.display())?;
        }
        let separator = if matches!(self, Self::Invalid { .. }) {
            ":\n  "
        } else {
            ": "
        };
        write!(f, " cannot be used{separator}{}", self.reason())
    }
}

impl Error for ExportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::NotJson { source, .. } => Some(source),
            Self::Unnamed
            | Self::NotUtf8 { .. }
            | Self::NoRealm { .. }
            | Self::SeveralRealms { .. }
            | Self::UnknownRealm { .. }
            | Self::Invalid { .. } => None,
        }
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// One place of an export that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportProblem {
    /// Where: a JSON path such as `$.users[3].realmRoles`.
    pub path: String,
    /// What was expected there, and what is there instead. Holds no value of the export but names
    /// (of roles, groups, clients).
    pub message: String,
}

impl fmt::Display for ExportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}
