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

use super::term::{Mode, Policy, Set, Term};

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
        Term::Roles(set) => json!({ "roles": items(*set, []) }),
        Term::RealmRoles(set) => json!({ "realm_roles": items(*set, []) }),
        Term::ClientRoles(None, set) => json!({ "client_roles": items(*set, []) }),
        Term::ClientRoles(Some(client), set) => {
            json!({ "client_roles": items(*set, [("client", client)]) })
        }
        Term::Groups(set) => json!({ "groups": items(*set, []) }),
        Term::Scopes(set) => json!({ "scopes": items(*set, []) }),
        Term::Claim(path, set) => json!({ "claim": items(*set, [("path", path)]) }),
        Term::ClaimBool(path, value) => json!({ "claim": { "path": path, "is": value } }),
        Term::Policy(name, policy) => {
            json!({ "policy": { "name": name, "all": terms(policy.terms) } })
        }
        Term::Check(path, _) => json!({ "check": path }),
        Term::Require(_, text) => json!({ "require": text }),
    }
}

fn items<const N: usize>(set: Set, more: [(&str, &&str); N]) -> Value {
    let quantifier = match set.mode {
        Mode::All => "all",
        Mode::Any => "any",
        Mode::None => "none",
    };
    let more = more.map(|(name, value)| (name.to_owned(), json!(value)));
    let mut out = Map::from_iter(more);
    out.insert(quantifier.to_owned(), json!(set.items));
    Value::Object(out)
}
