//! The policy language: parse, lower, check, and the policy as an expression.

pub(crate) mod check;
pub(crate) mod emit;
mod formula;
mod lower;
pub(crate) mod model;
mod near_miss;
mod parse;
mod set;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use proc_macro2::{Span, TokenStream, TokenTree};

pub(crate) use self::lower::is_plain;
use self::{check::Place, model::Model};
use crate::{diag::Diagnostics, realm, rule::Rule, symbol};

/// The arguments of `#[public]`: `crate = path`, and the keys of what it does not take.
pub(crate) fn read_crate_option(
    tokens: TokenStream,
    diag: &mut Diagnostics,
) -> (Option<syn::Path>, Vec<syn::Ident>) {
    let raw = raw(tokens, diag);
    let (options, others): (Vec<_>, Vec<_>) =
        raw.into_iter().partition(|term| term.key == symbol::CRATE);
    let model = lower::lower(options, diag);
    (
        model.krate,
        others.into_iter().map(|term| term.key).collect(),
    )
}

/// Deeper nesting than anybody writes could exhaust the compiler's stack.
const MOST_NESTED: usize = 64;

/// Where the tokens are nested too deeply, if anywhere.
fn depth(tokens: &TokenStream) -> Result<(), Span> {
    let mut open = vec![(tokens.clone(), 0_usize)];
    while let Some((stream, depth)) = open.pop() {
        for tree in stream {
            if let TokenTree::Group(group) = tree {
                if depth >= MOST_NESTED {
                    return Err(group.span_open());
                }
                open.push((group.stream(), depth.saturating_add(1)));
            }
        }
    }
    Ok(())
}

fn raw(tokens: TokenStream, diag: &mut Diagnostics) -> Vec<parse::RawTerm> {
    if let Err(too_deep) = depth(&tokens) {
        let message = format!("more than {MOST_NESTED} brackets inside each other");
        diag.rule_at(Rule::Syntax, too_deep, message);
        return Vec::new();
    }
    parse::terms(tokens, diag)
}

/// The policy in `tokens`, with everything that is wrong with it reported.
pub(crate) fn read(tokens: TokenStream, place: Place, diag: &mut Diagnostics) -> Model {
    let raw = raw(tokens, diag);
    let mut model = lower::lower(raw, diag);
    check::check(&model, place, diag);
    model.realm = realm::source(model.realm_export.as_ref(), diag);
    if let Some(source) = &model.realm {
        realm::check(&model.terms, source, diag);
    }
    model
}
