//! Puts a guard before a handler's own arguments.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, Meta, MetaList, Pat, PatType, Token, Type};

use crate::handler::HandlerFn;

/// At this many arguments axum has no room for another one.
const MOST_ARGUMENTS: usize = 16;
/// At this many arguments one more trips `clippy::too_many_arguments`.
const CLIPPY_ARGUMENTS: usize = 7;

/// Makes `pattern: ty` the first argument, so that it is extracted before every other one. Where
/// axum has no room, it shares the first argument with the handler's own, in the type `both`.
pub(crate) fn inject(
    handler: &mut HandlerFn,
    pattern: &TokenStream,
    ty: &TokenStream,
    both: &TokenStream,
) {
    let own = handler.sig.inputs.len();
    if own == CLIPPY_ARGUMENTS {
        handler.attrs.push(allow_too_many_arguments());
    }
    if own == MOST_ARGUMENTS
        && let Some(FnArg::Typed(first)) = handler.sig.inputs.first_mut()
        && first.attrs.is_empty()
    {
        let (own_pattern, own_ty) = (&first.pat, &first.ty);
        let pair = typed(
            quote!(#both(#pattern, #own_pattern)),
            quote!(#both<#ty, #own_ty>),
        );
        *first = pair;
        return;
    }
    let guard = typed(pattern.clone(), ty.clone());
    handler.sig.inputs.insert(0, FnArg::Typed(guard));
}

fn typed(pattern: TokenStream, ty: TokenStream) -> PatType {
    PatType {
        attrs: Vec::new(),
        pat: Box::new(Pat::Verbatim(pattern)),
        colon_token: <Token![:]>::default(),
        ty: Box::new(Type::Verbatim(ty)),
    }
}

fn allow_too_many_arguments() -> Attribute {
    let tokens = quote!(
        clippy::too_many_arguments,
        reason = "one of them is the guard"
    );
    Attribute {
        pound_token: <Token![#]>::default(),
        style: syn::AttrStyle::Outer,
        bracket_token: syn::token::Bracket::default(),
        meta: Meta::List(MetaList {
            path: syn::Ident::new("allow", proc_macro2::Span::call_site()).into(),
            delimiter: syn::MacroDelimiter::Paren(syn::token::Paren::default()),
            tokens: tokens.into_token_stream(),
        }),
    }
}
