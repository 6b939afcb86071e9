//! A handler's arguments, taken apart by its patterns and put together again for the next function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::{FieldPat, FnArg, Pat, punctuated::Punctuated};

/// An argument as the outer function takes it, and as it hands it on.
pub(crate) struct PassedOn {
    /// The pattern, in which every part has a name.
    pub(crate) pattern: TokenStream,
    /// The same value as an expression over these names.
    pub(crate) value: TokenStream,
    /// Whether the names are those that the handler's author wrote.
    pub(crate) as_written: bool,
}

/// How argument number `number` is passed on: by its pattern, or, where that loses parts of the
/// value, as a whole.
pub(crate) fn passed_on(pattern: &Pat, number: usize) -> PassedOn {
    let mut fresh = Fresh { number, parts: 0 };
    if let Some((pattern, value)) = rebuilt(pattern, &mut fresh) {
        return PassedOn {
            pattern,
            value,
            as_written: true,
        };
    }
    let name = fresh.name();
    PassedOn {
        pattern: name.to_token_stream(),
        value: name.to_token_stream(),
        as_written: false,
    }
}

/// The names that `input` binds and that are not available where its value is handed on.
pub(crate) fn lost(input: &FnArg) -> bool {
    match input {
        FnArg::Typed(typed) => !passed_on(&typed.pat, 0).as_written,
        FnArg::Receiver(_) => false,
    }
}

/// Names for what the author named `_`.
struct Fresh {
    number: usize,
    parts: usize,
}

impl Fresh {
    fn name(&mut self) -> Ident {
        let (number, part) = (self.number, self.parts);
        self.parts = self.parts.saturating_add(1);
        format_ident!(
            "__keycloak_argument_{number}_{part}",
            span = Span::mixed_site()
        )
    }
}

/// Pattern and expression. `None` where the pattern drops a part (`..`, `ref`, `x @ ..`).
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn's enums are open; other patterns are passed on as a whole"
)]
fn rebuilt(pattern: &Pat, fresh: &mut Fresh) -> Option<(TokenStream, TokenStream)> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            // `mut` is the inner function's.
            let name = name.ident.to_token_stream();
            Some((name.clone(), name))
        }
        Pat::Wild(_) => {
            let name = fresh.name().to_token_stream();
            Some((name.clone(), name))
        }
        Pat::Paren(inner) => rebuilt(&inner.pat, fresh),
        Pat::Tuple(tuple) => {
            let (patterns, values) = all(&tuple.elems, fresh)?;
            Some((quote!((#(#patterns,)*)), quote!((#(#values,)*))))
        }
        Pat::TupleStruct(tuple) if tuple.qself.is_none() => {
            let path = &tuple.path;
            let (patterns, values) = all(&tuple.elems, fresh)?;
            Some((quote!(#path(#(#patterns),*)), quote!(#path(#(#values),*))))
        }
        Pat::Struct(fields) if fields.qself.is_none() && fields.rest.is_none() => {
            let path = &fields.path;
            let mut patterns = Vec::new();
            let mut values = Vec::new();
            for field in &fields.fields {
                let (pattern, value) = rebuilt_field(field, fresh)?;
                patterns.push(pattern);
                values.push(value);
            }
            Some((
                quote!(#path { #(#patterns),* }),
                quote!(#path { #(#values),* }),
            ))
        }
        _ => None,
    }
}

fn rebuilt_field(field: &FieldPat, fresh: &mut Fresh) -> Option<(TokenStream, TokenStream)> {
    let (pattern, value) = rebuilt(&field.pat, fresh)?;
    if field.colon_token.is_none() {
        return Some((pattern, value));
    }
    let member = &field.member;
    Some((quote!(#member: #pattern), quote!(#member: #value)))
}

type Parts = (Vec<TokenStream>, Vec<TokenStream>);

fn all<P>(patterns: &Punctuated<Pat, P>, fresh: &mut Fresh) -> Option<Parts> {
    let rebuilt: Option<Vec<_>> = patterns.iter().map(|part| rebuilt(part, fresh)).collect();
    Some(rebuilt?.into_iter().unzip())
}
