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
use crate::{diag::Diagnostics, realm};

/// The arguments of `#[public]`: read as terms, so that one who writes terms is told so.
pub(crate) fn read_options(tokens: TokenStream, diag: &mut Diagnostics) -> Model {
    let raw = parse::terms(tokens, diag);
    lower::lower(raw, diag)
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
