//! A value together with the place in the user's code that set it.

use proc_macro2::Span;

/// A value and the span an error about it points to.
#[derive(Clone, Debug)]
pub(crate) struct Spanned<T> {
    /// The value.
    pub(crate) value: T,
    /// The user's tokens.
    pub(crate) span: Span,
}

impl<T> Spanned<T> {
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl Spanned<String> {
    /// The value of a string literal, at the literal.
    pub(crate) fn from_lit(lit: &syn::LitStr) -> Self {
        Self::new(lit.value(), lit.span())
    }
}
