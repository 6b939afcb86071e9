//! Collects every problem of one macro invocation, so that one build shows them all.
//!
//! Invariant: [`collect`] is the only way to obtain a [`Diagnostics`], and it returns a value only
//! when nothing was reported; a reported problem can therefore never be dropped on the way.

use proc_macro2::Span;
use quote::ToTokens;

use crate::rule::Rule;

/// The problems found so far.
#[derive(Debug)]
pub(crate) struct Diagnostics {
    error: Option<syn::Error>,
}

impl Diagnostics {
    /// Whether nothing was reported so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.error.is_none()
    }

    /// Adds an error that already carries its tokens.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.error {
            Some(all) => all.combine(error),
            None => self.error = Some(error),
        }
    }

    /// Reports `message` at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Reports `message` on all of `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports a broken rule at `span`; the message ends with the rule's code.
    pub(crate) fn rule_at(&mut self, rule: Rule, span: Span, message: impl std::fmt::Display) {
        self.at(span, format_args!("{message} [{rule}]"));
    }

    /// Reports a broken rule on all of `tokens`; the message ends with the rule's code.
    pub(crate) fn rule_on(
        &mut self,
        rule: Rule,
        tokens: impl ToTokens,
        message: impl std::fmt::Display,
    ) {
        self.on(tokens, format_args!("{message} [{rule}]"));
    }

    /// Keeps the value of `result`, or reports its error.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(error);
                None
            }
        }
    }
}

/// Runs `work` with an empty collector and returns its value only if nothing was reported.
///
/// # Errors
/// Everything that was reported, combined. A `work` that returns `None` without a report is a
/// mistake of this crate; it is reported as such instead of passing silently.
pub(crate) fn collect<T>(work: impl FnOnce(&mut Diagnostics) -> Option<T>) -> syn::Result<T> {
    let mut diag = Diagnostics { error: None };
    let value = work(&mut diag);
    match (diag.error, value) {
        (None, Some(value)) => Ok(value),
        (Some(error), _) => Err(error),
        (None, None) => Err(syn::Error::new(
            Span::call_site(),
            "keycloak: this input was refused without a reason; please report it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_the_value_when_nothing_was_reported() {
        assert_eq!(collect(|_| Some(1)).unwrap(), 1);
    }

    #[test]
    fn keeps_every_report_in_order() {
        let error = collect(|diag| {
            diag.at(Span::call_site(), "first");
            diag.at(Span::call_site(), "second");
            Some(())
        })
        .unwrap_err();
        let messages: Vec<_> = error.into_iter().map(|e| e.to_string()).collect();
        assert_eq!(messages, ["first", "second"]);
    }

    #[test]
    fn a_refusal_without_a_reason_is_an_error() {
        assert!(collect(|_| None::<()>).is_err());
    }
}
