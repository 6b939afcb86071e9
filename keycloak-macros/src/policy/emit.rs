//! The model as a constant expression of the runtime's types. Cannot fail, and decides nothing.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprPath, LitStr, Path};

use super::{
    model::{Item, Key, Mode, SetTerm, Term, TermKind, each_set},
    text,
};
use crate::realm;

/// A policy as code.
#[derive(Debug, Default)]
pub(crate) struct Emitted {
    /// An expression of type `Policy`, constant where [`Emitted::items`] are in scope.
    pub(crate) value: TokenStream,
    /// Functions that the expression names, and the assertions on constants.
    pub(crate) items: TokenStream,
    /// The expressions of `require` terms, by number.
    pub(crate) requires: Vec<Expr>,
}

/// The terms, all of which must hold.
pub(crate) fn policy(terms: &[Term], realm: Option<&realm::Source>, krate: &Path) -> Emitted {
    let mut emitter = Emitter {
        krate,
        realm,
        checks: 0,
        items: TokenStream::new(),
        requires: Vec::new(),
    };
    let source = text::terms(terms);
    let list = emitter.terms(terms);
    // A constant of its own: its temporaries live as long as it does, whatever they refer to.
    emitter.items.extend(quote! {
        const __KEYCLOAK_TERMS: &[#krate::__private::Term] = #list;
    });
    emitter.assertions(terms);
    let tracking = realm::tracking(realm.map(|realm| &realm.path));
    emitter.items.extend(tracking);
    Emitted {
        value: quote!(#krate::__private::Policy::__new(__KEYCLOAK_TERMS, #source)),
        items: emitter.items,
        requires: emitter.requires,
    }
}

/// The policy `optional`.
pub(crate) fn optional(krate: &Path) -> Emitted {
    Emitted {
        value: quote!(#krate::__private::Policy::__optional()),
        ..Emitted::default()
    }
}

/// What stands in for a refused policy, beside the errors: it admits nobody.
pub(crate) fn nobody(krate: &Path) -> Emitted {
    Emitted {
        value: quote! {
            #krate::__private::Policy::__new(&[#krate::__private::Term::Any(&[])], "")
        },
        ..Emitted::default()
    }
}

struct Emitter<'a> {
    krate: &'a Path,
    realm: Option<&'a realm::Source>,
    checks: usize,
    items: TokenStream,
    requires: Vec<Expr>,
}

impl Emitter<'_> {
    fn terms(&mut self, terms: &[Term]) -> TokenStream {
        let terms = terms.iter().map(|term| self.term(term));
        quote!(&[#(#terms),*])
    }

    fn term(&mut self, term: &Term) -> TokenStream {
        let krate = self.krate;
        let kind = match &term.kind {
            TermKind::All(inner) => {
                let inner = self.terms(inner);
                quote!(All(#inner))
            }
            TermKind::Any(inner) => {
                let inner = self.terms(inner);
                quote!(Any(#inner))
            }
            TermKind::Not(inner) => {
                let inner = self.term(inner);
                quote!(Not(&#inner))
            }
            TermKind::Set(set) => self.set(set),
            TermKind::ClaimBool(path, value) => {
                let path = LitStr::new(&path.value, path.span);
                quote!(ClaimBool(#path, #value))
            }
            TermKind::Policy(path) => {
                let written = text::tokens(path.to_token_stream());
                let span = syn::spanned::Spanned::span(path);
                self.items.extend(quote_spanned! {span=>
                    const _: () = #krate::__private::assert_not_optional(&#path);
                });
                quote!(Policy(#written, &#path))
            }
            TermKind::Check(path) => self.check(path),
            TermKind::Require(expr) => {
                let written = text::tokens(expr.to_token_stream());
                let Ok(number) = u8::try_from(self.requires.len()) else {
                    let message = "more than 256 `require` terms on one handler";
                    return syn::Error::new_spanned(expr, message).into_compile_error();
                };
                self.requires.push((**expr).clone());
                quote!(Require(#number, #written))
            }
            // Stands in a refused policy only, beside the error.
            TermKind::Invalid => quote!(Any(&[])),
        };
        quote!(#krate::__private::Term::#kind)
    }

    fn set(&self, set: &SetTerm) -> TokenStream {
        let krate = self.krate;
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

    /// A function with the check's shape erased. The runtime's trait accepts the three shapes;
    /// its bound is met at the user's path, so a wrong function is one error, there.
    fn check(&mut self, path: &ExprPath) -> TokenStream {
        let krate = self.krate;
        let written = text::tokens(path.to_token_stream());
        let name = format_ident!("__keycloak_check_{}", self.checks);
        self.checks = self.checks.saturating_add(1);
        let span = syn::spanned::Spanned::span(path);
        // One identifier each: inside a `macro_rules!`, names of other spans are other names.
        let user = Ident::new("__keycloak_user", Span::mixed_site());
        let parts = Ident::new("__keycloak_parts", Span::mixed_site());
        let run = quote_spanned! {span=>
            #krate::__private::run_check(#path, #user, #parts)
        };
        self.items.extend(quote! {
            fn #name<'a>(
                #user: &'a #krate::User,
                #parts: &'a #krate::__private::Parts,
            ) -> #krate::__private::Verdict<'a> {
                #run
            }
        });
        quote!(Check(#written, #name))
    }

    /// Constants are judged by constant assertions: blank names, scope-tokens, group paths, and
    /// the names of the realm.
    fn assertions(&mut self, terms: &[Term]) {
        let krate = self.krate;
        let realm = self.realm;
        let items = &mut self.items;
        each_set(terms, &mut |set| {
            let known = realm.and_then(|source| realm::known(&set.key, &source.realm));
            let function = match &set.key {
                Key::Roles | Key::RealmRoles | Key::ClientRoles(_) => "assert_role",
                Key::Groups => "assert_group",
                Key::Scopes => "assert_scope",
                // A value is no name: see the rule for literals.
                Key::Claim(_) => return,
            };
            for item in &set.items {
                let Item::Constant(path) = item else { continue };
                let function = Ident::new(function, Span::call_site());
                items.extend(quote_spanned! {item.span()=>
                    const _: () = #krate::__private::#function(#path);
                });
                let Some(known) = &known else { continue };
                let names = known.names();
                let dynamic = realm.iter().flat_map(|source| &source.realm.dynamic_scopes);
                items.extend(quote_spanned! {item.span()=>
                    const _: () = #krate::__private::assert_in_realm(
                        #path, &[#(#names),*], &[#(#dynamic),*],
                    );
                });
            }
        });
    }
}

fn item(item: &Item) -> TokenStream {
    match item {
        Item::Literal(literal) => LitStr::new(&literal.value, literal.span).to_token_stream(),
        Item::Constant(path) => path.to_token_stream(),
    }
}
