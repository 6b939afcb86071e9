//! What a handler must be so that a guard can be put before it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{FnArg, Pat, Type};

use super::{arguments, expand::is_utoipa, require};
use crate::{
    diag::Diagnostics,
    handler::{HandlerFn, Ours, ours},
    policy::model::{Term, TermKind, each_leaf},
    rule::Rule,
};

/// All rules about the function. Returns whether it can have a guard at all.
pub(crate) fn handler(handler: &HandlerFn, own: Ours, diag: &mut Diagnostics) -> bool {
    // Each is asked, so that all are reported.
    let no_receiver = no_receiver(handler, own, diag);
    // Refused as well, but the function that it should be can have a guard.
    callable(handler, own, diag);
    let alone = alone(handler, own, diag);
    let free = no_self_type(handler, own, diag);
    no_receiver && alone && free
}

fn word(own: Ours) -> &'static str {
    match own {
        Ours::Protected => "#[protected]",
        Ours::Public => "#[public]",
    }
}

/// Axum calls safe async functions; a guard is awaited before them.
pub(crate) fn callable(handler: &HandlerFn, own: Ours, diag: &mut Diagnostics) -> bool {
    let name = &handler.sig.ident;
    if let syn::Safety::Unsafe(unsafety) = &handler.sig.safety {
        diag.rule_on(
            Rule::NotAsync,
            unsafety,
            format!(
                "axum calls no `unsafe fn`, so `{}` cannot guard it; write `async fn {name}`, and \
                 what is unsafe as a block in its body",
                word(own)
            ),
        );
        return false;
    }
    if let Some(abi) = &handler.sig.abi {
        diag.rule_on(
            Rule::NotAsync,
            abi,
            format!(
                "axum calls no `extern` function, so `{}` cannot guard it; write `async fn {name}`",
                word(own)
            ),
        );
        return false;
    }
    if handler.sig.asyncness.is_some() {
        return true;
    }
    diag.rule_on(
        Rule::NotAsync,
        handler.sig.fn_token,
        format!(
            "`{}` belongs on an async handler; write `async fn {name}`",
            word(own)
        ),
    );
    false
}

/// A method's receiver would have to be extracted from the request.
pub(crate) fn no_receiver(handler: &HandlerFn, own: Ours, diag: &mut Diagnostics) -> bool {
    let Some(receiver) = handler.sig.receiver() else {
        return true;
    };
    diag.rule_on(
        Rule::Receiver,
        receiver,
        format!(
            "a handler has no `self`, so `{}` cannot guard this method; take what it needs as \
             `State(..)`, or remove the attribute",
            word(own)
        ),
    );
    false
}

/// A function that names `Self` is in an `impl` block, where nothing can be put beside it.
fn no_self_type(handler: &HandlerFn, own: Ours, diag: &mut Diagnostics) -> bool {
    let Some(found) = find_self(handler.sig.output.to_token_stream())
        .or_else(|| find_self(handler.sig.inputs.to_token_stream()))
    else {
        return true;
    };
    if handler.sig.receiver().is_none() {
        diag.rule_at(
            Rule::ImplBlock,
            found,
            format!(
                "a handler in an `impl` block is declared by the block: write `#[protected(..)]` \
                 on the `impl`, and `{}` on the function below it",
                word(own)
            ),
        );
    }
    false
}

fn find_self(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if ident == "Self" => Some(ident.span()),
        TokenTree::Group(group) => find_self(group.stream()),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// One declaration for each handler.
fn alone(handler: &HandlerFn, own: Ours, diag: &mut Diagnostics) -> bool {
    if handler.has_guard() {
        diag.rule_at(
            Rule::TwoAttributes,
            Span::call_site(),
            format!(
                "`{}` has a guard already: it carries `#[protected]` or `#[public]` twice; keep \
                 one attribute with all terms",
                handler.sig.ident
            ),
        );
        return false;
    }
    let mut alone = true;
    for attr in &handler.attrs {
        let Some(other) = ours(attr) else { continue };
        alone = false;
        let message = match (own, other) {
            (Ours::Protected, Ours::Protected) => {
                "this function has `#[protected]` twice; write all terms into one: every \
                 term of the list must hold"
            }
            (Ours::Public, Ours::Public) => "this function has `#[public]` twice; remove one",
            (Ours::Protected, Ours::Public) | (Ours::Public, Ours::Protected) => {
                "this function is both `#[protected]` and `#[public]`; remove one of the two"
            }
        };
        diag.rule_on(Rule::TwoAttributes, attr.path(), message);
    }
    alone
}

/// In `require`, `user` is the caller; an argument of that name would be shadowed by it. What else
/// is named there must be there before the inner function takes its arguments apart.
pub(crate) fn require_user<'a>(
    handler: &HandlerFn,
    terms: impl IntoIterator<Item = &'a Term>,
    diag: &mut Diagnostics,
) {
    let mut asked = Vec::new();
    for term in terms {
        each_leaf(std::slice::from_ref(term), 0, &mut |term, _| {
            if let TermKind::Require(expr) = &term.kind {
                asked.push(&**expr);
            }
        });
    }
    if asked.is_empty() {
        return;
    }
    for attr in &handler.attrs {
        if is_utoipa(attr) && attr.path().is_ident("path") {
            diag.rule_on(
                Rule::RequirePlace,
                attr.path(),
                "with `require`, an attribute called `path` may be one that answers before the \
                 policy is decided; write `#[utoipa::path(..)]`",
            );
        }
    }
    for (name, input) in handler.bindings() {
        if name != "user"
            && arguments::lost(input)
            && let Some(used) = asked
                .iter()
                .find_map(|expr| require::find_ident(expr.to_token_stream(), &name.to_string()))
        {
            diag.rule_on(
                Rule::RequirePlace,
                used,
                format!(
                    "`require` is asked before the handler's own patterns apply, and the pattern \
                     of `{name}` keeps only a part of its argument; bind the whole argument by a \
                     name, and take it apart in the body"
                ),
            );
        }
        if name == "user" && !looks_like_user(input) {
            diag.rule_on(
                Rule::RequireUser,
                &name,
                "in `require`, `user` is the caller, and this argument binds another `user`; \
                 rename the argument",
            );
        }
    }
}

/// `user: User`, `mut user: keycloak::User`.
fn looks_like_user(input: &FnArg) -> bool {
    let FnArg::Typed(typed) = input else {
        return false;
    };
    let plain = matches!(&*typed.pat, Pat::Ident(ident) if ident.subpat.is_none());
    let named_user = matches!(
        &*typed.ty,
        Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "User")
    );
    plain && named_user
}
