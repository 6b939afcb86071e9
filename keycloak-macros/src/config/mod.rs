//! `#[keycloak::config]`: settings from environment variables.
//!
//! The macro knows names only: which fields are options of the builder, which variable each one
//! reads, what must be there. How a field's *type* is read is decided by traits of the runtime
//! crate, so aliases and re-exports of types work.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn's enums are open; whatever is not named is refused"
)]

mod check;
mod expand;
mod lower;
mod model;
mod options;
mod parse;

use proc_macro2::TokenStream;

use crate::{crate_path, diag, fallback};

/// Expands `#[config(args)]` on `item`.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let krate = parse::crate_argument(args.clone());
    let krate = crate_path::resolve(krate.as_ref());
    // The struct beside the errors has our field attributes removed and our functions added, so
    // that one mistake is one error.
    let refused = expand::refused(&krate, item.clone());
    fallback::on_error(&refused, || {
        let model = diag::collect(|diag| {
            let args = parse::args(args, diag);
            let item = parse::item(item, diag)?;
            let model = lower::lower(args, item, &krate, diag);
            check::check(&model, diag);
            Some(model)
        })?;
        Ok(expand::expand(&model))
    })
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
