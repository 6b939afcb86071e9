//! The model as a constant expression of the runtime's types. Cannot fail, and decides nothing.

use keycloak_policy::{export::known, grammar::template, vocabulary::Grammar};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprPath, LitStr, Path};

use super::{
    model::{Item, Key, Mode, SetTerm, Term, TermKind},
    text,
};
use crate::{crate_path, realm};

/// A policy as code.
#[derive(Debug, Default)]
pub(crate) struct Emitted {
    /// An expression of type `Policy`, constant where [`Emitted::items`] and the runtime's
    /// `__private::terms` are in scope. It names nothing of the user's.
    pub(crate) value: TokenStream,
    /// Functions that the expression names, and the assertions on constants.
    pub(crate) items: TokenStream,
    /// Items that tie the compilation to the realm export, whether the handler is compiled or not.
    pub(crate) tracking: TokenStream,
    /// The expressions of `require` terms, by number.
    pub(crate) requires: Vec<Expr>,
}

/// The terms, all of which must hold.
pub(crate) fn policy(terms: &[Term], realm: Option<&realm::Source>, krate: &Path) -> Emitted {
    let mut emitter = Emitter {
        krate,
        realm,
        names: 0,
        policies: 0,
        checks: 0,
        items: TokenStream::new(),
        requires: Vec::new(),
        negated: false,
    };
    let source = text::terms(terms);
    let list = emitter.terms(terms);
    Emitted {
        value: quote!(Policy::__new(#list, #source)),
        items: emitter.items,
        tracking: realm::tracking(realm),
        requires: emitter.requires,
    }
}

/// The policy `optional`.
pub(crate) fn optional() -> Emitted {
    Emitted {
        value: quote!(Policy::__optional()),
        ..Emitted::default()
    }
}

/// In the place of a refused policy, beside the errors: it admits no caller.
pub(crate) fn nobody() -> Emitted {
    Emitted {
        value: quote!(Policy::__new(&[Term::Any(&[])], "")),
        ..Emitted::default()
    }
}

/// What is asked of the caller's token, by its key.
fn question(key: &Key, asked: &TokenStream) -> TokenStream {
    let kind = Ident::new(&format!("{:?}", key.kind), Span::call_site());
    let subject = match &key.subject {
        None => quote!(None),
        Some(subject) => {
            let subject = LitStr::new(&subject.value, subject.span);
            quote!(Some(#subject))
        }
    };
    quote!(Ask(Question { kind: Kind::#kind, subject: #subject, asked: Asked::#asked }))
}

struct Emitter<'a> {
    krate: &'a Path,
    realm: Option<&'a realm::Source>,
    names: usize,
    policies: usize,
    checks: usize,
    items: TokenStream,
    requires: Vec<Expr>,
    /// Under an odd number of `not(..)`.
    negated: bool,
}

impl Emitter<'_> {
    fn terms(&mut self, terms: &[Term]) -> TokenStream {
        let terms = terms.iter().map(|term| self.term(term));
        quote!(&[#(#terms),*])
    }

    fn term(&mut self, term: &Term) -> TokenStream {
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
                self.negated = !self.negated;
                let inner = self.term(inner);
                self.negated = !self.negated;
                quote!(Not(&#inner))
            }
            TermKind::Set(set) => self.set(set),
            TermKind::Flag(key, value) => question(key, &quote!(Flag(#value))),
            TermKind::Policy(path) => self.policy(path),
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
            // In a refused policy only, beside the error.
            TermKind::Invalid => quote!(Any(&[])),
        };
        quote!(Term::#kind)
    }

    fn set(&mut self, set: &SetTerm) -> TokenStream {
        let mode = match set.mode {
            Mode::Bare | Mode::All => quote!(All),
            Mode::Any => quote!(Any),
            Mode::None => quote!(None),
        };
        let items: Vec<TokenStream> = set.items.iter().map(|i| self.item(&set.key, i)).collect();
        let templates = self.templates(set, &items);
        let asked = quote! {
            Set(Set { mode: Mode::#mode, items: &[#(#items),*], templates: #templates })
        };
        question(&set.key, &asked)
    }

    /// Whether an item has path parameters or escaped braces, which of constants the compiler knows.
    fn templates(&mut self, set: &SetTerm, items: &[TokenStream]) -> TokenStream {
        if !set.key.kind.row().template {
            return quote!(false);
        }
        let mut constants = Vec::new();
        for (item, name) in set.items.iter().zip(items) {
            match item {
                Item::Literal(literal) if template::has_braces(&literal.value) => {
                    return quote!(true);
                }
                Item::Literal(_) => {}
                Item::Constant(_) => constants.push(name),
            }
        }
        if constants.is_empty() {
            return quote!(false);
        }
        let krate = self.krate;
        let name = format_ident!("__KEYCLOAK_TEMPLATES_{}", self.names);
        self.names = self.names.saturating_add(1);
        self.items.extend(quote! {
            const #name: bool = #(#krate::__private::has_braces(#constants))||*;
        });
        name.to_token_stream()
    }

    /// A named policy, which must not be `optional`.
    fn policy(&mut self, path: &ExprPath) -> TokenStream {
        let krate = self.krate;
        let written = text::tokens(path.to_token_stream());
        let name = format_ident!("__KEYCLOAK_POLICY_{}", self.policies);
        self.policies = self.policies.saturating_add(1);
        let span = syn::spanned::Spanned::span(path);
        let here = crate_path::located(krate, span);
        let at = crate_path::here(span);
        let judge = if self.negated {
            "negated_policy"
        } else {
            "named_policy"
        };
        let judge = Ident::new(judge, at);
        let value = quote_spanned! {at=> #here::__private::#judge(&#path) };
        self.items.extend(quote! {
            const #name: &#krate::__private::Policy = #value;
        });
        quote!(Policy(#written, #name))
    }

    /// A function with the check's shape erased. The runtime's trait accepts the three shapes;
    /// its bound is met at the user's path, so a wrong function is one error, there.
    fn check(&mut self, path: &ExprPath) -> TokenStream {
        let krate = self.krate;
        let written = text::tokens(path.to_token_stream());
        let name = format_ident!("__keycloak_check_{}", self.checks);
        self.checks = self.checks.saturating_add(1);
        let span = syn::spanned::Spanned::span(path);
        let here = crate_path::located(krate, span);
        let run = quote_spanned! {crate_path::here(span)=>
            #here::__private::run_check(#path, __keycloak_user, __keycloak_parts)
        };
        let user = Ident::new("__keycloak_user", Span::call_site());
        let parts = Ident::new("__keycloak_parts", Span::call_site());
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

    /// A name. Constants are checked where the compiler knows them: blank names, scope-tokens,
    /// group paths, and the names of the realm.
    fn item(&mut self, key: &Key, item: &Item) -> TokenStream {
        let path = match item {
            Item::Literal(literal) => {
                return LitStr::new(&literal.value, literal.span).to_token_stream();
            }
            Item::Constant(path) => path,
        };
        let function = match key.kind.row().grammar {
            Grammar::Name => Some("role_name"),
            Grammar::GroupPath => Some("group_path"),
            Grammar::ScopeToken => Some("scope_token"),
            Grammar::Text => None,
        };
        let krate = self.krate;
        let at = crate_path::here(item.span());
        let here = crate_path::located(krate, at);
        let mut value = path.to_token_stream();
        if let Some(function) = function {
            let function = Ident::new(function, at);
            value = quote_spanned!(at=> #here::__private::#function(#value));
        }
        if key.kind.row().template {
            value = quote_spanned!(at=> #here::__private::braces(#value));
        }
        if let Some(source) = self.realm
            && let Some(known) = known(key.kind, key.subject(), &source.realm)
        {
            let names = known.names();
            let (what, shown) = (known.what, &source.shown);
            let dynamic = &source.realm.dynamic_scopes;
            let dynamic = dynamic.iter();
            value = quote_spanned! {at=>
                #here::__private::name_in_realm(
                    #value, #what, #shown, &[#(#names),*], &[#(#dynamic),*]
                )
            };
        }
        let name = format_ident!("__KEYCLOAK_NAME_{}", self.names);
        self.names = self.names.saturating_add(1);
        self.items.extend(quote!(const #name: &str = #value;));
        name.to_token_stream()
    }
}
