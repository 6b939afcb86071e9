//! `#[protected]` on an `impl` block: every async function without receiver is guarded by the
//! block's terms together with its own.
//!
//! The block is read as tokens around its functions, so everything else in it stays as written.

mod block;
mod pieces;

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::ToTokens;
use syn::Path;

use self::{
    block::Block,
    pieces::{Declared, Piece, pieces},
};
use super::{
    check,
    expand::{self},
    harmless,
};
use crate::{
    crate_path, diag,
    diag::Diagnostics,
    fallback,
    handler::ours,
    policy::{
        self,
        check::Place,
        emit,
        model::{Model, Term},
    },
    public, resolved,
    rule::Rule,
};

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
                check_together(&model, declared, diag);
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

/// The block with guards that admit no caller, beside the errors.
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
fn check_together(block: &Model, declared: &Declared, diag: &mut Diagnostics) {
    let Some(own) = &declared.own else { return };
    let both = block.terms.iter().chain(&own.terms);
    check::require_user(&declared.handler, both.clone(), diag);
    if own.terms.is_empty() && own.optional.is_none() {
        return;
    }
    match (block.optional, own.optional) {
        (_, Some(span)) if !block.terms.is_empty() => {
            let message = format!(
                "`optional` cannot be combined with other terms, and the `impl` block asks for \
                 `{}`: a caller could avoid it by sending no token; remove `optional`, or write \
                 `#[public]`",
                policy::text::terms(&block.terms)
            );
            diag.rule_at(Rule::OptionalStandsAlone, span, message);
        }
        (Some(_), None) => {
            for term in &own.terms {
                let message = format!(
                    "the `impl` block is `optional`, which cannot be combined with other terms: a \
                     caller could avoid `{}` by sending no token; move this function to another \
                     `impl` block",
                    policy::text::term(term)
                );
                diag.rule_at(Rule::OptionalStandsAlone, term.span, message);
            }
        }
        // A contradiction in one of the two lists has been reported there.
        (None, None) if sound(&block.terms) && sound(&own.terms) => {
            let terms: Vec<Term> = both.cloned().collect();
            policy::check::consistency(&terms, diag);
        }
        _ => {}
    }
}

/// Whether the terms contradict neither themselves nor each other.
fn sound(terms: &[Term]) -> bool {
    let checked = diag::collect(|diag| {
        policy::check::consistency(terms, diag);
        Some(())
    });
    checked.is_ok()
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
