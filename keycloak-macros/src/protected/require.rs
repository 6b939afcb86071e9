//! `require`: asked after extraction and before anything that the handler's author wrote.
//!
//! The handler becomes two functions. The outer one keeps name, visibility and documentation, takes
//! the guard and the arguments, and decides. The inner one has the signature, the body and the
//! other attributes as they were written, and is called for admitted callers only: an attribute
//! that remembers pages or answers by itself has no page of another caller to give away. It is
//! inside the outer one, where no other code can name it; in an `impl` block, whose `Self` and
//! generics it may need, beside it.
//!
//! The return type `R` of the outer one is `Result<R, Rejection>`, so a test that calls the handler
//! directly meets the rule. Each expression is an async block of its own: a `?` or `return` inside
//! stays inside and can skip nothing.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, Expr, FnArg, GenericParam, Pat, Path, ReturnType, Token, Type, Visibility,
    parse_quote, spanned::Spanned as _,
};

use super::{
    arguments::passed_on,
    attributes::{Divided, divide},
};
use crate::{crate_path, handler::HandlerFn};

/// Makes `handler` the outer function, which still lacks its guard. Returns the inner one where it
/// is beside it.
pub(crate) fn ask(
    handler: &mut HandlerFn,
    guard: &Ident,
    requires: &[Expr],
    in_impl: bool,
    krate: &Path,
) -> Option<HandlerFn> {
    let names: Vec<Ident> = handler.bindings().into_iter().map(|(n, _)| n).collect();
    let questions = questions(handler, guard, requires, &names, krate);
    let (inner, values) = divided(handler, in_impl);

    let function = Ident::new("__keycloak_handler", Span::mixed_site());
    let name = &inner.sig.ident;
    let generics = turbofish(&inner);
    let (declaration, callee) = if in_impl {
        (TokenStream::new(), quote!(Self::#name #generics))
    } else {
        // In a block, so that an argument of the same name does not hide it.
        let declaration = quote!(let #function = { #inner #name #generics };);
        (declaration, function.to_token_stream())
    };
    let stream = quote! {
        #declaration
        #questions
        ::core::result::Result::Ok(#callee(#(#values),*).await)
    };
    let mut body = Group::new(Delimiter::Brace, stream);
    body.set_span(handler.body.span());
    handler.body = body;

    let (arrow, own) = match std::mem::replace(&mut handler.sig.output, ReturnType::Default) {
        ReturnType::Default => (<Token![->]>::default(), quote!(())),
        ReturnType::Type(arrow, ty) => (arrow, ty.into_token_stream()),
    };
    let wrapped = quote!(::core::result::Result<#own, #krate::Rejection>);
    handler.sig.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(wrapped)));
    in_impl.then_some(inner)
}

/// Asks, and returns from the outer function where the policy does not hold.
fn questions(
    handler: &HandlerFn,
    guard: &Ident,
    requires: &[Expr],
    names: &[Ident],
    krate: &Path,
) -> TokenStream {
    let pending = Ident::new("__keycloak_pending", Span::mixed_site());
    let holds = Ident::new("__keycloak_holds", Span::mixed_site());
    let rejection = Ident::new("__keycloak_rejection", Span::mixed_site());
    let own_user = own_user(handler);
    // By their paths: a trait of the user's could have methods of these names.
    let questions = requires.iter().enumerate().map(|(number, expr)| {
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        // With the hygiene of the expression, which may come out of another macro.
        let written = find_ident(expr.to_token_stream(), "user");
        let user = written.unwrap_or_else(|| Ident::new("user", Span::call_site()));
        // An argument that the expression moved away is missing here, so that the error is on it.
        let still_there = names.iter().filter_map(|name| {
            find_ident(expr.to_token_stream(), &name.to_string())?;
            let mut name = name.clone();
            name.set_span(name.span().located_at(expr.span()));
            Some(quote_spanned!(crate_path::here(expr.span())=> let _ = &#name;))
        });
        // The type is asked for at the expression itself.
        let at = crate_path::here(expr.span());
        let here = crate_path::located(krate, at);
        let answered = quote_spanned!(at=> #here::__private::rule(#expr));
        let expr = quote! {
            async { ::core::result::Result::Ok::<_, #krate::Deny>(#answered) }
        };
        // The handler's own `user: User` is the same caller; were it another type, also one that
        // dereferences to ours, this line would not compile.
        let same = own_user.as_ref().map(|(own, ty)| {
            let at = crate_path::here(ty.span());
            let here = crate_path::located(krate, at);
            let mut own = own.clone();
            own.set_span(own.span().located_at(ty.span()));
            quote_spanned!(at=> #here::__private::the_caller(&#own);)
        });
        quote! {
            if #krate::__private::Pending::needs(&#pending, #number) {
                let #holds = {
                    #same
                    #[allow(unused_variables)]
                    let #user: &#krate::User =
                        #krate::__private::Pending::user(&#pending);
                    #krate::__private::answer(#expr.await)
                };
                #(#still_there)*
                #krate::__private::Pending::answer(&mut #pending, #number, #holds);
            }
        }
    });
    quote! {
        let mut #pending = #guard.pending();
        #(#questions)*
        if let ::core::result::Result::Err(#rejection) = #pending.finish() {
            return ::core::result::Result::Err(#rejection);
        }
    }
}

/// Takes the inner function out of `handler`, and gives the values that it is called with.
fn divided(handler: &mut HandlerFn, in_impl: bool) -> (HandlerFn, Vec<TokenStream>) {
    let mut inner = handler.clone();
    inner.vis = Visibility::Inherited;
    let Divided { outer, inner: own } = divide(std::mem::take(&mut handler.attrs), !in_impl);
    handler.attrs = outer;
    inner.attrs = own;
    // It is as long and as asynchronous as the handler, which is what lints are for.
    let quiet: Attribute = parse_quote!(#[allow(clippy::unused_async, clippy::too_many_arguments)]);
    inner.attrs.push(quiet);
    if in_impl {
        let span = handler.sig.ident.span();
        inner.sig.ident = format_ident!("__keycloak_handler_{}", handler.name(), span = span);
        inner.attrs.push(parse_quote!(#[doc(hidden)]));
        let cfgs: Vec<Attribute> = handler.cfgs().into_iter().cloned().collect();
        inner.attrs.extend(cfgs);
    }
    // An argument that only `require` needs is not unused.
    for input in &mut inner.sig.inputs {
        if let FnArg::Typed(typed) = input {
            typed.attrs.push(parse_quote!(#[allow(unused_variables)]));
        }
    }
    let mut values = Vec::new();
    for (number, input) in handler.sig.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(typed) = input {
            let passed_on = passed_on(&typed.pat, number);
            *typed.pat = Pat::Verbatim(passed_on.pattern);
            values.push(passed_on.value);
        }
    }
    (inner, values)
}

/// Types and constants by name: not every one can be inferred from the arguments.
fn turbofish(function: &HandlerFn) -> TokenStream {
    let names: Vec<&Ident> = function
        .sig
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(ty) => Some(&ty.ident),
            GenericParam::Const(constant) => Some(&constant.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    if names.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#names),*>)
    }
}

/// The first identifier `name` of the tokens.
pub(crate) fn find_ident(tokens: TokenStream, name: &str) -> Option<Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if ident == name => Some(ident),
        TokenTree::Group(group) => find_ident(group.stream(), name),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// The argument `user` and its type, which has the name of our `User`: the check refuses others.
fn own_user(handler: &HandlerFn) -> Option<(Ident, Type)> {
    handler
        .bindings()
        .into_iter()
        .find_map(|(name, input)| match input {
            FnArg::Typed(typed) if name == "user" => Some((name, (*typed.ty).clone())),
            FnArg::Typed(_) | FnArg::Receiver(_) => None,
        })
}
