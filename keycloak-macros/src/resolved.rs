//! Whether an attribute that has the name of one of ours is ours: asked of the compiler.
//!
//! An `impl` block reads the attributes of its functions, because nothing can be put beside a
//! function there. It knows them by their names only, and another crate's may have the same. So it
//! puts each of them on an empty type beside the block as well, with an argument that only ours
//! understands: ours implement a trait for the type, and the program does not compile without.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Attribute, Path, spanned::Spanned as _};

use crate::{crate_path, handler::Ours};

const QUESTION: &str = "__keycloak_is_it_ours";

/// The assertion that `attr` is the attribute `own` of ours.
pub(crate) fn assertion(attr: &Attribute, own: Ours, krate: &Path) -> TokenStream {
    let path = attr.path();
    let question = Ident::new(QUESTION, proc_macro2::Span::call_site());
    let marker = marker(own);
    let at = crate_path::here(path.span());
    let here = crate_path::located(krate, at);
    let asked = quote_spanned!(at=> #here::__private::ours::<__KeycloakAttribute, #here::__private::#marker>());
    quote! {
        const _: () = {
            #[#path(#question(#krate))]
            enum __KeycloakAttribute {}
            #asked
        };
    }
}

/// The answer, where `args` are the question.
pub(crate) fn answer(args: &TokenStream, item: &TokenStream, own: Ours) -> Option<TokenStream> {
    let mut args = args.clone().into_iter();
    let (Some(TokenTree::Ident(question)), Some(TokenTree::Group(krate)), None) =
        (args.next(), args.next(), args.next())
    else {
        return None;
    };
    if question != QUESTION {
        return None;
    }
    let krate = krate.stream();
    let marker = marker(own);
    Some(quote! {
        #item
        impl #krate::__private::Ours<#krate::__private::#marker> for __KeycloakAttribute {}
    })
}

fn marker(own: Ours) -> TokenStream {
    match own {
        Ours::Protected => quote!(OurProtected),
        Ours::Public => quote!(OurPublic),
    }
}
