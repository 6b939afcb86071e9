//! The tokens of an `impl` block: its head, and its items unread.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "other tokens and types stay as written or are refused, and syn's enums are open"
)]

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{
    Attribute, Generics, Path, Token, Type,
    parse::{Parse, ParseStream},
};

/// An `impl` block whose items are not parsed yet.
pub(super) struct Block {
    pub(super) attrs: Vec<Attribute>,
    /// `unsafe impl<..> Type where ..`, as written.
    pub(super) head: TokenStream,
    pub(super) trait_: Option<Path>,
    pub(super) generics: Generics,
    pub(super) self_ty: Type,
    pub(super) body: Group,
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let mut head = TokenStream::new();
        let mut body = None;
        let ahead = input.fork();
        while !input.is_empty() {
            match input.parse::<TokenTree>()? {
                TokenTree::Group(group)
                    if group.delimiter() == Delimiter::Brace && input.is_empty() =>
                {
                    body = Some(group);
                }
                tree => head.extend([tree]),
            }
        }
        let body = body.ok_or_else(|| input.error("expected the items of an `impl` block"))?;
        let (generics, trait_, self_ty) = read_head(&ahead)?;
        Ok(Self {
            attrs,
            head,
            trait_,
            generics,
            self_ty,
            body,
        })
    }
}

/// The generics, the trait, if any, and the type of an `impl` head.
fn read_head(input: ParseStream<'_>) -> syn::Result<(Generics, Option<Path>, Type)> {
    let _: Option<Token![unsafe]> = input.parse()?;
    let _: Token![impl] = input.parse()?;
    let generics = if input.peek(Token![<]) {
        input.parse()?
    } else {
        Generics::default()
    };
    let _: Option<Token![!]> = input.parse()?;
    let first: Type = input.parse()?;
    if input.peek(Token![for]) {
        let _: Token![for] = input.parse()?;
        let self_ty = input.parse()?;
        let trait_ = match first {
            Type::Path(path) => path.path,
            other => return Err(syn::Error::new_spanned(other, "expected a trait")),
        };
        finish(input)?;
        return Ok((generics, Some(trait_), self_ty));
    }
    finish(input)?;
    Ok((generics, None, first))
}

/// Nothing but a `where` clause is allowed before the items. The items were read already; a fork
/// must not complain about them.
fn finish(input: ParseStream<'_>) -> syn::Result<()> {
    let _: Option<syn::WhereClause> = input.parse()?;
    if !input.peek(syn::token::Brace) {
        return Err(input.error("expected the items of an `impl` block"));
    }
    while !input.is_empty() {
        let _: TokenTree = input.parse()?;
    }
    Ok(())
}
