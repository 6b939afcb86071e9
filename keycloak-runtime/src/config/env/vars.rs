//! The variables a config struct is read from.
//!
//! Invariant: this is the only place that reads the process environment.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
};

/// Names and values; the last of several equal names wins, as in a shell.
pub(super) struct Vars(HashMap<OsString, OsString>);

impl Vars {
    /// The process environment.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub(super) fn from_env() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// Pairs from anywhere.
    pub(super) fn from_pairs<N: AsRef<OsStr>, V: AsRef<OsStr>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned()))
                .collect(),
        )
    }

    /// The value of `name`, if it is set.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Every name that is text.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|name| name.to_str())
    }
}
