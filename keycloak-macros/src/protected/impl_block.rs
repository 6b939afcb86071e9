//! `#[protected]` on an `impl` block: every async function without receiver is guarded by the
//! block's terms together with its own.
//!
//! The block is read as tokens around its functions, so everything else in it stays as written.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not a handler stays as written, and syn's enums are open"
)]

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Generics, Path, Token, Type,
    parse::{Parse, ParseStream, Parser as _},
};

use super::{
    check,
    expand::{self, is_utoipa},
    harmless,
};
use crate::{
    crate_path, diag,
    diag::Diagnostics,
    fallback,
    handler::{HandlerFn, Ours, attribute_arguments, ours},
    policy::{
        self,
        check::Place,
        emit,
        model::{Model, Term},
    },
    public, resolved,
    rule::Rule,
};

/// An `impl` block whose items are not parsed yet.
struct Block {
    attrs: Vec<Attribute>,
    /// `unsafe impl<..> Type where ..`, as written.
    head: TokenStream,
    trait_: Option<Path>,
    generics: Generics,
    self_ty: Type,
    body: Group,
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

/// Nothing but a `where` clause may stand before the items. The items were read already; a fork
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

/// One item of the block.
enum Piece {
    /// Left as written.
    Tokens(TokenStream),
    /// Left as written, because these names say that it is no handler.
    Plain(TokenStream, Vec<harmless::Named>),
    /// A function to declare.
    Handler(Box<Declared>),
}

/// A function of the block and what it was declared to be.
struct Declared {
    handler: HandlerFn,
    /// Its own terms; `None` where it is public.
    own: Option<Model>,
}

/// Expands `#[protected(args)]` on an `impl` block.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut kept = None;
    let checked = diag::collect(|diag| {
        let model = policy::read(args, Place::Attribute, diag);
        let block = match syn::parse2::<Block>(item.clone()) {
            Ok(block) => block,
            Err(error) => {
                diag.push(error);
                return None;
            }
        };
        if let Some(trait_) = &block.trait_ {
            diag.rule_on(
                Rule::ImplBlock,
                trait_,
                "`#[protected]` adds an argument to each handler, which the trait does not have; \
                 move the handlers to an `impl` block of the type itself",
            );
            return None;
        }
        second_attribute(&block, diag);
        let (pieces, named) = pieces(&block, diag)?;
        for piece in &pieces {
            if let Piece::Handler(declared) = piece {
                judge(&model, declared, diag);
            }
        }
        kept = Some(model.krate.clone());
        Some((model, block, pieces, named))
    });
    match checked {
        Ok((model, block, pieces, named)) => {
            let krate = crate_path::resolve(model.krate.as_ref());
            let mut tokens =
                emit_block(block, pieces, &krate, &|own| emit_own(&model, own, &krate));
            for (attr, own) in &named {
                tokens.extend(resolved::assertion(attr, *own, &krate));
            }
            tokens
        }
        Err(error) => {
            let kept = kept.and_then(|krate| {
                let krate = crate_path::resolve(krate.as_ref());
                refused(item, &krate)
            });
            fallback::refused(error, kept, item)
        }
    }
}

/// The block with guards that admit nobody, beside the errors.
fn refused(item: &TokenStream, krate: &Path) -> Option<TokenStream> {
    let block = syn::parse2::<Block>(item.clone()).ok()?;
    let mut found = None;
    // Every error has been reported by the first reading.
    let _ = diag::collect(|diag| {
        found = pieces(&block, diag).map(|(pieces, _)| pieces);
        Some(())
    });
    Some(emit_block(block, found?, krate, &|_| emit::nobody()))
}

fn emit_own(block: &Model, own: &Model, krate: &Path) -> emit::Emitted {
    if block.optional.is_some() || own.optional.is_some() {
        return emit::optional();
    }
    let terms: Vec<Term> = block.terms.iter().chain(&own.terms).cloned().collect();
    emit::policy(&terms, own.realm.as_ref().or(block.realm.as_ref()), krate)
}

fn emit_block(
    block: Block,
    pieces: Vec<Piece>,
    krate: &Path,
    policy: &dyn Fn(&Model) -> emit::Emitted,
) -> TokenStream {
    let Block {
        attrs,
        head,
        trait_: _,
        generics: _,
        self_ty,
        body,
    } = block;
    let mut inner = TokenStream::new();
    let mut beside = TokenStream::new();
    let mut asserted = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Tokens(tokens) => inner.extend(tokens),
            Piece::Plain(tokens, names) => {
                inner.extend(tokens);
                asserted.extend(names);
            }
            Piece::Handler(declared) => {
                let Declared { handler, own } = *declared;
                let expanded = match own {
                    Some(own) => expand::protected(handler, policy(&own), Some(&self_ty), krate),
                    None => public::public(handler, Some(&self_ty), krate),
                };
                inner.extend(expanded.function.into_token_stream());
                inner.extend(expanded.inner.map(ToTokens::into_token_stream));
                beside.extend(expanded.items);
            }
        }
    }
    beside.extend(harmless::assertions(&asserted, krate));
    let mut tokens = TokenStream::new();
    for attr in attrs.iter().filter(|attr| ours(attr).is_none()) {
        attr.to_tokens(&mut tokens);
    }
    tokens.extend(head);
    let mut body_out = Group::new(Delimiter::Brace, inner);
    body_out.set_span(body.span());
    body_out.to_tokens(&mut tokens);
    tokens.extend(beside);
    tokens
}

/// The block's terms and the function's own are one policy.
fn judge(block: &Model, declared: &Declared, diag: &mut Diagnostics) {
    let Some(own) = &declared.own else { return };
    let both = block.terms.iter().chain(&own.terms);
    check::require_user(&declared.handler, both.clone(), diag);
    if own.terms.is_empty() && own.optional.is_none() {
        return;
    }
    match (block.optional, own.optional) {
        (_, Some(span)) if !block.terms.is_empty() => {
            let message = format!(
                "`optional` stands alone, and the `impl` block asks for `{}`: a caller could avoid \
                 it by sending no token; remove `optional`, or write `#[public]`",
                policy::text::terms(&block.terms)
            );
            diag.rule_at(Rule::OptionalStandsAlone, span, message);
        }
        (Some(_), None) => {
            for term in &own.terms {
                let message = format!(
                    "the `impl` block is `optional`, which stands alone: a caller could avoid \
                     `{}` by sending no token; move this function to a block of its own",
                    policy::text::term(term)
                );
                diag.rule_at(Rule::OptionalStandsAlone, term.span, message);
            }
        }
        // What contradicts in one of the two lists has been reported there.
        (None, None) if sound(&block.terms) && sound(&own.terms) => {
            let terms: Vec<Term> = both.cloned().collect();
            policy::check::judge(&terms, diag);
        }
        _ => {}
    }
}

/// Whether the terms contradict neither themselves nor each other.
fn sound(terms: &[Term]) -> bool {
    let judged = diag::collect(|diag| {
        policy::check::judge(terms, diag);
        Some(())
    });
    judged.is_ok()
}

fn second_attribute(block: &Block, diag: &mut Diagnostics) {
    for attr in &block.attrs {
        if ours(attr).is_some() {
            diag.rule_on(
                Rule::TwoAttributes,
                attr.path(),
                "this `impl` block has two of our attributes; write all terms into one",
            );
        }
    }
}

/// An attribute that has the name of one of ours.
type Named = (Attribute, Ours);

/// The items of the block, and the attributes that were taken for ours. `None` when they cannot be told apart.
fn pieces(block: &Block, diag: &mut Diagnostics) -> Option<(Vec<Piece>, Vec<Named>)> {
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

/// Anything but a function with a body: constants of plain data. What else it may be could hold or
/// make a handler that no guard is put before.
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
            "a constant of this type may hold a handler, which no guard is put before; move it to \
             an `impl` block without `#[protected]`"
        }
        syn::ImplItem::Macro(_) => {
            "what this macro makes is not seen here, and no guard is put before it; write the \
             functions out, or move the macro to an `impl` block without `#[protected]`"
        }
        _ => {
            "a guarded `impl` block holds functions and constants; move this to an `impl` block \
             without `#[protected]`"
        }
    };
    diag.rule_on(Rule::ImplBlock, &item, message);
    Ok(Piece::Tokens(item.into_token_stream()))
}

/// What is not guarded must certainly be no handler.
fn unguarded(handler: HandlerFn, block: &Generics, diag: &mut Diagnostics) -> Piece {
    if let Some(names) = harmless::function(&handler.sig, &handler.attrs, block) {
        return Piece::Plain(handler.into_token_stream(), names);
    }
    let name = &handler.sig.ident;
    let (at, message) = match handler.sig.receiver() {
        Some(receiver) => (
            receiver.to_token_stream(),
            format!(
                "where `Self`, or a reference to it, is an extractor, `{name}` may be a handler, and \
                 no guard can be put before `self`; move it to an `impl` block without \
                 `#[protected]`"
            ),
        ),
        None => (
            handler.sig.ident.to_token_stream(),
            format!(
                "`{name}` may be a handler, and a guard is put before async functions only: its \
                 answer, or what an attribute makes of it, may be a future or a function; write \
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
    // Open on purpose, and nothing that axum would have to be told about.
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
            "this attribute stands on the function twice; write all terms into one"
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
