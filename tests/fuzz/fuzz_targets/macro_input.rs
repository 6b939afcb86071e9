//! The macros on random tokens: they never panic, and they expand or report.
//!
//! A procedural macro cannot be called from outside, so its modules are compiled in here.

#![no_main]
#![allow(dead_code, unused_imports, reason = "the macro crate's modules, not all of them used")]

extern crate proc_macro;

use libfuzzer_sys::fuzz_target;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

#[path = "../../../keycloak-macros/src/config/mod.rs"]
mod config;
#[path = "../../../keycloak-macros/src/crate_path.rs"]
mod crate_path;
#[path = "../../../keycloak-macros/src/diag.rs"]
mod diag;
#[path = "../../../keycloak-macros/src/fallback.rs"]
mod fallback;
#[path = "../../../keycloak-macros/src/handler.rs"]
mod handler;
#[path = "../../../keycloak-macros/src/inject.rs"]
mod inject;
#[path = "../../../keycloak-macros/src/names_checked.rs"]
mod names_checked;
#[path = "../../../keycloak-macros/src/nearest.rs"]
mod nearest;
#[path = "../../../keycloak-macros/src/policy/mod.rs"]
mod policy;
#[path = "../../../keycloak-macros/src/policy_macro.rs"]
mod policy_macro;
#[path = "../../../keycloak-macros/src/protected/mod.rs"]
mod protected;
#[path = "../../../keycloak-macros/src/public.rs"]
mod public;
#[path = "../../../keycloak-macros/src/realm/mod.rs"]
mod realm;
#[path = "../../../keycloak-macros/src/resolved.rs"]
mod resolved;
#[path = "../../../keycloak-macros/src/rule.rs"]
mod rule;
#[path = "../../../keycloak-macros/src/spanned.rs"]
mod spanned;
#[path = "../../../keycloak-macros/src/symbol.rs"]
mod symbol;

/// The words that get furthest into the grammar.
const WORDS: [&str; 40] = [
    "roles", "realm_roles", "client_roles", "groups", "scopes", "claim", "policy", "check",
    "require", "any", "all", "not", "none", "optional", "realm_export", "crate", "true", "false",
    "user", "async", "fn", "pub", "impl", "self", "Self", "struct", "enum", "const", "mod", "where",
    "String", "Option", "u64", "T", "x", "protected", "public", "keycloak", "default", "env",
];

const STRINGS: [&str; 12] = [
    "admin", "user", "", " ", "/ops", "/eng/**", "ops/", "a b", "read:all", "x.y", "\u{e9}", "*",
];

/// Tokens out of bytes: words, strings, punctuation, and groups as deep as the input says.
struct Source<'a> {
    bytes: std::slice::Iter<'a, u8>,
    left: usize,
}

impl Source<'_> {
    fn tokens(&mut self, depth: usize) -> TokenStream {
        let mut out = Vec::new();
        while self.left > 0 {
            self.left -= 1;
            let Some(&byte) = self.bytes.next() else {
                break;
            };
            let token = match byte {
                0..=9 => break,
                10..=89 => word(WORDS[usize::from(byte - 10) % WORDS.len()]),
                90..=139 => {
                    let text = STRINGS[usize::from(byte - 90) % STRINGS.len()];
                    TokenTree::from(Literal::string(text))
                }
                140..=149 => Literal::u64_unsuffixed(u64::from(byte)).into(),
                150..=199 => {
                    let punctuation = ['=', ',', ':', '#', '!', '&', '<', '>', '.', ';'];
                    let c = punctuation[usize::from(byte - 150) % punctuation.len()];
                    let spacing = if byte % 3 == 0 { Spacing::Joint } else { Spacing::Alone };
                    Punct::new(c, spacing).into()
                }
                200.. if depth < 12 => {
                    let delimiter = match byte % 3 {
                        0 => Delimiter::Parenthesis,
                        1 => Delimiter::Bracket,
                        _ => Delimiter::Brace,
                    };
                    Group::new(delimiter, self.tokens(depth + 1)).into()
                }
                200.. => continue,
            };
            out.push(token);
        }
        out.into_iter().collect()
    }
}

fn word(text: &str) -> TokenTree {
    Ident::new(text, Span::call_site()).into()
}

/// The expansion reports, or is Rust. A half-typed body is passed on as it is, for rustc to report:
/// of an item that is no Rust, only that nothing panics is asked.
fn judge(macro_name: &str, item: &TokenStream, output: TokenStream) {
    let text = output.to_string();
    let reports = text.contains("compile_error");
    if !reports && syn::parse2::<syn::File>(item.clone()).is_ok() {
        assert!(
            syn::parse2::<syn::File>(output.clone()).is_ok()
                || syn::parse2::<syn::Expr>(output).is_ok(),
            "{macro_name} gave neither an error nor Rust: {text}"
        );
    }
}

fn run(args: &TokenStream, item: &TokenStream) {
    judge("protected", item, protected::expand(args.clone(), item));
    judge("public", item, public::expand(args.clone(), item));
    judge("policy", &TokenStream::new(), policy_macro::expand(args.clone()));
    judge("config", item, config::expand(args.clone(), item.clone()));
}

fuzz_target!(|data: &[u8]| {
    // The text as it is, on a good handler and on itself.
    let handler: TokenStream = "async fn handler(user: User, id: u64) -> String { body }"
        .parse()
        .expect("a handler");
    if let Ok(text) = str::from_utf8(data)
        && let Ok(tokens) = text.parse::<TokenStream>()
    {
        run(&tokens, &handler);
        run(&TokenStream::new(), &tokens);
    }
    // Tokens out of the bytes.
    let mut source = Source {
        bytes: data.iter(),
        left: 400,
    };
    let args = source.tokens(0);
    let item = source.tokens(0);
    run(&args, &handler);
    run(&args, &item);
});
