//! A checked handler with its policy, as code. Cannot fail.
//!
//! The generated code is data and one guard: every decision is made by the runtime. Where a
//! handler was refused, the same shape is emitted with a policy that admits no caller, beside the
//! `compile_error!`: the program does not build, and what names the handler raises no second
//! error.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Meta, Path, Type, ext::IdentExt as _};

use super::require;
use crate::{handler::HandlerFn, inject::inject, policy::emit::Emitted};

/// The parts of an expansion: an `impl` block has no room for the items.
pub(crate) struct Expanded {
    /// The function, with its guard.
    pub(crate) function: HandlerFn,
    /// What the function calls, where that is not inside it.
    pub(crate) inner: Option<HandlerFn>,
    /// The items beside it.
    pub(crate) items: TokenStream,
}

impl Expanded {
    /// Function and items, one after the other.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let mut tokens = self.function.into_token_stream();
        tokens.extend(self.items);
        tokens
    }
}

/// A protected handler. `owner` is the type whose `impl` block the handler is in.
pub(crate) fn protected(
    mut handler: HandlerFn,
    policy: Emitted,
    owner: Option<&Type>,
    krate: &Path,
) -> Expanded {
    let span = handler.sig.ident.span();
    let name = handler.name();
    let policy_type = policy_type(&name, owner, span);
    let Emitted {
        value,
        items: policy_items,
        tracking,
        requires,
    } = policy;

    let both = quote_spanned!(span=> #krate::__private::Both);
    let questions = if requires.is_empty() {
        quote!(Settled)
    } else {
        quote!(Asking)
    };
    let mut inner = None;
    if requires.is_empty() {
        let guard_type = quote_spanned!(span=> #krate::__private::Guard<#policy_type>);
        let pattern = quote_spanned!(span=> #krate::__private::Guard { .. });
        inject(&mut handler, &pattern, &guard_type, &both);
    } else {
        let guard_type = quote_spanned!(span=> #krate::__private::PendingGuard<#policy_type>);
        let guard = Ident::new("__keycloak_guard", Span::mixed_site());
        inner = require::ask(&mut handler, &guard, &requires, owner.is_some(), krate);
        inject(&mut handler, &guard.to_token_stream(), &guard_type, &both);
    }

    let cfgs: Vec<Attribute> = handler.cfgs().into_iter().cloned().collect();
    let vis = &handler.vis;
    let handler_name = shown_name(&name, owner);
    let line = line(&handler, owner);
    let openapi = openapi(&handler, owner);
    let items = quote! {
        #tracking
        #(#cfgs)*
        #krate::__private::protected! {
            #vis #policy_type #questions, #handler_name, #line, { #policy_items }, #value #openapi
        }
    };
    Expanded {
        function: handler,
        inner,
        items,
    }
}

/// The line that the manifest shows: of the attribute; in an `impl` block, where one attribute
/// stands for many functions, of the function.
pub(crate) fn line(handler: &HandlerFn, owner: Option<&Type>) -> TokenStream {
    if owner.is_some() && proc_macro::is_available() {
        let line = handler.sig.ident.span().unwrap().line();
        if let Ok(line) = u32::try_from(line) {
            return Literal::u32_unsuffixed(line).to_token_stream();
        }
    }
    quote!(::core::line!())
}

/// What ties the handler to its OpenAPI operation: the type that utoipa makes of it, and whether
/// it certainly does. Nothing in an `impl` block, which cannot hold that type.
pub(crate) fn openapi(handler: &HandlerFn, owner: Option<&Type>) -> TokenStream {
    if owner.is_some() {
        return TokenStream::new();
    }
    // Under `cfg_attr` it may turn out to be absent.
    let certain = |attr: &Attribute| is_utoipa(attr) && !attr.path().is_ident("cfg_attr");
    let path = format_ident!("__path_{}", handler.sig.ident);
    if handler.attrs.iter().any(certain) {
        quote!(, #path documented)
    } else {
        quote!(, #path perhaps)
    }
}

/// Whether the attribute is `#[utoipa::path(..)]`, also under `cfg_attr`. `#[path(..)]` is
/// utoipa's by its parentheses; the compiler's own is `#[path = "..."]`.
pub(crate) fn is_utoipa(attr: &Attribute) -> bool {
    let Meta::List(list) = &attr.meta else {
        return false;
    };
    if list.path.is_ident("cfg_attr") {
        return names_utoipa(list.tokens.clone());
    }
    let mut segments = list.path.segments.iter().map(|segment| &segment.ident);
    match (segments.next(), segments.next(), segments.next()) {
        (Some(first), None, _) => first == "path",
        (Some(first), Some(second), None) => first == "utoipa" && second == "path",
        _ => false,
    }
}

/// `#[utoipa::path(..)]` with the name of its crate. It makes items beside the function, by the
/// function's name, so with `require` it has to stay on the outer one. That it is utoipa's cannot be
/// proven: it is what SECURITY.md excepts. `#[path(..)]` may be another crate's.
pub(crate) fn is_utoipa_by_crate(attr: &Attribute) -> bool {
    is_utoipa(attr) && attr.path().segments.len() == 2
}

/// Whether the tokens contain `utoipa::path`.
fn names_utoipa(tokens: TokenStream) -> bool {
    let mut words = tokens.into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) => Some(Some(ident)),
        TokenTree::Punct(punct) if punct.as_char() == ':' => None,
        TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Literal(_) => Some(None),
    });
    while let Some(word) = words.next() {
        if word.is_some_and(|word| word == "utoipa")
            && words.next().flatten().is_some_and(|word| word == "path")
        {
            return true;
        }
    }
    false
}

/// The type that carries the policy. A handler's name is unique among free functions of its
/// module, with its type's name among associated ones.
fn policy_type(name: &str, owner: Option<&Type>, span: Span) -> Ident {
    match owner {
        None => format_ident!("__keycloak_policy_{name}", span = span),
        Some(owner) => {
            let owner: String = owner
                .to_token_stream()
                .to_string()
                .chars()
                .map(|c| if c.is_alphanumeric() { c } else { '_' })
                .collect();
            let owner = owner.trim_matches('_');
            format_ident!("__keycloak_policy_{owner}__{name}", span = span)
        }
    }
}

/// The handler's name in the manifest.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn's enums are open; other types have no name, only text"
)]
pub(crate) fn shown_name(name: &str, owner: Option<&Type>) -> String {
    let Some(owner) = owner else {
        return name.to_owned();
    };
    let written = match owner {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map_or_else(String::new, |segment| segment.ident.unraw().to_string()),
        other => crate::policy::text::tokens(other.to_token_stream()),
    };
    format!("{written}::{name}")
}
