//! `#[protected]`: parse, lower, check, expand.

mod arguments;
mod attributes;
pub(crate) mod check;
pub(crate) mod expand;
mod harmless;
mod impl_block;
mod path;
mod require;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::Path;

use crate::{
    crate_path, diag,
    diag::Diagnostics,
    fallback,
    handler::{self, HandlerFn, Ours},
    policy::{self, check::Place, emit},
    resolved,
    rule::Rule,
};

/// Expands `#[protected(args)]` on `item`.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    if let Some(answer) = resolved::answer(&args, item, Ours::Protected) {
        return answer;
    }
    if handler::is_impl(item) {
        return impl_block::expand(args, item);
    }
    // Known when the attribute is refused: whether the handler can have a guard, and under
    // which name the runtime is known.
    let mut kept: Option<Option<Path>> = None;
    let checked = diag::collect(|diag| {
        let model = policy::read(args, Place::Attribute, diag);
        let handler = read_handler(item, Ours::Protected, diag)?;
        check::require_user(&handler, &model.terms, diag);
        path::parameters(&handler, &model.terms, diag);
        if check::handler(&handler, Ours::Protected, diag) {
            kept = Some(model.krate.clone());
        }
        Some((handler, model))
    });
    match checked {
        Ok((handler, model)) => {
            let krate = crate_path::resolve(model.krate.as_ref());
            let emitted = if model.optional.is_some() {
                emit::optional()
            } else {
                emit::policy(&model.terms, model.realm.as_ref(), &krate)
            };
            expand::protected(handler, emitted, None, &krate).into_tokens()
        }
        Err(error) => {
            let kept = kept.and_then(|krate| {
                let krate = crate_path::resolve(krate.as_ref());
                let handler = HandlerFn::read(item).ok()?.callable();
                Some(expand::protected(handler, emit::nobody(), None, &krate).into_tokens())
            });
            fallback::refused(error, kept, item)
        }
    }
}

/// The function that has the attribute.
pub(crate) fn read_handler(
    item: &TokenStream,
    own: Ours,
    diag: &mut Diagnostics,
) -> Option<HandlerFn> {
    let word = match own {
        Ours::Protected => "#[protected]",
        Ours::Public => "#[public]",
    };
    if let Some((kind, span)) = handler::item_kind(item) {
        let hint = match own {
            Ours::Protected => "an async handler or an `impl` block of handlers",
            Ours::Public => "an async handler",
        };
        diag.rule_at(
            Rule::NotAFunction,
            span,
            format!(
                "`{word}` belongs on {hint}, and this is {kind}; for a router or service use \
                 `keycloak.guard(keycloak::policy!(..))`"
            ),
        );
        return None;
    }
    match HandlerFn::read(item) {
        Ok(handler) => Some(handler),
        Err(error) => {
            diag.rule_at(
                Rule::NotAFunction,
                error.span(),
                format!("`{word}` belongs on an async function with a body: {error}"),
            );
            None
        }
    }
}
