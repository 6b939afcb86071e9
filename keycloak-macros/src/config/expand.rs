//! Generated code: one implementation of the runtime's `Config` and four functions that call it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, ItemStruct, Path, spanned::Spanned as _};

use super::{
    model::{DefaultValue, Field, Model, Role},
    parse,
};

/// The struct and its functions.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let Model {
        krate,
        item,
        prefix,
        partial,
        fields,
    } = model;
    let name = &item.ident;
    let prefix = option(prefix.as_ref().map(|prefix| {
        let text = &prefix.value;
        quote!(#text)
    }));
    let load = fields.iter().map(|field| load(krate, field));
    let values = fields.iter().map(|field| {
        let Field { ident, cfgs, .. } = field;
        let local = local(field);
        quote!(#(#cfgs)* #ident: #local?)
    });
    let apply = fields.iter().map(apply);
    let setters = fields.iter().map(|field| setter(krate, field));
    let functions = functions(krate, item, *partial);
    quote! {
        #item

        #[automatically_derived]
        impl #krate::__private::config::Config for #name {
            const PREFIX: ::core::option::Option<&'static str> = #prefix;
            const PARTIAL: bool = #partial;

            fn load(
                __keycloak_scope: &mut #krate::__private::config::Scope<'_>,
            ) -> ::core::option::Option<Self> {
                #[allow(unused_imports, reason = "which of them reads a field depends on its type")]
                use #krate::__private::config::{
                    ReadKnown as _, ReadText as _, ReadUnsupported as _, ReadWrapped as _,
                };
                #(#load)*
                ::core::option::Option::Some(Self { #(#values,)* })
            }

            fn apply(
                &self,
                __keycloak_builder: #krate::KeycloakBuilder,
            ) -> #krate::KeycloakBuilder {
                #(#apply)*
                __keycloak_builder
            }
        }

        #[automatically_derived]
        impl #name {
            #(#setters)*
        }

        #functions
    }
}

/// Reads one field. Every field is read before any is found missing, so that all are reported.
fn load(krate: &Path, field: &Field) -> TokenStream {
    let Field {
        name,
        ty,
        cfgs,
        env,
        default,
        role,
        ..
    } = field;
    let local = local(field);
    let span = pointing_to(ty.span());
    if let Role::Nested(prefix) = role {
        let prefix = option(prefix.as_ref().map(|prefix| {
            let text = &prefix.value;
            quote!(#text)
        }));
        let setter = setter_name(field);
        return quote! {
            #(#cfgs)*
            let #local = Self::#setter().load(__keycloak_scope, #prefix);
        };
    }
    let variable = if let Some(env) = env {
        let env = &env.value;
        quote_spanned!(span=> #krate::__private::config::Name::Full(#env))
    } else {
        let suffix = name.to_uppercase();
        quote_spanned!(span=> #krate::__private::config::Name::Suffix(#suffix))
    };
    let note = match role {
        Role::Setting => {
            let setter = setter_name(field);
            quote_spanned! {span=>
                #(#cfgs)*
                __keycloak_scope.note(#name, #variable, ::core::option::Option::as_ref(&#local), Self::#setter);
            }
        }
        Role::Own | Role::Nested(_) => TokenStream::new(),
    };
    let default = match default {
        None => quote_spanned!(span=> #krate::__private::config::Default::None),
        Some(DefaultValue::Text(text)) => {
            let text = &text.value;
            quote_spanned!(span=> #krate::__private::config::Default::Text(#text))
        }
        Some(DefaultValue::Value(value)) => {
            quote_spanned!(pointing_to(value.span())=> {
                fn __keycloak_default() -> #ty { #value }
                #krate::__private::config::Default::Value(__keycloak_default)
            })
        }
    };
    // The references are the order of preference: method look-up takes the implementation for
    // the most of them whose bounds hold.
    quote_spanned! {span=>
        #(#cfgs)*
        let #local = (&&&&#krate::__private::config::Tag::<#ty>::NEW)
            .__keycloak_read(__keycloak_scope, #variable, #default);
        #note
    }
}

/// The one place that holds a field's type against what is asked of it, so that a wrong one is one
/// error.
fn setter(krate: &Path, field: &Field) -> TokenStream {
    let Field {
        name,
        ty,
        cfgs,
        role,
        ..
    } = field;
    let setter = setter_name(field);
    let span = pointing_to(ty.span());
    match role {
        Role::Own => TokenStream::new(),
        Role::Nested(_) => quote_spanned! {span=>
            #(#cfgs)*
            fn #setter() -> #krate::__private::config::Nested<#ty> {
                #krate::__private::config::nested::<#ty>()
            }
        },
        Role::Setting => {
            let option = Ident::new(name, span);
            quote_spanned! {span=>
                #(#cfgs)*
                fn #setter(
                    __keycloak_builder: #krate::KeycloakBuilder,
                    __keycloak_value: &#ty,
                ) -> #krate::KeycloakBuilder {
                    #krate::__private::config::options::#option(
                        __keycloak_builder,
                        __keycloak_value,
                    )
                }
            }
        }
    }
}

/// Hands one field to the builder.
fn apply(field: &Field) -> TokenStream {
    let Field {
        ident, cfgs, role, ..
    } = field;
    let setter = setter_name(field);
    match role {
        Role::Own => TokenStream::new(),
        Role::Nested(_) => quote! {
            #(#cfgs)*
            let __keycloak_builder =
                Self::#setter().apply(__keycloak_builder, &self.#ident);
        },
        Role::Setting => quote! {
            #(#cfgs)*
            let __keycloak_builder = Self::#setter(__keycloak_builder, &self.#ident);
        },
    }
}

/// What the user calls.
fn functions(krate: &Path, item: &ItemStruct, partial: bool) -> TokenStream {
    let ItemStruct { ident, vis, .. } = item;
    let build = if partial {
        TokenStream::new()
    } else {
        quote! {
            /// A builder with these settings, for what only code can say.
            #[allow(dead_code, reason = "an application needs one of the two ways to build")]
            #[must_use]
            #vis fn builder(&self) -> #krate::KeycloakBuilder {
                #krate::__private::config::builder(self)
            }

            /// The `Keycloak` of these settings; no I/O.
            ///
            /// # Errors
            /// Every setting that cannot work, in one error.
            #[allow(dead_code, reason = "an application needs one of the two ways to build")]
            #vis fn build(
                &self,
            ) -> ::core::result::Result<#krate::Keycloak, #krate::ConfigError> {
                #krate::__private::config::builder(self).build()
            }
        }
    };
    quote! {
        #[automatically_derived]
        impl #ident {
            /// Reads the settings from the process environment.
            ///
            /// # Errors
            /// Every missing and every invalid variable, in one error.
            #[allow(dead_code, reason = "an application needs one of the two ways to read")]
            #vis fn from_env() -> ::core::result::Result<Self, #krate::ConfigError> {
                #krate::__private::config::from_env()
            }

            /// Reads the settings from name and value pairs.
            ///
            /// # Errors
            /// Every missing and every invalid variable, in one error.
            #[allow(dead_code, reason = "an application needs one of the two ways to read")]
            #vis fn from_vars<__KeycloakVars, __KeycloakName, __KeycloakValue>(
                __keycloak_vars: __KeycloakVars,
            ) -> ::core::result::Result<Self, #krate::ConfigError>
            where
                __KeycloakVars:
                    ::core::iter::IntoIterator<Item = (__KeycloakName, __KeycloakValue)>,
                __KeycloakName: ::core::convert::AsRef<::std::ffi::OsStr>,
                __KeycloakValue: ::core::convert::AsRef<::std::ffi::OsStr>,
            {
                #krate::__private::config::from_vars(__keycloak_vars)
            }

            #build
        }
    }
}

/// What is emitted beside `compile_error!`: the struct without our field attributes and, where it is
/// a struct with named fields and no generics, functions of the right types, so that code which
/// calls them is not reported as well.
pub(crate) fn refused(krate: &Path, item: TokenStream) -> TokenStream {
    let Ok(mut parsed) = syn::parse2::<ItemStruct>(item.clone()) else {
        return item;
    };
    for field in &mut parsed.fields {
        field.attrs.retain(|attr| !parse::is_ours(attr));
    }
    let mut tokens = quote!(#parsed);
    if parsed.generics.params.is_empty() {
        let ItemStruct { ident, vis, .. } = &parsed;
        tokens.extend(quote! {
            #[automatically_derived]
            #[allow(dead_code, unused_variables, reason = "never built: an error is beside it")]
            impl #ident {
                #vis fn from_env() -> ::core::result::Result<Self, #krate::ConfigError> {
                    loop {}
                }
                #vis fn from_vars<__KeycloakVars>(
                    vars: __KeycloakVars,
                ) -> ::core::result::Result<Self, #krate::ConfigError> {
                    loop {}
                }
                #vis fn builder(&self) -> #krate::KeycloakBuilder {
                    loop {}
                }
                #vis fn build(
                    &self,
                ) -> ::core::result::Result<#krate::Keycloak, #krate::ConfigError> {
                    loop {}
                }
            }
        });
    }
    tokens
}

fn setter_name(field: &Field) -> Ident {
    format_ident!("__keycloak_set_{}", field.name)
}

fn local(field: &Field) -> Ident {
    format_ident!("__keycloak_field_{}", field.name)
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

/// Errors point to the user's tokens; names resolve as in the rest of the generated code.
fn pointing_to(span: Span) -> Span {
    Span::call_site().located_at(span)
}
