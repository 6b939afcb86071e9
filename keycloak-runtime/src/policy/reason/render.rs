//! Reasons as text and as JSON.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Node, Reason, is_none_of};
use crate::base::foreign::Foreign;
use crate::base::truth::Outcomes;

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// One word for what became of a term.
fn word(outcomes: Outcomes) -> &'static str {
    match outcomes {
        Outcomes::TRUE => "met",
        Outcomes::FALSE => "not met",
        Outcomes::UNKNOWN => "cannot be proven",
        _ => "depends on the request",
    }
}

impl Reason {
    /// Whether the policy is proven to hold.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.outcomes == Outcomes::TRUE
    }

    #[cfg(test)]
    pub(in crate::policy) fn outcomes(&self) -> Outcomes {
        self.outcomes
    }

    /// The terms that stand in the way, each with what is missing, in one line.
    #[cfg(feature = "matrix")]
    pub(crate) fn failed_terms(&self) -> String {
        let failed = self
            .terms
            .iter()
            .filter(|node| !node.outcomes.can_be_true());
        let texts: Vec<String> = failed.map(Node::brief).collect();
        texts.join("; ")
    }

    /// The `check` and `require` terms that are open, in one line.
    #[cfg(feature = "matrix")]
    pub(crate) fn open_terms(&self) -> String {
        let mut texts = Vec::new();
        open_terms(&self.terms, &mut texts);
        texts.join(", ")
    }

    /// As JSON, see [`Reason`].
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "policy": self.policy,
            "outcome": word(self.outcomes),
            "terms": self.terms.iter().map(Node::to_json).collect::<Vec<_>>(),
        })
    }
}

#[cfg(feature = "matrix")]
fn open_terms(nodes: &[Node], texts: &mut Vec<String>) {
    for node in nodes.iter().filter(|node| !node.outcomes.is_decided()) {
        if node.terms.is_empty() {
            texts.push(node.term.to_string());
        }
        open_terms(&node.terms, texts);
    }
}

impl Node {
    #[cfg(feature = "matrix")]
    fn brief(&self) -> String {
        let mut text = format!("{}: {}", word(self.outcomes), self.term);
        if !self.failed.is_empty() {
            let failed = self.failed.join(", ");
            text.extend([" (", self.failed_word(), " ", &failed, ")"]);
        }
        if let Some(note) = &self.note {
            text.extend([", ", note]);
        }
        text
    }

    /// What to call the items that stand in the way.
    fn failed_word(&self) -> &'static str {
        if self.outcomes == Outcomes::UNKNOWN {
            "unproven"
        } else if is_none_of(self.term) {
            "excluded"
        } else {
            "missing"
        }
    }

    fn to_json(&self) -> Value {
        let mut out = serde_json::Map::new();
        out.insert("term".to_owned(), json!(self.term.to_string()));
        out.insert("outcome".to_owned(), json!(word(self.outcomes)));
        if !self.failed.is_empty() {
            out.insert(self.failed_word().to_owned(), json!(self.failed));
        }
        if self.outcomes != Outcomes::TRUE && !self.had.is_empty() {
            let had = self
                .had
                .iter()
                .map(|had| (had.kind.clone(), json!(had.names)));
            out.insert("caller_has".to_owned(), Value::Object(had.collect()));
        }
        if let Some(note) = &self.note {
            out.insert("note".to_owned(), json!(note));
        }
        if !self.terms.is_empty() {
            let terms = self.terms.iter().map(Self::to_json).collect();
            out.insert("terms".to_owned(), Value::Array(terms));
        }
        Value::Object(out)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        if f.alternate() {
            write!(f, "\n{:width$}", "", width = depth.saturating_mul(2))?;
        }
        write!(f, "{}: {}", word(self.outcomes), self.term)?;
        if self.outcomes != Outcomes::TRUE {
            if !self.failed.is_empty() {
                write!(f, "; {} {}", self.failed_word(), quoted(&self.failed))?;
            }
            for had in &self.had {
                write!(f, "; caller has {} {}", had.kind, quoted(&had.names))?;
                if had.more > 0 {
                    write!(f, " and {} more", had.more)?;
                }
            }
        }
        if let Some(note) = &self.note {
            write!(f, "; {note}")?;
        }
        if f.alternate() {
            for term in &self.terms {
                term.write(f, depth.saturating_add(1))?;
            }
        } else if !self.terms.is_empty() {
            f.write_str(" [")?;
            write_line(&self.terms, f)?;
            f.write_str("]")?;
        }
        Ok(())
    }
}

fn quoted(names: &[impl fmt::Display]) -> String {
    let names: Vec<_> = names.iter().map(Foreign).collect();
    format!("{names:?}")
}

fn write_line(nodes: &[Node], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 {
            f.write_str(" | ")?;
        }
        node.write(f, 0)?;
    }
    Ok(())
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            write!(f, "{}: {}", word(self.outcomes), self.policy)?;
            self.terms.iter().try_for_each(|node| node.write(f, 1))
        } else {
            write_line(&self.terms, f)
        }
    }
}
