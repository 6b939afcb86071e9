//! The model as a constant expression of the runtime's types. Cannot fail, and decides nothing.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{ExprPath, LitStr, Path};

use super::{
    model::{Item, Key, Mode, SetTerm, Term, TermKind, each_set},
    text,
};

/// Numbers the `require` terms of one handler in the order written.
#[derive(Debug, Default)]
pub(crate) struct Requires<'a> {
    /// The expressions by number.
    pub(crate) expressions: Vec<&'a syn::Expr>,
}

/// `Policy::__new(&[..], "..")`.
pub(crate) fn policy<'a>(
    terms: &'a [Term],
    krate: &Path,
    requires: &mut Requires<'a>,
) -> TokenStream {
    let source = text::terms(terms);
    let terms = self::terms(terms, krate, requires);
    quote!(#krate::__private::Policy::__new(#terms, #source))
}

/// `Policy::__optional()`.
pub(crate) fn optional(krate: &Path) -> TokenStream {
    quote!(#krate::__private::Policy::__optional())
}

fn terms<'a>(terms: &'a [Term], krate: &Path, requires: &mut Requires<'a>) -> TokenStream {
    let terms = terms.iter().map(|term| self::term(term, krate, requires));
    quote!(&[#(#terms),*])
}

fn term<'a>(term: &'a Term, krate: &Path, requires: &mut Requires<'a>) -> TokenStream {
    let kind = match &term.kind {
        TermKind::All(inner) => {
            let inner = terms(inner, krate, requires);
            quote!(All(#inner))
        }
        TermKind::Any(inner) => {
            let inner = terms(inner, krate, requires);
            quote!(Any(#inner))
        }
        TermKind::Not(inner) => {
            let inner = self::term(inner, krate, requires);
            quote!(Not(&#inner))
        }
        TermKind::Set(set) => self::set(set, krate),
        TermKind::ClaimBool(path, value) => {
            let path = LitStr::new(&path.value, path.span);
            quote!(ClaimBool(#path, #value))
        }
        TermKind::Policy(path) => {
            let written = text::tokens(path.to_token_stream());
            quote!(Policy(#written, &#path))
        }
        TermKind::Check(path) => check(path, krate),
        TermKind::Require(expr) => {
            let written = text::tokens(expr.to_token_stream());
            // More than 255 in one handler would have to share the last number, which only
            // refuses more: an answer of one counts for both.
            let number = u8::try_from(requires.expressions.len()).unwrap_or(u8::MAX);
            requires.expressions.push(expr);
            quote!(Require(#number, #written))
        }
        // Never reached for a policy that compiles; refuses everybody.
        TermKind::Invalid => quote!(Any(&[])),
    };
    quote!(#krate::__private::Term::#kind)
}

fn set(set: &SetTerm, krate: &Path) -> TokenStream {
    let mode = match set.mode {
        Mode::Bare | Mode::All => quote!(All),
        Mode::Any => quote!(Any),
        Mode::None => quote!(None),
    };
    let items = set.items.iter().map(item);
    let value = quote!(#krate::__private::Set {
        mode: #krate::__private::Mode::#mode,
        items: &[#(#items),*],
    });
    match &set.key {
        Key::Roles => quote!(Roles(#value)),
        Key::RealmRoles => quote!(RealmRoles(#value)),
        Key::ClientRoles(None) => {
            quote!(ClientRoles(::core::option::Option::None, #value))
        }
        Key::ClientRoles(Some(client)) => {
            let client = LitStr::new(&client.value, client.span);
            quote!(ClientRoles(::core::option::Option::Some(#client), #value))
        }
        Key::Groups => quote!(Groups(#value)),
        Key::Scopes => quote!(Scopes(#value)),
        Key::Claim(path) => {
            let path = LitStr::new(&path.value, path.span);
            quote!(Claim(#path, #value))
        }
    }
}

fn item(item: &Item) -> TokenStream {
    match item {
        Item::Literal(literal) => LitStr::new(&literal.value, literal.span).to_token_stream(),
        Item::Constant(path) => path.to_token_stream(),
    }
}

/// The function behind a check, with its shape erased. The runtime's trait accepts the three
/// shapes; its bound is met at the user's path, so a wrong function is one error there.
fn check(path: &ExprPath, krate: &Path) -> TokenStream {
    let written = text::tokens(path.to_token_stream());
    let span = syn::spanned::Spanned::span(path);
    let run = quote_spanned!(span=> #krate::__private::run_check(#path, __keycloak_user, __keycloak_parts));
    quote!(Check(#written, {
        fn __keycloak_check<'a>(
            __keycloak_user: &'a #krate::User,
            __keycloak_parts: &'a #krate::__private::Parts,
        ) -> #krate::__private::Verdict<'a> {
            #run
        }
        __keycloak_check
    }))
}

/// Items that judge constants where the macro cannot: blank names, scope-tokens, group paths.
pub(crate) fn assertions(terms: &[Term], krate: &Path) -> TokenStream {
    let mut out = TokenStream::new();
    each_set(terms, &mut |set| {
        let function = match &set.key {
            Key::Roles | Key::RealmRoles | Key::ClientRoles(_) => "assert_role",
            Key::Groups => "assert_group",
            Key::Scopes => "assert_scope",
            Key::Claim(_) => return,
        };
        for item in &set.items {
            if let Item::Constant(path) = item {
                let span = item.span();
                let function = syn::Ident::new(function, Span::call_site());
                out.extend(quote_spanned! {span=>
                    const _: () = #krate::__private::#function(#path);
                });
            }
        }
    });
    out
}
