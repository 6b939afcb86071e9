//! Policies as JSON, for the manifest and for documents.
//!
//! A policy is `{"all": [term, ..]}`, or `{"optional": true}`. A term is an object with one
//! member: `{"roles": {"any": ["a", "b"]}}`, `{"client_roles": {"client": "c", "all": ["a"]}}`,
//! `{"claim": {"path": "p", "all": ["a"]}}` or `{"claim": {"path": "p", "is": true}}`,
//! `{"any": [term, ..]}`, `{"all": [term, ..]}`, `{"not": term}`,
//! `{"policy": {"name": "ADMINS", "all": [term, ..]}}`, `{"check": "path"}`,
//! `{"require": "expression"}`.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use keycloak_policy::vocabulary::Row;

use super::term::{Asked, Mode, Policy, Question, Set, Term};

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Policy {
    pub(crate) fn to_json(self) -> Value {
        if self.optional {
            json!({ "optional": true })
        } else {
            json!({ "all": terms(self.terms) })
        }
    }
}

fn terms(terms: &[Term]) -> Vec<Value> {
    terms.iter().map(term).collect()
}

fn term(term: &Term) -> Value {
    match term {
        Term::All(inner) => json!({ "all": terms(inner) }),
        Term::Any(inner) => json!({ "any": terms(inner) }),
        Term::Not(inner) => json!({ "not": self::term(inner) }),
        Term::Ask(question) => self::question(question),
        Term::Policy(name, policy) => {
            json!({ "policy": { "name": name, "all": terms(policy.terms) } })
        }
        Term::Check(path, _) => json!({ "check": path }),
        Term::Require(_, text) => json!({ "require": text }),
    }
}

/// `{"word": {"all": [..]}}`, with the subject beside it.
fn question(question: &Question) -> Value {
    let Row { word, subject, .. } = question.kind.row();
    let (name, value) = match question.asked {
        Asked::Set(Set { mode, items, .. }) => {
            let quantifier = match mode {
                Mode::All => "all",
                Mode::Any => "any",
                Mode::None => "none",
            };
            (quantifier, json!(items))
        }
        Asked::Flag(value) => ("is", json!(value)),
    };
    let mut out = Map::from_iter([(name.to_owned(), value)]);
    if let Some(subject) = subject.member()
        && let Some(value) = question.subject
    {
        out.insert(subject.to_owned(), json!(value));
    }
    json!({ *word: out })
}
