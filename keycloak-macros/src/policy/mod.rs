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
use crate::diag::Diagnostics;

/// The policy in `tokens`, with everything that is wrong with it reported.
pub(crate) fn read(tokens: TokenStream, place: Place, diag: &mut Diagnostics) -> Model {
    let raw = parse::terms(tokens, diag);
    let model = lower::lower(raw, diag);
    check::check(&model, place, diag);
    model
}
