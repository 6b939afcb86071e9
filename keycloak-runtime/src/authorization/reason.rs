//! Why a policy came out as it did: what it asks for, which branch failed, what the caller has.
//!
//! Built by the same walk that decides, so the two cannot differ. Role, group and scope names of
//! the caller are shown (quoted and escaped); values of other claims never are.

use std::fmt;

use serde_json::{Value, json};

use super::{
    answers::Answers,
    decision::{Recorder, Truth, walk_all},
    outcomes::Outcomes,
    policy::{Mode, Policy, Term},
};
use crate::{
    User,
    user::{Container, Names},
};

/// At most so many of the caller's names are shown for one term.
const SHOWN: usize = 32;

/// The reason tree of one decision. `Display` is one line, `{:#}` an indented tree.
#[derive(Debug, Clone)]
pub(crate) struct Reason {
    policy: &'static str,
    outcomes: Outcomes,
    pub(super) terms: Vec<Node>,
}

/// One term of the policy and how it came out.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) term: &'static Term,
    pub(super) outcomes: Outcomes,
    /// Items of a set that stand in the way.
    pub(super) failed: Vec<&'static str>,
    had: Vec<Had>,
    note: Option<String>,
    pub(super) terms: Vec<Self>,
}

/// What the caller has of one kind.
#[derive(Debug, Clone)]
struct Had {
    kind: String,
    names: Vec<String>,
    more: usize,
}

impl Policy {
    /// The reason tree for these answers.
    pub(crate) fn explain(&self, user: &User, answers: &Answers) -> Reason {
        let mut builder = Builder {
            user,
            open: Vec::new(),
            done: Vec::new(),
        };
        let outcomes = walk_all(self.terms, user, answers, &mut builder);
        Reason {
            policy: self.source,
            outcomes,
            terms: builder.done,
        }
    }
}

struct Builder<'u> {
    user: &'u User,
    /// Terms that are being walked, outermost first, each with its finished siblings before it.
    open: Vec<(Node, Vec<Node>)>,
    done: Vec<Node>,
}

impl Recorder for Builder<'_> {
    const COMPLETE: bool = true;

    fn enter(&mut self, term: &'static Term) {
        let node = Node {
            term,
            outcomes: Outcomes::UNKNOWN,
            failed: Vec::new(),
            had: Vec::new(),
            note: None,
            terms: Vec::new(),
        };
        self.open.push((node, std::mem::take(&mut self.done)));
    }

    fn item(&mut self, item: &'static str, held: Truth) {
        if let Some((node, _)) = self.open.last_mut() {
            let wanted = match mode(node.term) {
                Some(Mode::None) => Truth::False,
                Some(Mode::All | Mode::Any) | None => Truth::True,
            };
            if held != wanted {
                node.failed.push(item);
            }
        }
    }

    fn leave(&mut self, outcomes: Outcomes) {
        let Some((mut node, before)) = self.open.pop() else {
            return;
        };
        node.outcomes = outcomes;
        node.terms = std::mem::replace(&mut self.done, before);
        if outcomes == Outcomes::TRUE {
            node.failed.clear();
        }
        node.had = had(node.term, self.user);
        if outcomes == Outcomes::UNKNOWN {
            node.note = note(node.term, self.user);
        }
        self.done.push(node);
    }
}

fn mode(term: &Term) -> Option<Mode> {
    match term {
        Term::Roles(set)
        | Term::RealmRoles(set)
        | Term::ClientRoles(_, set)
        | Term::Groups(set)
        | Term::Scopes(set)
        | Term::Claim(_, set) => Some(set.mode),
        Term::All(_)
        | Term::Any(_)
        | Term::Not(_)
        | Term::ClaimBool(..)
        | Term::Policy(..)
        | Term::Check(..)
        | Term::Require(..) => None,
    }
}

fn had(term: &Term, user: &User) -> Vec<Had> {
    let own = &user.rules().client_id;
    let list = |kind: &str, names: Names<'_>| Had {
        kind: kind.to_owned(),
        names: names.iter().take(SHOWN).map(str::to_owned).collect(),
        more: names.len().saturating_sub(SHOWN),
    };
    let of_client = |client: &str| {
        list(
            &format!("roles of client {client:?}"),
            user.client_roles(client),
        )
    };
    match term {
        Term::Roles(_) => vec![list("realm roles", user.realm_roles()), of_client(own)],
        Term::RealmRoles(_) => vec![list("realm roles", user.realm_roles())],
        Term::ClientRoles(client, _) => vec![of_client(client.unwrap_or(own))],
        Term::Groups(_) => vec![list("groups", user.groups())],
        Term::Scopes(_) => vec![list("scopes", user.scopes())],
        Term::All(_)
        | Term::Any(_)
        | Term::Not(_)
        | Term::Claim(..)
        | Term::ClaimBool(..)
        | Term::Policy(..)
        | Term::Check(..)
        | Term::Require(..) => Vec::new(),
    }
}

/// Why a term can be proven neither true nor false, and what to do about it.
fn note(term: &Term, user: &User) -> Option<String> {
    let rules = user.rules();
    let malformed = |what: &str| {
        Some(format!(
            "{what} does not have the form that Keycloak gives it"
        ))
    };
    match term {
        Term::Groups(_) => {
            let claim = &rules.groups_claim;
            match user.group_access() {
                Container::Malformed => Some(format!("claim {claim:?} is not a list of strings")),
                Container::Absent => Some(format!(
                    "the token has no claim {claim:?}, which Keycloak omits for a user in no group \
                     exactly as it does without the group mapper, so that non-membership cannot be \
                     proven; add the mapper to the client and declare it: .groups_claim({claim:?})"
                )),
                Container::Present(_) if rules.name_only_groups => Some(
                    "the token names groups without their paths, so that non-membership in a group \
                     below another cannot be proven; switch on \"Full group path\" in the mapper"
                        .to_owned(),
                ),
                Container::Present(_) => Some(
                    "the token names a group without the leading \"/\", so that non-membership \
                     cannot be proven; switch on \"Full group path\" in the mapper, or declare \
                     name-only groups: .name_only_groups()"
                        .to_owned(),
                ),
            }
        }
        Term::Scopes(_) => match user.scope_access() {
            Container::Absent => Some("the token has no claim \"scope\"".to_owned()),
            Container::Malformed | Container::Present(_) => malformed("claim \"scope\""),
        },
        Term::Claim(path, _) | Term::ClaimBool(path, _) => Some(match user.lookup(path) {
            None => format!(
                "the token has no claim {path:?}, so that nothing can be proven about it; add \
                     a mapper for it to the client"
            ),
            Some(_) => format!("claim {path:?} has another type than the policy asks for"),
        }),
        Term::RealmRoles(_) => malformed("claim \"realm_access\""),
        Term::Roles(_) | Term::ClientRoles(..) => {
            malformed("claim \"realm_access\" or \"resource_access\"")
        }
        Term::All(_)
        | Term::Any(_)
        | Term::Not(_)
        | Term::Policy(..)
        | Term::Check(..)
        | Term::Require(..) => None,
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
    #[cfg(test)]
    pub(super) fn outcomes(&self) -> Outcomes {
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

    /// As JSON: `{"policy", "outcome", "terms": [{"term", "outcome", "missing"?, "caller_has"?,
    /// "note"?, "terms"?}]}`.
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
            text.push_str(&format!(
                " ({} {})",
                self.failed_word(),
                self.failed.join(", ")
            ));
        }
        if let Some(note) = &self.note {
            text.push_str(&format!(", {note}"));
        }
        text
    }

    /// What to call the items that stand in the way.
    fn failed_word(&self) -> &'static str {
        match mode(self.term) {
            Some(Mode::None) => "excluded",
            Some(Mode::All | Mode::Any) | None => "missing",
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

fn quoted(names: &[impl fmt::Debug]) -> String {
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
