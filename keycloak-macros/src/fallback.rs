//! What is emitted when an attribute is refused.
//!
//! Invariant: the output always contains `compile_error!`, so a refused handler never builds;
//! the user's item is beside it, so that other code naming it does not fail as well.

use proc_macro2::TokenStream;
use quote::ToTokens as _;

use crate::handler::{HandlerFn, ours};

/// The tokens of `expand`, or its errors followed by `item`.
pub(crate) fn on_error(
    item: &TokenStream,
    expand: impl FnOnce() -> syn::Result<TokenStream>,
) -> TokenStream {
    match expand() {
        Ok(tokens) => tokens,
        Err(error) => {
            let mut tokens = error.into_compile_error();
            tokens.extend(item.clone());
            tokens
        }
    }
}

/// The errors of a refused declaration, followed by `kept`: the handler with a guard that admits
/// no caller; or, where it cannot have a guard, by the item without our other attributes.
pub(crate) fn refused(
    error: syn::Error,
    kept: Option<TokenStream>,
    item: &TokenStream,
) -> TokenStream {
    let mut tokens = error.into_compile_error();
    tokens.extend(
        kept.unwrap_or_else(|| match syn::parse2::<HandlerFn>(item.clone()) {
            Ok(mut handler) => {
                handler.attrs.retain(|attr| ours(attr).is_none());
                handler.into_token_stream()
            }
            Err(_) => item.clone(),
        }),
    );
    tokens
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn errors_stand_beside_the_item() {
        let item = quote!(
            fn f() {}
        );
        let tokens = on_error(&item, || {
            Err(syn::Error::new(proc_macro2::Span::call_site(), "no"))
        })
        .to_string();
        assert!(tokens.contains("compile_error"));
        assert!(tokens.contains("fn f"));
    }
}
