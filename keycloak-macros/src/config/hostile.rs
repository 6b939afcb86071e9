//! Random input: the macro never panics, and either refuses or expands to code that parses.

use proc_macro2::TokenStream;
use proptest::{collection::vec, prelude::*, sample::select};

const WORDS: &[&str] = &[
    "prefix",
    "partial",
    "crate",
    "default",
    "env",
    "nested",
    "realm",
    "r#type",
    "self",
    "fn",
    "struct",
    "where",
    "=",
    "=",
    "=",
    ",",
    ",",
    ",",
    "::",
    "-",
    "!",
    "#",
    "<",
    ">",
    "?",
    "..",
    "\"A\"",
    "\"A_\"",
    "\"\"",
    "\"a b\"",
    "'c'",
    "7",
    "1.5",
    "-3",
    "true",
    "b\"x\"",
    "(1)",
    "[a]",
    "{ x }",
    "(\"A\", = 1)",
    "::kc",
    "std::mem::size_of::<u8>()",
    "|x| x",
];

const NAMES: &[&str] = &[
    "server_url",
    "realm",
    "client_id",
    "client_secret",
    "leeway",
    "relam",
    "dangerous",
    "own",
    "r#realm",
    "r#match",
    "_",
];

const TYPES: &[&str] = &[
    "String",
    "Option<Secret>",
    "Vec<String>",
    "[u8; 3]",
    "&'static str",
    "fn() -> u8",
    "(u8, u8)",
    "dyn Fn()",
    "!",
    "",
];

fn soup() -> impl Strategy<Value = String> {
    vec(select(WORDS), 0..10).prop_map(|words| words.join(" "))
}

fn fields() -> impl Strategy<Value = String> {
    let field = (soup(), select(NAMES), select(TYPES))
        .prop_map(|(soup, name, ty)| format!("#[keycloak({soup})] {name}: {ty},"));
    vec(field, 0..6).prop_map(|fields| fields.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 2_000 } else { 200_000 }))]

    #[test]
    fn refuses_or_expands(args in soup(), fields in fields(), whole in soup(), keep in any::<bool>()) {
        let item = if keep { format!("struct Auth {{ {fields} }}") } else { whole };
        let (Ok(args), Ok(item)) = (args.parse::<TokenStream>(), item.parse::<TokenStream>()) else {
            return Ok(());
        };
        let tokens = super::expand(args, item);
        let text = tokens.to_string();
        if text.contains("compile_error") {
            return Ok(());
        }
        prop_assert!(text.contains("Config for"), "{text}");
        prop_assert!(syn::parse2::<syn::File>(tokens).is_ok(), "{text}");
    }
}
