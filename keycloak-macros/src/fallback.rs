//! What is emitted when an attribute is refused.
//!
//! Invariant: the output always contains `compile_error!`, so a refused handler never builds;
//! beside it stands the user's item, so that other code naming it does not fail as well.

use proc_macro2::TokenStream;

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
