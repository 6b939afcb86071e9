//! `require`: asked after extraction and before the body.
//!
//! The return type `R` becomes `Result<R, Rejection>`, so a test that calls the handler directly
//! meets the rule. Expression and body are async blocks of their own: a `?` or `return` inside
//! stays inside and can skip nothing.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Path, ReturnType, Token, Type, spanned::Spanned as _, visit_mut::VisitMut};

use crate::{crate_path, handler::HandlerFn};

/// Makes the body wait for the answers to `requires`.
pub(crate) fn ask(handler: &mut HandlerFn, guard: &Ident, requires: &[Expr], krate: &Path) {
    let pending = Ident::new("__keycloak_pending", Span::mixed_site());
    let holds = Ident::new("__keycloak_holds", Span::mixed_site());
    let own_user = own_user(handler);
    let questions = requires.iter().enumerate().map(|(number, expr)| {
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        // With the hygiene of the expression, which may come out of another macro.
        let written = find_ident(expr.to_token_stream(), "user");
        let user = written.unwrap_or_else(|| Ident::new("user", Span::call_site()));
        // The type is asked for at the expression itself.
        let expr = quote! {
            async {
                #[allow(clippy::let_and_return)]
                let #holds: bool = #expr;
                #holds
            }
        };
        // The handler's own `user: User` is the same caller; were it another type, this line
        // would not compile.
        let same = own_user.as_ref().map(|ty| {
            let at = crate_path::here(ty.span());
            let here = crate_path::located(krate, at);
            let own = Ident::new("user", at);
            quote_spanned!(at=> let _: &#here::User = &#own;)
        });
        quote! {
            if #pending.needs(#number) {
                let #holds: bool = {
                    #same
                    #[allow(unused_variables)]
                    let #user: &#krate::User = #pending.user();
                    #expr.await
                };
                #pending.answer(#number, #holds);
            }
        }
    });
    let body = &handler.body;
    let statements = body.stream();
    let edge = return_edge(&handler.sig.output);
    let inner = group(quote!(#edge #statements), body.span());
    let stream = quote! {
        let mut #pending = #guard.pending();
        #(#questions)*
        if let ::core::result::Result::Err(__keycloak_rejection) = #pending.finish() {
            return ::core::result::Result::Err(__keycloak_rejection);
        }
        ::core::result::Result::Ok(async move #inner.await)
    };
    handler.body = group(stream, body.span());

    let (arrow, own) = match std::mem::replace(&mut handler.sig.output, ReturnType::Default) {
        ReturnType::Default => (<Token![->]>::default(), quote!(())),
        ReturnType::Type(arrow, ty) => (arrow, ty.into_token_stream()),
    };
    let wrapped = quote!(::core::result::Result<#own, #krate::Rejection>);
    handler.sig.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(wrapped)));
}

fn group(stream: TokenStream, span: Span) -> Group {
    let mut group = Group::new(Delimiter::Brace, stream);
    group.set_span(span);
    group
}

/// The first identifier `name` of the tokens.
fn find_ident(tokens: TokenStream, name: &str) -> Option<Ident> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) if ident == name => Some(ident),
        TokenTree::Group(group) => find_ident(group.stream(), name),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// The type of an argument `user`, which can only be our `User`: the check refuses any other.
fn own_user(handler: &HandlerFn) -> Option<Type> {
    handler
        .bindings()
        .into_iter()
        .find_map(|(name, input)| match input {
            syn::FnArg::Typed(typed) if name == "user" => Some((*typed.ty).clone()),
            syn::FnArg::Typed(_) | syn::FnArg::Receiver(_) => None,
        })
}

/// Tells the compiler what type the body's async block yields, as the function's own return type
/// did: without it, `?` and coercions in the body would have to be inferred.
fn return_edge(output: &ReturnType) -> TokenStream {
    let ReturnType::Type(_, ty) = output else {
        return quote! {
            #[allow(clippy::unused_unit, clippy::let_unit_value)]
            if false { return (); }
        };
    };
    if matches!(**ty, Type::ImplTrait(_) | Type::Never(_)) {
        return TokenStream::new();
    }
    let mut ty = (**ty).clone();
    Erase.visit_type_mut(&mut ty);
    quote_spanned! {ty.span()=>
        #[allow(
            unreachable_code, clippy::diverging_sub_expression, clippy::empty_loop,
            clippy::let_unit_value, clippy::let_with_type_underscore, clippy::needless_return
        )]
        if false {
            let __keycloak_never: #ty = loop {};
            return __keycloak_never;
        }
    }
}

/// `impl Trait` cannot stand in a `let`: the compiler finds the type itself.
struct Erase;

impl VisitMut for Erase {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(found) = ty {
            *ty = Type::Verbatim(quote_spanned!(found.span()=> _));
        } else {
            syn::visit_mut::visit_type_mut(self, ty);
        }
    }
}
