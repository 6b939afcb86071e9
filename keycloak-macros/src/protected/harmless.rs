//! What may be in a guarded `impl` block without a guard: what certainly is not a handler.
//!
//! The rule is a list of what is known, so that everything else is refused: a future or a function
//! can hide behind any name. A receiver changes nothing: where its type is an extractor, a method is
//! a handler. That the names of the list are Rust's own types, the compiler is asked beside the
//! block.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{
    Attribute, GenericArgument, GenericParam, Generics, Path, PathArguments, ReturnType, Signature,
    Type, spanned::Spanned as _,
};

use crate::crate_path;

const PRIMITIVE: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64",
];

/// A name of the list as it was used, and the type that it must be.
pub(crate) struct Named {
    written: TokenStream,
    own: TokenStream,
    at: Span,
}

/// Compiles only where the names are Rust's own. Each is asked about once.
pub(crate) fn assertions(names: &[Named], krate: &Path) -> TokenStream {
    let mut asked = HashSet::new();
    let mut tokens = TokenStream::new();
    for Named { written, own, at } in names {
        if asked.insert(written.to_string()) {
            let at = crate_path::here(*at);
            let here = crate_path::located(krate, at);
            let question = quote_spanned!(at=> #here::__private::rusts_own::<#written, #own>());
            tokens.extend(quote!(const _: () = #question;));
        }
    }
    tokens
}

/// The names whose meaning decides that an unguarded function is not a handler: it returns
/// something that is neither a future nor a function, and no attribute changes it.
/// `None` where it may be one.
pub(crate) fn function(
    signature: &Signature,
    attrs: &[Attribute],
    block: &Generics,
) -> Option<Vec<Named>> {
    if signature.asyncness.is_some()
        || !attrs.iter().all(inert)
        || hides_a_name(&signature.generics)
    {
        return None;
    }
    match &signature.output {
        ReturnType::Default => Some(Vec::new()),
        ReturnType::Type(_, ty) => value(ty, block),
    }
}

/// The same of a constant.
pub(crate) fn constant(ty: &Type, attrs: &[Attribute], block: &Generics) -> Option<Vec<Named>> {
    attrs.iter().all(inert).then(|| value(ty, block))?
}

fn value(ty: &Type, block: &Generics) -> Option<Vec<Named>> {
    if hides_a_name(block) {
        return None;
    }
    let mut names = Vec::new();
    plain(ty, &mut names).map(|_| names)
}

/// Whether a type parameter has a name of the list: beside the block it would not be seen.
fn hides_a_name(generics: &Generics) -> bool {
    generics.params.iter().any(|param| match param {
        GenericParam::Type(ty) => own(&ty.ident.to_string()).is_some(),
        GenericParam::Lifetime(_) | GenericParam::Const(_) => false,
    })
}

/// Rust's own type of this name.
fn own(name: &str) -> Option<TokenStream> {
    if PRIMITIVE.contains(&name) {
        let name = format_ident!("{name}");
        return Some(quote!(::core::primitive::#name));
    }
    Some(match name {
        "String" => quote!(::std::string::String),
        "Option" => quote!(::core::option::Option<_>),
        "Result" => quote!(::core::result::Result<_, _>),
        "Vec" => quote!(::std::vec::Vec<_>),
        _ => return None,
    })
}

/// Plain data, written without the lifetimes and constants of its surroundings.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn's enums are open; what is not listed is not harmless"
)]
fn plain(ty: &Type, names: &mut Vec<Named>) -> Option<TokenStream> {
    Some(match ty {
        Type::Never(_) => quote!(!),
        Type::Group(group) => plain(&group.elem, names)?,
        Type::Paren(paren) => plain(&paren.elem, names)?,
        Type::Reference(reference) => {
            let elem = plain(&reference.elem, names)?;
            quote!(&'static #elem)
        }
        Type::Slice(slice) => {
            let elem = plain(&slice.elem, names)?;
            quote!([#elem])
        }
        Type::Array(array) => {
            let elem = plain(&array.elem, names)?;
            quote!([#elem; 0])
        }
        Type::Tuple(tuple) => {
            let mut elems = Vec::new();
            for elem in &tuple.elems {
                elems.push(plain(elem, names)?);
            }
            quote!((#(#elems,)*))
        }
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            if path.path.segments.len() != 1 || path.path.leading_colon.is_some() {
                return None;
            }
            let own = own(&last.ident.to_string())?;
            let name = &last.ident;
            let written = match &last.arguments {
                PathArguments::None => name.to_token_stream(),
                PathArguments::AngleBracketed(generics) => {
                    let mut arguments = Vec::new();
                    for argument in &generics.args {
                        let GenericArgument::Type(ty) = argument else {
                            return None;
                        };
                        arguments.push(plain(ty, names)?);
                    }
                    quote!(#name<#(#arguments),*>)
                }
                PathArguments::Parenthesized(_) => return None,
            };
            names.push(Named {
                written: written.clone(),
                own,
                at: ty.span(),
            });
            written
        }
        _ => return None,
    })
}

/// Attributes that do not change a function: the compiler's own, whose names are reserved.
pub(crate) fn inert(attr: &Attribute) -> bool {
    const KNOWN: [&str; 12] = [
        "doc",
        "cfg",
        "allow",
        "warn",
        "deny",
        "forbid",
        "expect",
        "must_use",
        "deprecated",
        "inline",
        "cold",
        "track_caller",
    ];
    KNOWN.iter().any(|name| attr.path().is_ident(name))
}
