//! One struct on its way from variables to settings: which variable a field reads, what was wrong,
//! and what the builder says about the values so far.
//!
//! Invariant: no value ever gets into a mistake's text.

use std::{borrow::Cow, ffi::OsStr, fmt::Write as _};

use super::{
    secret_file,
    slips::{self, Asked},
    vars::Vars,
};
use crate::{
    keycloak::{KeycloakBuilder, check::check},
    settings::{Mistake, plausible::artefact_of_secret},
};

/// The prefix of variables unless `prefix = ".."` says otherwise.
const DEFAULT_PREFIX: &str = "KEYCLOAK";

/// Which variable a field reads. Public for generated code only.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::exhaustive_enums,
    reason = "constructed by generated code of the same version"
)]
pub enum Name {
    /// After the prefix and an underscore.
    Suffix(&'static str),
    /// As it is.
    Full(&'static str),
}

/// What one struct is read with. Public for generated code only.
pub struct Scope<'v> {
    vars: &'v Vars,
    prefix: &'static str,
    mistakes: &'v mut Vec<Mistake>,
    draft: &'v mut Draft,
    asked: &'v mut Asked,
}

/// The settings read so far, so that what they mean is checked even where others are missing.
#[derive(Default)]
pub(super) struct Draft {
    builder: KeycloakBuilder,
    /// Which variable each option was read from.
    options: Vec<(&'static str, Source)>,
}

struct Source {
    variable: String,
    /// Whether the variable has been reported: the builder then has nothing to add about it.
    reported: bool,
    /// A variable that is set in the place of this one, which is not.
    misspelt: Option<String>,
}

impl Draft {
    /// What the builder has to say about the values, under the variables' names.
    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        let Err(error) = check(&self.builder) else {
            return Vec::new();
        };
        error
            .into_mistakes()
            .into_iter()
            .filter_map(|mistake| {
                let source = self
                    .options
                    .iter()
                    .find(|(name, _)| *name == mistake.name());
                match source {
                    None => Some(mistake),
                    Some((_, source)) if source.reported => None,
                    Some((_, source)) => {
                        let misspelt = source.misspelt.as_deref();
                        Some(mistake.renamed(source.variable.clone(), misspelt))
                    }
                }
            })
            .collect()
    }
}

impl std::fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope")
            .field("prefix", &self.prefix)
            .field("mistakes", &self.mistakes)
            .finish_non_exhaustive()
    }
}

/// What a variable holds.
pub(super) enum Text<'v> {
    /// It is not set.
    Unset,
    /// It is set to the empty string, which counts as not set: Compose files and charts write
    /// `NAME=` for what they leave out.
    Empty,
    /// Its value, not trimmed.
    Set(&'v str),
    /// It cannot be read; the problem is reported.
    Unreadable,
}

impl<'v> Scope<'v> {
    pub(super) fn new(
        vars: &'v Vars,
        prefix: Option<&'static str>,
        mistakes: &'v mut Vec<Mistake>,
        draft: &'v mut Draft,
        asked: &'v mut Asked,
    ) -> Self {
        let prefix = prefix.unwrap_or(DEFAULT_PREFIX);
        asked.prefix(prefix);
        Self {
            vars,
            prefix,
            mistakes,
            draft,
            asked,
        }
    }

    /// For a part of the same settings: with its own prefix, or with this one's.
    pub(super) fn part(&mut self, prefix: Option<&'static str>) -> Scope<'_> {
        let prefix = Some(prefix.unwrap_or(self.prefix));
        Scope::new(self.vars, prefix, self.mistakes, self.draft, self.asked)
    }

    /// For settings of another `Keycloak` inside these, gathered in `draft`.
    pub(super) fn whole<'d>(
        &'d mut self,
        prefix: Option<&'static str>,
        draft: &'d mut Draft,
    ) -> Scope<'d> {
        let prefix = Some(prefix.unwrap_or(self.prefix));
        Scope::new(self.vars, prefix, self.mistakes, draft, self.asked)
    }

    /// Adds the mistakes that the builder finds in `draft`.
    pub(super) fn report_mistakes(&mut self, draft: &Draft) {
        self.mistakes.extend(draft.mistakes());
    }

    /// Notes an option's value; `None` says that the variable has been reported.
    pub fn note<T>(
        &mut self,
        option: &'static str,
        name: Name,
        value: Option<&T>,
        set: impl FnOnce(KeycloakBuilder, &T) -> KeycloakBuilder,
    ) {
        let variable = self.full_name(name);
        let absent = self.vars.get(&variable).is_none();
        let misspelt = absent.then(|| self.similar(&variable)).flatten();
        if let Some(value) = value {
            let mut builder = set(std::mem::take(&mut self.draft.builder), value);
            // An optional list whose variable is empty, or misspelt, was meant to restrict.
            if option == "authorized_parties" && (!absent || misspelt.is_some()) {
                builder.authorized_parties.get_or_insert_default();
            }
            self.draft.builder = builder;
        }
        let source = Source {
            reported: value.is_none(),
            misspelt: misspelt.map(str::to_owned),
            variable,
        };
        self.draft.options.push((option, source));
    }

    /// The full name of a variable.
    pub(super) fn full_name(&self, name: Name) -> String {
        match name {
            Name::Suffix(suffix) => format!("{}_{suffix}", self.prefix),
            Name::Full(full) => full.to_owned(),
        }
    }

    /// The value of the variable called `full`.
    pub(super) fn text(&mut self, full: &str) -> Text<'v> {
        let vars: &'v Vars = self.vars;
        self.asked.variable(full);
        match vars.get(full) {
            None => Text::Unset,
            Some(value) => match value.to_str() {
                Some("") => Text::Empty,
                Some(text) => Text::Set(text),
                None => {
                    self.report(full, "not valid Unicode", "set it to a text in UTF-8");
                    Text::Unreadable
                }
            },
        }
    }

    /// Whether the variable called `full` is set to anything.
    pub(super) fn path(&mut self, full: &str) -> Option<&'v OsStr> {
        let vars: &'v Vars = self.vars;
        self.asked.variable(full);
        vars.get(full).filter(|path| !path.is_empty())
    }

    /// Adds a problem.
    pub(super) fn report(
        &mut self,
        full: &str,
        problem: impl Into<Cow<'static, str>>,
        fix: impl Into<Cow<'static, str>>,
    ) {
        self.mistakes
            .push(Mistake::new(full.to_owned(), problem, fix));
    }

    /// Adds the problem that a required variable is not there, with the set variable whose name
    /// comes closest: a misspelt name is the usual reason.
    pub(super) fn report_missing(&mut self, full: &str, empty: bool, or_file: bool) {
        let problem = if empty {
            "set to the empty string, which counts as not set"
        } else {
            "not set"
        };
        let mut fix = match self.similar(full) {
            Some(similar) => format!("set it ({similar} is set: a misspelling?)"),
            None => "set it".to_owned(),
        };
        if or_file {
            let _infallible = write!(fix, ", or {full}_FILE to the path of a file that holds it");
        }
        self.report(full, problem, fix);
    }

    /// The set variable whose name is a misspelling of `full`.
    fn similar(&self, full: &str) -> Option<&'v str> {
        let vars: &'v Vars = self.vars;
        slips::of(full, self.prefix, vars)
    }

    /// The first line-ending-stripped content of the file that the variable `full` names.
    ///
    /// Neither path nor content gets into the problem: who mixes up the two variables has the
    /// secret where the path should be.
    pub(super) fn secret_file(&mut self, full: &str, path: &OsStr) -> Option<String> {
        match secret_file::read(path) {
            Ok(text) => match artefact_of_secret(&text) {
                None => Some(text),
                Some((problem, fix)) => {
                    self.report(full, format!("names a file whose content {problem}"), fix);
                    None
                }
            },
            Err(why) => {
                self.report(
                    full,
                    format!("names a file that {why}"),
                    "set it to the path of a file that holds the secret and nothing else",
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_names_wins() {
        let vars = Vars::from_pairs([("A", "1"), ("A", "2")]);
        let (mut mistakes, mut draft) = (Vec::new(), Draft::default());
        let mut asked = Asked::default();
        let mut scope = Scope::new(&vars, None, &mut mistakes, &mut draft, &mut asked);
        assert!(matches!(scope.text("A"), Text::Set("2")));
    }

    #[test]
    fn an_optional_list_that_restricts_counts_as_named_by_an_empty_or_misspelt_variable() {
        let named = |variables: &[(&str, &str)]| {
            let vars = Vars::from_pairs(variables.iter().copied());
            let (mut mistakes, mut draft) = (Vec::new(), Draft::default());
            let mut asked = Asked::default();
            let mut scope = Scope::new(&vars, None, &mut mistakes, &mut draft, &mut asked);
            let name = Name::Suffix("AUTHORIZED_PARTIES");
            scope.note("authorized_parties", name, Some(&()), |builder, ()| builder);
            draft.builder.authorized_parties.is_some()
        };
        assert!(!named(&[]));
        assert!(!named(&[("KEYCLOAK_REALM", "demo")]));
        assert!(named(&[("KEYCLOAK_AUTHORIZED_PARTIES", "")]));
        assert!(named(&[("KEYCLOAK_AUTHORIZED_PARTYS", "web")]));
    }
}
