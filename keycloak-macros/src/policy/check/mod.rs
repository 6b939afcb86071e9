//! The rules of the language, one function each. They change nothing.

mod consistency;
mod items;
mod lists;
mod negation;
mod options;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;

use super::model::{Model, Term};
use crate::diag::Diagnostics;

/// Where a policy is written: what it may contain depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an attribute on a handler or its `impl` block.
    Attribute,
    /// In `policy!`.
    Macro,
}

/// All rules that look at one list of terms.
pub(crate) fn check(model: &Model, place: Place, diag: &mut Diagnostics) {
    options::optional_stands_alone(model, diag);
    options::require_has_a_handler(&model.terms, model.optional.is_some(), place, diag);
    items::names(&model.terms, diag);
    items::duplicate_items(&model.terms, diag);
    lists::bare_list_under_not(&model.terms, diag);
    negation::scopes(&model.terms, diag);
    lists::duplicate_keys(&model.terms, diag);
    consistency(&model.terms, diag);
}

/// The rules that need the whole policy: also for an `impl` block's terms with a function's own.
pub(crate) fn consistency(terms: &[Term], diag: &mut Diagnostics) {
    consistency::check(terms, diag);
}
