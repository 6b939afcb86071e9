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

use super::expand::is_utoipa_by_crate;

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
        divided.divide(attr, nested);
    }
    divided
}

impl Divided {
    /// Each attribute under a `cfg_attr` is placed by itself.
    fn divide(&mut self, attr: Attribute, nested: bool) {
        let Some((condition, metas)) = conditional(&attr) else {
            self.put(place(&attr, nested), attr);
            return;
        };
        for meta in metas {
            let alone: Attribute = parse_quote!(#[#meta]);
            if let Some((further, metas)) = conditional(&alone) {
                self.divide(
                    parse_quote!(#[cfg_attr(all(#condition, #further), #metas)]),
                    nested,
                );
            } else {
                let attr = parse_quote!(#[cfg_attr(#condition, #meta)]);
                self.put(place(&alone, nested), attr);
            }
        }
    }

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

/// The compiler's own attributes that only describe a function go to the outer one: their names are
/// reserved. Attributes of others do not, whatever they are called; for `utoipa` see
/// [`is_utoipa_by_crate`].
fn place(attr: &Attribute, nested: bool) -> Place {
    const ABOUT_THE_HANDLER: [&str; 4] = ["doc", "cfg", "must_use", "deprecated"];
    const LINTS: [&str; 4] = ["allow", "warn", "deny", "forbid"];
    let path = attr.path();
    let known = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
    let about = known(&ABOUT_THE_HANDLER) || is_utoipa_by_crate(attr);
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
    if !list.path.is_ident("cfg_attr") {
        return None;
    }
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
