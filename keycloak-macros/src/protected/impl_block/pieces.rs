//! The items of an `impl` block: which ones are handlers, and which ones certainly are not.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not a handler stays as written, and syn's enums are open"
)]

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, Generics,
    parse::{ParseStream, Parser as _},
};

use super::block::Block;
use crate::{
    diag::Diagnostics,
    handler::{HandlerFn, Ours, attribute_arguments, ours},
    policy::{self, check::Place, model::Model},
    protected::{check, expand::is_utoipa, harmless},
    public,
    rule::Rule,
};

/// One item of the block.
pub(super) enum Piece {
    /// Left as written.
    Tokens(TokenStream),
    /// Left as written, because these names say that it is not a handler.
    Plain(TokenStream, Vec<harmless::Named>),
    /// A function to declare.
    Handler(Box<Declared>),
}

/// A function of the block and what it was declared to be.
pub(super) struct Declared {
    pub(super) handler: HandlerFn,
    /// Its own terms; `None` where it is public.
    pub(super) own: Option<Model>,
}

/// An attribute that has the name of one of ours.
pub(super) type Named = (Attribute, Ours);

/// The items of the block, and the attributes that were taken for ours. `None` when they cannot be told apart.
pub(super) fn pieces(block: &Block, diag: &mut Diagnostics) -> Option<(Vec<Piece>, Vec<Named>)> {
    let mut pieces = Vec::new();
    let mut named = Vec::new();
    let parsed = (|input: ParseStream<'_>| {
        while !input.is_empty() {
            let ahead = input.fork();
            if let Ok(handler) = ahead.parse::<HandlerFn>() {
                syn::parse::discouraged::Speculative::advance_to(input, &ahead);
                let own = handler
                    .attrs
                    .iter()
                    .filter_map(|a| Some((a.clone(), ours(a)?)));
                named.extend(own);
                pieces.push(piece(handler, &block.generics, diag));
            } else {
                pieces.push(other_item(input, &block.generics, diag)?);
            }
        }
        Ok(())
    })
    .parse2(block.body.stream());
    diag.ok(parsed)?;
    Some((pieces, named))
}

/// Anything but a function with a body: constants of plain data. Every other item could hold or
/// make a handler without a guard.
fn other_item(
    input: ParseStream<'_>,
    block: &Generics,
    diag: &mut Diagnostics,
) -> syn::Result<Piece> {
    let item: syn::ImplItem = input.parse()?;
    let message = match &item {
        syn::ImplItem::Const(constant) => {
            if let Some(names) = harmless::constant(&constant.ty, &constant.attrs, block) {
                return Ok(Piece::Plain(item.into_token_stream(), names));
            }
            "a constant of this type may hold a handler, and a constant gets no guard; move it to \
             an `impl` block without `#[protected]`"
        }
        syn::ImplItem::Macro(_) => {
            "the functions that this macro makes are not visible here, so they get no guard; write \
             them out, or move the macro to an `impl` block without `#[protected]`"
        }
        _ => {
            "a guarded `impl` block holds functions and constants; move this to an `impl` block \
             without `#[protected]`"
        }
    };
    diag.rule_on(Rule::ImplBlock, &item, message);
    Ok(Piece::Tokens(item.into_token_stream()))
}

/// A function without a guard must certainly not be a handler.
fn unguarded(handler: HandlerFn, block: &Generics, diag: &mut Diagnostics) -> Piece {
    if let Some(names) = harmless::function(&handler.sig, &handler.attrs, block) {
        return Piece::Plain(handler.into_token_stream(), names);
    }
    let name = &handler.sig.ident;
    let (at, message) = match handler.sig.receiver() {
        Some(receiver) => (
            receiver.to_token_stream(),
            format!(
                "`{name}` may be a handler (where `Self`, or a reference to it, is an extractor), \
                 and no guard can be put before `self`; move it to an `impl` block without \
                 `#[protected]`"
            ),
        ),
        None => (
            handler.sig.ident.to_token_stream(),
            format!(
                "`{name}` may be a handler, and only async functions get a guard: its return \
                 value, or what an attribute makes of it, may be a future or a function; write \
                 `async fn {name}`, or `#[public]`, or move it to an `impl` block without \
                 `#[protected]`"
            ),
        ),
    };
    diag.rule_on(Rule::ImplBlock, at, message);
    Piece::Tokens(handler.into_token_stream())
}

fn piece(mut handler: HandlerFn, block: &Generics, diag: &mut Diagnostics) -> Piece {
    let mut protected = Vec::new();
    let mut public = Vec::new();
    handler.attrs.retain(|attr| match ours(attr) {
        Some(Ours::Protected) => {
            protected.push(attr.clone());
            false
        }
        Some(Ours::Public) => {
            public.push(attr.clone());
            false
        }
        None => true,
    });
    let declared = protected.first().or(public.first());
    if declared.is_none() && (handler.sig.asyncness.is_none() || handler.sig.receiver().is_some()) {
        return unguarded(handler, block, diag);
    }
    // Open on purpose, and it needs no guard to say so.
    if let ([], [only]) = (&protected[..], &public[..])
        && handler.sig.asyncness.is_none()
        && handler.sig.receiver().is_none()
    {
        public::arguments(attribute_arguments(only), diag);
        return Piece::Tokens(handler.into_token_stream());
    }
    let own = if public.is_empty() {
        Ours::Protected
    } else {
        Ours::Public
    };
    let mut sound = check::no_receiver(&handler, own, diag);
    sound &= check::callable(&handler, own, diag);
    if let Some(second) = protected.iter().chain(&public).nth(1) {
        sound = false;
        let message = if protected.is_empty() || public.is_empty() {
            "this function has the attribute twice; write all terms into one"
        } else {
            "this function is both `#[protected]` and `#[public]`; remove one of the two"
        };
        diag.rule_on(Rule::TwoAttributes, second.path(), message);
    }
    for attr in handler.attrs.iter().filter(|attr| is_utoipa(attr)) {
        diag.rule_on(
            Rule::ImplBlock,
            attr.path(),
            "`#[utoipa::path]` makes items beside the handler, which an `impl` block cannot hold; \
             move this handler out of the `impl` block",
        );
    }
    handler.attrs.retain(|attr| !is_utoipa(attr));
    let own = match public.first() {
        None => {
            let tokens = protected.first().map(attribute_arguments);
            Some(policy::read(
                tokens.unwrap_or_default(),
                Place::Attribute,
                diag,
            ))
        }
        Some(attr) => {
            public::arguments(attribute_arguments(attr), diag);
            None
        }
    };
    if !sound {
        return Piece::Tokens(handler.into_token_stream());
    }
    Piece::Handler(Box::new(Declared { handler, own }))
}
