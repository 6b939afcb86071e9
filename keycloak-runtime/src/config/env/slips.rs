//! Misspelt variables: a name that is set, that nothing reads, and that looks like one of ours.

use std::collections::BTreeSet;

use super::{options, vars::Vars};
use crate::telemetry::emit;

/// What was asked of the variables while settings were read.
#[derive(Debug, Default)]
pub(super) struct Asked {
    prefixes: BTreeSet<&'static str>,
    variables: BTreeSet<String>,
}

impl Asked {
    /// Notes that variables begin with `prefix` and an underscore.
    pub(super) fn prefix(&mut self, prefix: &'static str) {
        self.prefixes.insert(prefix);
    }

    /// Notes that the variable called `full` was looked for.
    pub(super) fn variable(&mut self, full: &str) {
        self.variables.insert(full.to_owned());
    }

    /// Logs each set variable that was probably meant for these settings and is not read.
    /// `complete` says that nothing else reads options of the same prefix.
    pub(super) fn warn(&self, vars: &Vars, complete: bool) {
        for prefix in &self.prefixes {
            for (unread, meant) in self.unread(prefix, vars, complete) {
                if unread == meant {
                    emit!(
                        WARN,
                        "keycloak",
                        UNREAD_VARIABLE,
                        variable = unread,
                        "a variable of the settings is set, but the struct has no field for it, so \
                         it changes nothing: add the field or remove the variable"
                    );
                } else {
                    emit!(
                        WARN,
                        "keycloak",
                        UNREAD_VARIABLE,
                        variable = unread,
                        did_you_mean = meant,
                        "a variable is set that no field reads; its name is nearly that of a \
                         setting: a misspelling?"
                    );
                }
            }
        }
    }

    /// Pairs of a set variable that nothing read and the name that it is near to.
    fn unread<'v>(&self, prefix: &str, vars: &'v Vars, complete: bool) -> Vec<(&'v str, String)> {
        let known = known(prefix);
        let mut found: Vec<_> = vars
            .names()
            .filter(|name| !self.variables.contains(*name))
            .filter_map(|name| {
                if known.iter().any(|known| known == name) {
                    return complete.then(|| (name, name.to_owned()));
                }
                let near = |known: &&String| is_slip_of(name, known, prefix);
                Some((name, known.iter().find(near)?.clone()))
            })
            .collect();
        found.sort_unstable();
        found
    }
}

/// The variable of every option.
fn known(prefix: &str) -> Vec<String> {
    [options::VALUES, options::SWITCHES]
        .into_iter()
        .flatten()
        .map(|option| format!("{prefix}_{}", option.to_uppercase()))
        .chain([format!("{prefix}_CLIENT_SECRET_FILE")])
        .collect()
}

/// The set variable whose name is a misspelling of `full`, and is not an option's own.
pub(super) fn of<'v>(full: &str, prefix: &str, vars: &'v Vars) -> Option<&'v str> {
    let known = known(prefix);
    vars.names()
        .filter(|name| is_slip_of(name, full, prefix) && !known.iter().any(|known| known == name))
        .min()
}

/// Whether `written` is `wanted` with few letters more, less, changed or swapped: one in a short
/// name, more in a long one (`AUTHORIZED_PARTY` for `AUTHORIZED_PARTIES`).
fn is_slip_of(written: &str, wanted: &str, prefix: &str) -> bool {
    let own = wanted.strip_prefix(prefix).unwrap_or(wanted);
    let allowed = (own.len() / 6).max(1);
    if written == wanted || written.len().abs_diff(wanted.len()) > allowed {
        return false;
    }
    strsim::osa_distance(&written.to_uppercase(), wanted) <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_slip(written: &str, wanted: &str, expected: bool) {
        assert_eq!(
            is_slip_of(written, wanted, "KEYCLOAK"),
            expected,
            "{written}"
        );
    }

    #[test]
    fn slips_of_the_pen() {
        for written in [
            "KEYCLOAK_RELAM",
            "KEYCLOAK_REAL",
            "KEYCLOAK_REALMS",
            "KEYCLOAK_REALN",
            "KEYCLOAKREALM",
            "keycloak_realm",
            "KEYCLAOK_REALM",
        ] {
            check_slip(written, "KEYCLOAK_REALM", true);
        }
        for written in ["KEYCLOAK_REALM", "KEYCLOAK_ADMIN", "REALM", ""] {
            check_slip(written, "KEYCLOAK_REALM", false);
        }
        for written in [
            "KEYCLOAK_AUTHORIZED_PARTYS",
            "KEYCLOAK_AUTHORIZED_PARTY",
            "KEYCLOAK_AUTHORISED_PARTIES",
            "KEYCLOAK_AUTHORIZEDPARTIES",
        ] {
            check_slip(written, "KEYCLOAK_AUTHORIZED_PARTIES", true);
        }
    }

    #[test]
    fn options_are_not_slips_of_each_other() {
        let known = known("KEYCLOAK");
        let vars = Vars::from_pairs(known.iter().map(|name| (name, "x")));
        for name in &known {
            assert_eq!(of(name, "KEYCLOAK", &vars), None, "{name}");
        }
    }
}
