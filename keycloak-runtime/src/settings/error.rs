//! What is wrong with the settings: every mistake at once, each with its fix.

use std::{borrow::Cow, fmt};

/// The settings are not usable; lists every mistake at once.
///
/// The text has one line per mistake: the option (or environment variable), what is wrong and
/// what to write instead. No value is part of it: any of them may hold a password.
///
/// ```
/// let error = keycloak::Keycloak::builder().realm("demo").build().unwrap_err();
/// let text = error.to_string();
/// assert!(text.contains("server_url"));
/// assert!(text.contains("client_id"));
/// ```
///
/// `Debug` is the same text: it is what `fn main() -> Result<(), ConfigError>` prints.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    mistakes: Vec<Mistake>,
}

/// All that is wrong so far.
pub(crate) type Mistakes = Vec<Mistake>;

/// One mistake in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    name: Cow<'static, str>,
    problem: Cow<'static, str>,
    fix: Cow<'static, str>,
}

impl Mistake {
    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
        fix: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name: name.into(),
            problem: problem.into(),
            fix: fix.into(),
        }
    }

    /// The same mistake under the name of what was set: a variable instead of an option.
    /// `misspelt` is a variable that is set and was perhaps meant.
    pub(crate) fn renamed(mut self, name: String, misspelt: Option<&str>) -> Self {
        self.name = name.into();
        if let Some(misspelt) = misspelt {
            self.fix = format!("{} ({misspelt} is set: a misspelling?)", self.fix).into();
        }
        self
    }

    /// The builder's option, or the environment variable, for example `server_url`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> &str {
        &self.fix
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.name, self.problem, self.fix)
    }
}

impl ConfigError {
    /// `mistakes` must not be empty: an error says what is wrong.
    pub(crate) fn new(mistakes: Vec<Mistake>) -> Self {
        Self { mistakes }
    }

    /// The mistakes, in the order of the options.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// Takes the mistakes out, for an error that adds its own.
    pub(crate) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.mistakes.len();
        let noun = if count == 1 { "mistake" } else { "mistakes" };
        write!(f, "{count} {noun} in the Keycloak settings:")?;
        for mistake in &self.mistakes {
            write!(f, "\n  {mistake}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
