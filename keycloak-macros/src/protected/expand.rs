//! A checked handler with its policy, as code. Cannot fail.
//!
//! The generated code is data and one guard: every decision is made by the runtime. Where a
//! handler was refused, the same shape is emitted with a policy that admits nobody, beside the
//! `compile_error!`: the program does not build, and what names the handler raises no second
//! error.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Path, Type, ext::IdentExt as _};

use super::require;
use crate::{handler::HandlerFn, inject::inject, policy::emit::Emitted};

/// The two parts of an expansion: an `impl` block has room for the first only.
pub(crate) struct Expanded {
    /// The function, with its guard.
    pub(crate) function: HandlerFn,
    /// What stands beside it.
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

/// A protected handler. `owner` is the type whose `impl` block the handler stands in.
pub(crate) fn protected(
    mut handler: HandlerFn,
    policy: Emitted,
    owner: Option<&Type>,
    krate: &Path,
) -> Expanded {
    let span = handler.sig.ident.span();
    let ident = handler.sig.ident.clone();
    let name = handler.name();
    let policy_type = policy_type(&name, owner, span);
    let Emitted {
        value,
        items: policy_items,
        requires,
    } = policy;

    let guard_type = quote_spanned!(span=> #krate::__private::Guard<#policy_type>);
    if requires.is_empty() {
        let pattern = quote_spanned!(span=> #krate::__private::Guard { .. });
        inject(&mut handler, &pattern, &guard_type);
    } else {
        let guard = Ident::new("__keycloak_guard", Span::mixed_site());
        inject(&mut handler, &guard.to_token_stream(), &guard_type);
        require::ask(&mut handler, &guard, &requires, krate);
    }

    let cfgs: Vec<Attribute> = handler.cfgs().into_iter().cloned().collect();
    let vis = &handler.vis;
    let handler_name = shown_name(&name, owner);
    let mut items = quote_spanned! {span=>
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(
            non_camel_case_types, unreachable_pub, unnameable_types, dead_code,
            missing_debug_implementations, clippy::exhaustive_enums, clippy::empty_enums
        )]
        #vis enum #policy_type {}
    };
    items.extend(quote! {
        #(#cfgs)*
        const _: () = {
            #policy_items
            #[automatically_derived]
            impl #krate::__private::HasPolicy for #policy_type {
                const POLICY: #krate::__private::Policy = #value;
            }
            #krate::__private::register! {
                kind: Protected,
                handler: #handler_name,
                policy: ::core::option::Option::Some(
                    <#policy_type as #krate::__private::HasPolicy>::POLICY
                ),
            }
        };
    });
    if owner.is_none() {
        items.extend(glue(
            &handler,
            &quote!(protected),
            &ident,
            &policy_type,
            &cfgs,
            krate,
        ));
    }
    Expanded {
        function: handler,
        items,
    }
}

/// The call that ties the handler to its OpenAPI operation; it is empty without the feature.
pub(crate) fn glue(
    handler: &HandlerFn,
    kind: &TokenStream,
    ident: &Ident,
    policy_type: &impl ToTokens,
    cfgs: &[Attribute],
    krate: &Path,
) -> TokenStream {
    // Under `cfg_attr` it may turn out to be absent.
    let certain = |attr: &Attribute| is_utoipa(attr) && !attr.path().is_ident("cfg_attr");
    let documented = handler.attrs.iter().any(certain);
    // The type that utoipa makes of the handler.
    let path = format_ident!("__path_{}", ident);
    quote! {
        #(#cfgs)*
        #krate::__private::openapi_glue! {
            kind: #kind, handler: #ident, path: #path, policy: #policy_type,
            documented: #documented,
        }
    }
}

/// Whether the attribute is `#[utoipa::path(..)]`, also under `cfg_attr`.
pub(crate) fn is_utoipa(attr: &Attribute) -> bool {
    let text = attr.to_token_stream().to_string().replace(' ', "");
    text.starts_with("#[utoipa::path")
        || text.starts_with("#[::utoipa::path")
        || (text.starts_with("#[cfg_attr") && text.contains("utoipa::path"))
        || (text.starts_with("#[path(") && !text.starts_with("#[path="))
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
