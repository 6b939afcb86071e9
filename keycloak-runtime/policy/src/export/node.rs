//! A JSON value with its path, so that a problem can say where it is and what was expected.
//!
//! Reads like Keycloak's own importer: unknown members are ignored, `null` is absent, booleans and
//! numbers may be written as strings. A wrong type is a problem, and reading goes on after it.

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::error::ExportProblem;

/// More than this many problems do not help; a fuzzed file could have millions.
const MAX_PROBLEMS: usize = 50;

/// The problems found so far.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<ExportProblem>>);

impl Problems {
    fn push(&self, path: String, message: String) {
        let mut problems = self.0.borrow_mut();
        let problem = ExportProblem { path, message };
        // A view may pass a place more than once.
        if problems.len() < MAX_PROBLEMS && !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// All of them, in the order they were found in.
    #[must_use]
    pub fn into_vec(self) -> Vec<ExportProblem> {
        self.0.into_inner()
    }
}

/// A value and where it is.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    value: &'a Value,
    path: String,
    problems: &'a Problems,
}

impl<'a> Node<'a> {
    /// The whole of what is read; `path` is its place in the document, `$` for all of it.
    #[must_use]
    pub fn root(value: &'a Value, path: &str, problems: &'a Problems) -> Self {
        Self {
            value,
            path: path.to_owned(),
            problems,
        }
    }

    /// Whether this is an object; a problem if not.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.object().is_some()
    }

    /// Says what is wrong with this value.
    pub fn problem(&self, message: impl Into<String>) {
        self.problems.push(self.path.clone(), message.into());
    }

    fn expected(&self, what: &str) {
        self.problem(format!("expected {what}, found {}", kind(self.value)));
    }

    fn object(&self) -> Option<&'a Map<String, Value>> {
        let object = self.value.as_object();
        if object.is_none() {
            self.expected("an object");
        }
        object
    }

    fn child(&self, value: &'a Value, step: &str) -> Self {
        Self {
            value,
            path: format!("{}{step}", self.path),
            problems: self.problems,
        }
    }

    /// The member `name`, unless it is absent or `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Self> {
        let value = self.object()?.get(name)?;
        (!value.is_null()).then(|| self.child(value, &member(name)))
    }

    fn items(&self) -> Vec<Self> {
        let Value::Array(items) = self.value else {
            self.expected("an array");
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(index, value)| self.child(value, &format!("[{index}]")))
            .collect()
    }

    /// The elements of the array `name` that are objects; none if it is absent.
    #[must_use]
    pub fn objects(&self, name: &str) -> Vec<Self> {
        let mut items = self.get(name).map_or_else(Vec::new, |list| list.items());
        items.retain(|item| item.object().is_some());
        items
    }

    /// The strings of the array `name`; none if it is absent.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.get(name).map_or_else(Vec::new, |list| {
            list.items().iter().filter_map(Self::as_text).collect()
        })
    }

    /// As [`Node::texts`], but an absent list is not the same as an empty one.
    #[must_use]
    pub fn texts_if_present(&self, name: &str) -> Option<Vec<String>> {
        self.get(name).map(|_| self.texts(name))
    }

    /// The members of the object `name`; none if it is absent.
    #[must_use]
    pub fn members(&self, name: &str) -> Vec<(String, Self)> {
        let Some(node) = self.get(name) else {
            return Vec::new();
        };
        node.object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), node.child(value, &member(key))))
            .collect()
    }

    /// The member `name` as text; scalars other than strings read as their JSON text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_text()
    }

    /// This value as text; a problem if it is not a scalar.
    #[must_use]
    pub fn as_text(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                self.expected("a string");
                None
            }
        }
    }

    /// This value as list of strings; one string is a list of one.
    #[must_use]
    pub fn as_texts(&self) -> Vec<String> {
        match self.value {
            Value::Array(_) => self.items().iter().filter_map(Self::as_text).collect(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => self.as_text().into_iter().collect(),
        }
    }

    /// The member `name`, which must be there and not blank.
    #[must_use]
    pub fn required_name(&self, name: &str) -> Option<String> {
        let Some(node) = self.get(name) else {
            self.child(self.value, &member(name))
                .problem("expected a string, found nothing");
            return None;
        };
        let text = node.as_text()?;
        if text.trim().is_empty() {
            node.problem("expected a name, found a blank string");
            return None;
        }
        Some(text)
    }

    /// The member `name` as truth value.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        let node = self.get(name)?;
        match node.value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" || text.is_empty() => Some(false),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                node.expected("true or false");
                None
            }
        }
    }

    /// The member `name` as whole number that is not negative.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<i64> {
        let node = self.get(name)?;
        let number = match node.value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let number = number.filter(|number| *number >= 0);
        if number.is_none() {
            node.expected("a whole number that is not negative");
        }
        number
    }

    /// JSON kept as text inside of JSON, as Keycloak stores credentials.
    #[must_use]
    pub fn embedded(&self, name: &str) -> Option<Value> {
        let node = self.get(name)?;
        let text = node.as_text()?;
        let value = serde_json::from_str(&text).ok();
        if value.is_none() {
            node.problem("expected JSON inside of the string");
        }
        value
    }
}

fn member(name: &str) -> String {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if plain && !name.is_empty() {
        format!(".{name}")
    } else {
        format!("[{}]", Value::from(name))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
