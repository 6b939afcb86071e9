//! `#[public]`: a handler that is open on purpose.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Attribute, Path};

use crate::{
    crate_path, diag,
    diag::Diagnostics,
    fallback,
    handler::{HandlerFn, Ours},
    inject::inject,
    policy,
    protected::{
        check,
        expand::{Expanded, line, openapi, shown_name},
        read_handler,
    },
    resolved,
    rule::Rule,
};

/// Expands `#[public(args)]` on `item`.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    if let Some(answer) = resolved::answer(&args, item, Ours::Public) {
        return answer;
    }
    let mut kept: Option<Option<Path>> = None;
    let checked = diag::collect(|diag| {
        let krate = arguments(args, diag);
        let handler = read_handler(item, Ours::Public, diag)?;
        if check::handler(&handler, Ours::Public, diag) {
            kept = Some(krate.clone());
        }
        Some((handler, krate))
    });
    let finish = |handler: HandlerFn, krate: Option<Path>| {
        let krate = crate_path::resolve(krate.as_ref());
        public(handler, None, &krate).into_tokens()
    };
    match checked {
        Ok((handler, krate)) => finish(handler, krate),
        Err(error) => {
            let kept =
                kept.and_then(|krate| Some(finish(HandlerFn::read(item).ok()?.callable(), krate)));
            fallback::refused(error, kept, item)
        }
    }
}

/// `#[public]` takes `crate = path` and nothing else.
pub(crate) fn arguments(args: TokenStream, diag: &mut Diagnostics) -> Option<Path> {
    let (krate, others) = policy::read_crate_option(args, diag);
    for key in others {
        diag.rule_on(
            Rule::PublicArguments,
            key,
            "`#[public]` admits every caller and takes no terms; write `#[protected(..)]` to ask for \
             something",
        );
    }
    krate
}

/// A public handler. `owner` is the name of the type whose `impl` block it is in.
pub(crate) fn public(mut handler: HandlerFn, owner: Option<&syn::Type>, krate: &Path) -> Expanded {
    let span = handler.sig.ident.span();
    inject(
        &mut handler,
        &quote_spanned!(span=> #krate::__private::PublicGuard { .. }),
        &quote_spanned!(span=> #krate::__private::PublicGuard),
        &quote_spanned!(span=> #krate::__private::Both),
    );
    let cfgs: Vec<Attribute> = handler.cfgs().into_iter().cloned().collect();
    let name = shown_name(&handler.name(), owner);
    let line = line(&handler, owner);
    let openapi = openapi(&handler, owner);
    let items = quote! {
        #(#cfgs)*
        #krate::__private::public! { #name, #line #openapi }
    };
    Expanded {
        function: handler,
        inner: None,
        items,
    }
}
