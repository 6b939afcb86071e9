//! The path parameters of a request, which items of policies name.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::{FromRequestParts as _, MatchedPath, RawPathParams},
    http::request::Parts,
};
use keycloak_policy::grammar::template;

use super::{
    term::{Asked, Policy, Question, Set},
    visit::each_question,
};
use crate::{base::foreign::Foreign, telemetry::emit};

/// The parameters of the matched route, those of outer routers included, decoded once, as axum's
/// `Path` has them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters(Vec<(Box<str>, Box<str>)>);

impl Parameters {
    /// Those of a request. Where a value is not UTF-8, there are none, as for axum's `Path`.
    pub(crate) async fn of(parts: &mut Parts) -> Self {
        match RawPathParams::from_request_parts(parts, &()).await {
            Ok(raw) => raw.iter().collect(),
            Err(_) => Self::default(),
        }
    }

    /// The value of `name`. A name that two routers gave is nobody's: one of the two could be meant.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(own, _)| **own == *name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The item with its parameters filled in; `None` where a value is missing or names nothing.
    pub(crate) fn fill(&self, item: &str) -> Option<String> {
        template::filled(item, |name| self.get(name))
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(values: I) -> Self {
        let values = values.into_iter();
        Self(
            values
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// For logs: `project=apollo, id=7`, as others wrote it.
impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}={}", Foreign(name), Foreign(value))?;
        }
        Ok(())
    }
}

impl Policy {
    /// Whether an item has path parameters, or braces.
    pub(crate) fn has_templates(&self) -> bool {
        let mut found = false;
        each_question(self.terms, false, &mut |question, _| {
            found |= template_items(question).is_some();
        });
        found
    }

    /// The names of the path parameters.
    pub(crate) fn parameters(&self) -> BTreeSet<&'static str> {
        let mut names = BTreeSet::new();
        each_question(self.terms, false, &mut |question, _| {
            let items = template_items(question).unwrap_or_default();
            names.extend(items.iter().copied().flat_map(template::parameters));
        });
        names
    }

    /// Says once for each policy and name that the route has no such parameter.
    pub(crate) fn report_missing(&self, parameters: &Parameters, parts: &Parts) {
        static REPORTED: Mutex<BTreeSet<(usize, &str)>> = Mutex::new(BTreeSet::new());
        for name in self.parameters() {
            if parameters.0.iter().any(|(own, _)| **own == *name) {
                continue;
            }
            let place = (self.source.as_ptr().addr(), name);
            let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
            if reported.insert(place) {
                drop(reported);
                let route = parts.extensions.get::<MatchedPath>();
                emit!(
                    ERROR,
                    "keycloak::authorization",
                    UNKNOWN_PARAMETER,
                    policy = self.source,
                    parameter = name,
                    route = route.map_or("", MatchedPath::as_str),
                    "the policy names a path parameter that the route does not have, so that it \
                     admits no caller by it"
                );
            }
        }
    }
}

/// The items of a set of which one is a template.
fn template_items(question: &Question) -> Option<&'static [&'static str]> {
    match question.asked {
        Asked::Set(Set {
            items, templates, ..
        }) => templates.then_some(items),
        Asked::Flag(_) => None,
    }
}

/// What stands in for the matched route in unit tests.
#[cfg(any(test, feature = "test-util"))]
#[derive(Clone)]
pub(crate) struct PathValues(pub(crate) Parameters);

#[cfg(any(test, feature = "test-util"))]
impl Parameters {
    /// Those that a unit test gave.
    pub(crate) fn of_test(parts: &Parts) -> Self {
        let values = parts.extensions.get::<PathValues>();
        values.map_or_else(Self::default, |values| values.0.clone())
    }
}
