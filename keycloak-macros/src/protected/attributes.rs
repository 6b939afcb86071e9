//! Which of a handler's attributes belong to the function that decides, and which to the one that
//! does what the author wrote.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, Meta, Token,
    parse::{ParseStream, Parser as _},
    parse_quote,
    punctuated::Punctuated,
};

use super::expand::is_utoipa;
use crate::handler::ours;

/// The attributes of the outer function and of the inner one.
pub(crate) struct Divided {
    pub(crate) outer: Vec<Attribute>,
    pub(crate) inner: Vec<Attribute>,
}

/// Divides the attributes. Everything that may change what a function does goes inside: it then
/// happens for admitted callers only. `nested`: the inner function is inside the outer one, whose
/// lint levels hold there as well.
pub(crate) fn divide(attrs: Vec<Attribute>, nested: bool) -> Divided {
    let mut divided = Divided {
        outer: Vec::new(),
        inner: Vec::new(),
    };
    for attr in attrs {
        if attr.path().is_ident("cfg_attr")
            && let Some((condition, metas)) = conditional(&attr)
        {
            for meta in metas {
                let alone: Attribute = parse_quote!(#[#meta]);
                let attr: Attribute = parse_quote!(#[cfg_attr(#condition, #meta)]);
                divided.put(place(&alone, nested), attr);
            }
        } else {
            divided.put(place(&attr, nested), attr);
        }
    }
    divided
}

impl Divided {
    fn put(&mut self, place: Place, attr: Attribute) {
        match place {
            Place::Outer => self.outer.push(attr),
            Place::Inner => self.inner.push(attr),
            Place::Both => {
                self.outer.push(attr.clone());
                self.inner.push(attr);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Outer,
    Inner,
    Both,
}

/// What is known to describe the handler, and to do nothing, is the outer function's.
fn place(attr: &Attribute, nested: bool) -> Place {
    const ABOUT_THE_HANDLER: [&str; 5] = ["doc", "cfg", "must_use", "deprecated", "debug_handler"];
    const LINTS: [&str; 4] = ["allow", "warn", "deny", "forbid"];
    let path = attr.path();
    let known = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
    let debug = path
        .segments
        .last()
        .is_some_and(|last| last.ident == "debug_handler");
    let about = known(&ABOUT_THE_HANDLER) || debug || is_utoipa(attr) || ours(attr).is_some();
    if about || (nested && (known(&LINTS) || path.is_ident("expect"))) {
        Place::Outer
    } else if known(&LINTS) {
        Place::Both
    } else {
        Place::Inner
    }
}

/// The condition and the attributes of `#[cfg_attr(condition, first, second)]`.
fn conditional(attr: &Attribute) -> Option<(TokenStream, Punctuated<Meta, Token![,]>)> {
    let Meta::List(list) = &attr.meta else {
        return None;
    };
    let parser = |input: ParseStream<'_>| {
        let mut condition = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            let tree: TokenTree = input.parse()?;
            condition = quote!(#condition #tree);
        }
        let _: Token![,] = input.parse()?;
        Ok((condition, Punctuated::parse_terminated(input)?))
    };
    parser.parse2(list.tokens.clone()).ok()
}
