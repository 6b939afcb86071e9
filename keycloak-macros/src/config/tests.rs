//! What the macro makes of its input: the expansion, and the message of every rule.
#![allow(
    clippy::needless_pass_by_value,
    reason = "`quote!` and `expect!` make values; cases read better without `&`"
)]

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, LitStr};

fn expand(args: TokenStream, item: TokenStream) -> syn::File {
    syn::parse2(super::expand(args, item)).expect("the expansion parses")
}

fn messages(file: &syn::File) -> Vec<String> {
    file.items
        .iter()
        .filter_map(|item| match item {
            Item::Macro(item) if item.mac.path.segments.last()?.ident == "compile_error" => {
                Some(item.mac.parse_body::<LitStr>().ok()?.value())
            }
            _ => None,
        })
        .collect()
}

/// Refused, with these messages and nothing else.
#[track_caller]
fn refuses(args: TokenStream, item: TokenStream, expected: Expect) {
    expected.assert_eq(&messages(&expand(args, item)).join("\n"));
}

/// Refused because of the fields (added to the required ones).
#[track_caller]
fn refuses_field(field: TokenStream, expected: Expect) {
    refuses(TokenStream::new(), with(field), expected);
}

fn with(fields: TokenStream) -> TokenStream {
    quote! { struct Auth { server_url: Url, realm: String, client_id: String, #fields } }
}

#[track_caller]
fn accepts(args: TokenStream, item: TokenStream) {
    assert_eq!(messages(&expand(args, item)), [""; 0]);
}

#[test]
fn expansion() {
    let file = expand(
        quote!(prefix = "JUDGE"),
        quote! {
            /// Settings.
            #[derive(Debug)]
            pub(crate) struct Auth {
                server_url: Url,
                realm: String,
                #[cfg(unix)]
                #[keycloak(default = "api")]
                client_id: String,
                #[keycloak(env = "DATABASE_URL", default = fallback())]
                database: String,
                #[keycloak(nested)]
                timeouts: Timeouts,
            }
        },
    );
    expect_test::expect_file!["snapshots/expansion.rs"].assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn refused_input_keeps_the_struct_and_the_functions() {
    let file = expand(
        quote!(prefix = "", crate = ::kc),
        quote! { pub struct Auth { server_url: Url, realm: String, #[keycloak(default = "x")] client_id: String } },
    );
    expect_test::expect_file!["snapshots/refused.rs"].assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn needs_a_struct_with_named_fields() {
    for item in [
        quote! { enum Auth { A } },
        quote! { struct Auth; },
        quote! { struct Auth(String); },
        quote! { union Auth { a: u8 } },
        quote! { fn auth() {} },
    ] {
        refuses(
            TokenStream::new(),
            item,
            expect![
                "#[keycloak::config] goes on a struct with named fields: `struct Auth { server_url: keycloak::Url, realm: String, client_id: String }`"
            ],
        );
    }
}

#[test]
fn takes_no_generics() {
    refuses(
        TokenStream::new(),
        quote! { struct Auth<T> { server_url: T, realm: String, client_id: String } },
        expect!["a config struct takes no generics: its values come from the environment"],
    );
}

#[test]
fn required_fields() {
    refuses(
        TokenStream::new(),
        quote! { struct Auth { leeway: Duration } },
        expect![
            "`Auth` lacks `server_url: keycloak::Url`, `realm: String`, `client_id: String`; without them no Keycloak can be built (a struct that is only a part of a config, or holds one in a nested field, says `#[keycloak::config(partial)]`)"
        ],
    );
    accepts(quote!(partial), quote! { struct Part { leeway: Duration } });
}

#[test]
fn a_misspelt_required_field_is_one_error() {
    refuses(
        TokenStream::new(),
        quote! { struct Auth { server_url: Url, relam: String, client_id: String } },
        expect![
            "`relam` is not an option of Keycloak (did you mean `realm`?); a field of the application's own names its variable, `#[keycloak(env = \"RELAM\")]`, and a nested config is marked `#[keycloak(nested)]`"
        ],
    );
}

#[test]
fn unknown_fields() {
    refuses_field(
        quote!(database_url: String),
        expect![
            "`database_url` is not an option of Keycloak; a field of the application's own names its variable, `#[keycloak(env = \"DATABASE_URL\")]`, and a nested config is marked `#[keycloak(nested)]`"
        ],
    );
    refuses_field(
        quote!(http_timeouts: String),
        expect![
            "`http_timeouts` cannot be a field: it takes two durations; write the fields `connect_timeout` and `read_timeout`"
        ],
    );
    refuses_field(
        quote!(dangerous: bool),
        expect![
            "`dangerous` cannot be a field: an option that weakens security is set in code, not in the environment; call `.builder().danger_accept_invalid_certs()`"
        ],
    );
}

#[test]
fn prefixes() {
    refuses(
        quote!(prefix = ""),
        with(quote!()),
        expect![
            "an empty prefix would read variables like `REALM`, which other programs set, too; write a name, or leave `prefix` out for `KEYCLOAK`"
        ],
    );
    refuses(
        quote!(prefix = "JUDGE_"),
        with(quote!()),
        expect![
            "the underscore comes by itself: `prefix = \"JUDGE\"` reads `JUDGE_REALM` (written like this it would be `JUDGE__REALM`)"
        ],
    );
    refuses(
        quote!(prefix = "_"),
        with(quote!()),
        expect![
            "an empty prefix would read variables like `REALM`, which other programs set, too; write a name, or leave `prefix` out for `KEYCLOAK`"
        ],
    );
    refuses(
        quote!(prefix = "MY APP"),
        with(quote!()),
        expect![
            "`MY APP` cannot be part of an environment variable's name; use ASCII letters, digits and `_`, not starting with a digit"
        ],
    );
    refuses_field(
        quote!(#[keycloak(nested, prefix = "2ND")] partner: Partner),
        expect![
            "`2ND` cannot be part of an environment variable's name; use ASCII letters, digits and `_`, not starting with a digit"
        ],
    );
    accepts(quote!(prefix = "JUDGE"), with(quote!()));
}

#[test]
fn shapes_of_arguments() {
    refuses(
        quote!(prefix = 5),
        with(quote!()),
        expect![[r#"expected `prefix = ".."`"#]],
    );
    refuses(
        quote!(prefix),
        with(quote!()),
        expect![[r#"expected `prefix = ".."`"#]],
    );
    refuses(
        quote!(partial = true),
        with(quote!()),
        expect!["expected `partial` without a value"],
    );
    refuses(
        quote!(crate = kc::<u8>),
        with(quote!()),
        expect!["expected `crate = ::path`"],
    );
    refuses(
        quote!(prefix("A")),
        with(quote!()),
        expect!["expected `prefix` or `prefix = value`, then a comma"],
    );
    refuses_field(
        quote!(#[keycloak] leeway: Duration),
        expect![[r#"expected `#[keycloak(default = .., env = "..", nested)]`"#]],
    );
}

#[test]
fn unknown_and_repeated_arguments() {
    refuses(
        quote!(prefx = "A", prefix = "B", prefix = "C"),
        with(quote!()),
        expect![[r"
            unknown argument `prefx` (did you mean `prefix`?); expected `prefix`, `partial`, `crate`
            `prefix` is written twice; keep one of them"]],
    );
    refuses_field(
        quote!(#[keycloak(defualt = "5s")] leeway: Duration),
        expect![
            "unknown argument `defualt` (did you mean `default`?); expected `default`, `env`, `nested`, `prefix`"
        ],
    );
}

#[test]
fn variables_and_defaults() {
    refuses_field(
        quote!(#[keycloak(env = "A=B")] own: String),
        expect![
            "`A=B` cannot be part of an environment variable's name; use ASCII letters, digits and `_`, not starting with a digit"
        ],
    );
    refuses_field(
        quote!(#[keycloak(default = "hunter2")] client_secret: Option<Secret>),
        expect![
            "a secret must not be in the source code; leave `default` out and set the variable, or its `_FILE` variant"
        ],
    );
    refuses_field(
        quote!(#[keycloak(env = "KEY", default = "hunter2")] key: keycloak::Secret),
        expect![
            "a secret must not be in the source code; leave `default` out and set the variable, or its `_FILE` variant"
        ],
    );
    refuses_field(
        quote!(#[keycloak(prefix = "A")] leeway: Duration),
        expect![
            "`prefix` on a field goes with `nested` only; for a single variable write `env = \"FULL_NAME\"`"
        ],
    );
    refuses_field(
        quote!(#[keycloak(nested, env = "A", default = "x")] part: Part),
        expect![[r#"
            a nested config reads several variables; write `env` at its own fields, or `nested, prefix = ".."` here
            a nested config has no default of its own; write `default` at its fields"#]],
    );
}

#[test]
fn every_problem_of_a_struct_in_one_build() {
    refuses(
        quote!(prefix = "A_", prefix, nonsense),
        quote! { struct Auth<T> { server_url: Url, banana: T, #[keycloak(default)] leeway: Duration } },
        expect![[r#"
            expected `prefix = ".."`
            `prefix` is written twice; keep one of them
            unknown argument `nonsense`; expected `prefix`, `partial`, `crate`
            `banana` is not an option of Keycloak; a field of the application's own names its variable, `#[keycloak(env = "BANANA")]`, and a nested config is marked `#[keycloak(nested)]`
            expected `default = value`
            a config struct takes no generics: its values come from the environment
            `Auth` lacks `realm: String`, `client_id: String`; without them no Keycloak can be built (a struct that is only a part of a config, or holds one in a nested field, says `#[keycloak::config(partial)]`)
            the underscore comes by itself: `prefix = "A"` reads `A_REALM` (written like this it would be `A__REALM`)"#]],
    );
}

#[test]
fn vocabulary_has_no_duplicates_and_holds_the_required() {
    use super::options::{ELSEWHERE, OPTIONS, REQUIRED};
    for (index, name) in OPTIONS.iter().enumerate() {
        assert!(!OPTIONS[..index].contains(name), "{name}");
        assert!(!ELSEWHERE.iter().any(|(other, _)| other == name), "{name}");
    }
    assert!(REQUIRED.iter().all(|name| OPTIONS.contains(name)));
}
