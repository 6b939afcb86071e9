//! The policy language: parse, lower, check, and the policy as an expression.

pub(crate) mod check;
pub(crate) mod emit;
pub(crate) mod logic;
mod lower;
pub(crate) mod model;
mod parse;
pub(crate) mod text;

use proc_macro2::TokenStream;

use self::{check::Place, model::Model};
use crate::{diag::Diagnostics, realm, symbol};

/// The arguments of `#[public]`: `crate = path`, and the keys of what it does not take.
pub(crate) fn read_crate_option(
    tokens: TokenStream,
    diag: &mut Diagnostics,
) -> (Option<syn::Path>, Vec<syn::Ident>) {
    let raw = parse::terms(tokens, diag);
    let (options, others): (Vec<_>, Vec<_>) =
        raw.into_iter().partition(|term| term.key == symbol::CRATE);
    let model = lower::lower(options, diag);
    (
        model.krate,
        others.into_iter().map(|term| term.key).collect(),
    )
}

/// The policy in `tokens`, with everything that is wrong with it reported.
pub(crate) fn read(tokens: TokenStream, place: Place, diag: &mut Diagnostics) -> Model {
    let raw = parse::terms(tokens, diag);
    let mut model = lower::lower(raw, diag);
    check::check(&model, place, diag);
    model.realm = realm::source(model.realm_export.as_ref(), diag);
    if let Some(source) = &model.realm {
        realm::check(&model.terms, source, diag);
    }
    model
}
