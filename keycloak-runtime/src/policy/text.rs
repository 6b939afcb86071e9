//! Policies in the words of the policy language, as written in the source.

use std::fmt;

use super::term::{Asked, Mode, Policy, Question, Set, Term};

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.mode {
            Mode::All => "",
            Mode::Any => "any",
            Mode::None => "none",
        })?;
        // Not `debug_list`: it would break lines where `{:#}` is asked for.
        write!(f, "{:?}", self.items)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.kind.row().written(self.subject);
        match self.asked {
            Asked::Set(set) => write!(f, "{key} = {set}"),
            Asked::Flag(value) => write!(f, "{key} = {value}"),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(terms) => composite(f, "all", &Terms(terms)),
            Self::Any(terms) => composite(f, "any", &Terms(terms)),
            Self::Not(term) => composite(f, "not", *term),
            Self::Ask(question) => question.fmt(f),
            // In full where asked for, so that a change of the named policy is seen.
            Self::Policy(path, policy) if f.alternate() => {
                write!(f, "policy = {path} ({policy:#})")
            }
            Self::Policy(path, _) => write!(f, "policy = {path}"),
            Self::Check(path, _) => write!(f, "check = {path}"),
            Self::Require(_, text) => write!(f, "require = {text}"),
        }
    }
}

/// `name(inner)`; `inner` is written with the same flags.
fn composite(f: &mut fmt::Formatter<'_>, name: &str, inner: &dyn fmt::Display) -> fmt::Result {
    write!(f, "{name}(")?;
    inner.fmt(f)?;
    f.write_str(")")
}

struct Terms(&'static [Term]);

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            term.fmt(f)?;
        }
        Ok(())
    }
}

/// The policy in one line of the policy language; the two that have no terms in words. `{:#}`
/// writes named policies in full.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.optional {
            f.write_str("optional")
        } else if self.terms.is_empty() {
            f.write_str("any authenticated caller")
        } else {
            Terms(self.terms).fmt(f)
        }
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({self})")
    }
}
