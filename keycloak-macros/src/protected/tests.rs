//! Expansions as snapshots, and that no input panics or compiles unguarded.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "small numbers of the test's own"
)]

use expect_test::{ExpectFile, expect_file};
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

use crate::{policy_macro, protected, public};

/// The expansion as a formatted file; `crate = ::kc` keeps it the same wherever the test runs.
#[track_caller]
fn snapshot(tokens: TokenStream, expected: &ExpectFile) {
    let file = syn::parse2(tokens).expect("an expansion is valid Rust");
    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn terms() {
    let args = quote!(
        roles = ["admin", names::EDITOR],
        any(groups = any["ops", "/eng/**"], not(realm_roles = ["guest"])),
        client_roles("api") = none["banned"],
        claim("a.b") = ["x"],
        claim("email_verified") = true,
        policy = ADMINS,
        check = checks::on_call,
        crate = ::kc
    );
    let item = quote! {
        /// Documented.
        #[cfg(feature = "admin")]
        pub(crate) async fn r#match<T: Send>(Path(id): Path<u64>) -> impl IntoResponse {
            body(id).await
        }
    };
    snapshot(
        protected::expand(args, &item),
        &expect_file!["snapshots/terms.rs"],
    );
}

#[test]
fn require() {
    let args = quote!(
        any(roles = ["admin"], require = user.subject() == id),
        crate = ::kc
    );
    let item = quote! {
        async fn page(user: User, Path(id): Path<String>) -> Result<impl IntoResponse, Error> {
            let page = load(id).await?;
            Ok(page)
        }
    };
    snapshot(
        protected::expand(args, &item),
        &expect_file!["snapshots/require.rs"],
    );
}

#[test]
fn impl_block() {
    let args = quote!(roles = ["staff"], crate = ::kc);
    let item = quote! {
        impl<T> Api<T> {
            const LIMIT: usize = 1;
            async fn list() {}
            #[keycloak::protected(groups = ["ops"])]
            pub async fn one() {}
            #[public]
            async fn health() {}
            fn method(&self) -> usize {
                1
            }
        }
    };
    snapshot(
        protected::expand(args, &item),
        &expect_file!["snapshots/impl_block.rs"],
    );
}

#[test]
fn public_handler() {
    let item = quote! { pub async fn health() -> &'static str { "ok" } };
    snapshot(
        public::expand(quote!(crate = ::kc), &item),
        &expect_file!["snapshots/public.rs"],
    );
}

#[test]
fn policy_expression() {
    let value = policy_macro::expand(quote!(roles = ["admin"], crate = ::kc));
    snapshot(
        quote!(const ADMINS: Policy = #value;),
        &expect_file!["snapshots/policy.rs"],
    );
}

#[test]
fn optional() {
    let item = quote! { async fn page(user: Option<User>) {} };
    snapshot(
        protected::expand(quote!(optional, crate = ::kc), &item),
        &expect_file!["snapshots/optional.rs"],
    );
}

#[test]
fn a_refused_handler_keeps_a_guard_that_admits_nobody() {
    let item = quote! { async fn page() {} };
    snapshot(
        protected::expand(quote!(role = ["admin"], roles = [], crate = ::kc), &item),
        &expect_file!["snapshots/refused.rs"],
    );
}

#[test]
fn the_guard_shares_the_first_of_sixteen_arguments() {
    let arguments = (0..16).map(|n| quote::format_ident!("a{n}"));
    let item = quote! { async fn many(#(#arguments: u8),*) {} };
    let tokens = protected::expand(quote!(crate = ::kc), &item).to_string();
    assert!(
        tokens.contains("(:: kc :: __private :: Guard { .. } , a0)"),
        "{tokens}"
    );
}

/// Xorshift: the cases are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    /// Words of the language in any order, nested at random.
    fn soup(&mut self, depth: usize) -> TokenStream {
        const WORDS: [&str; 24] = [
            "roles",
            "realm_roles",
            "client_roles",
            "groups",
            "scopes",
            "claim",
            "policy",
            "check",
            "require",
            "any",
            "all",
            "none",
            "not",
            "optional",
            "crate",
            "user",
            "true",
            "fn",
            "async",
            "impl",
            "self",
            "pub",
            "let",
            "where",
        ];
        const TEXTS: [&str; 10] = ["a", "b", "", " ", "/a", "/a/**", "/", "a b", "a.b", "\\"];
        (0..self.below(7))
            .map(|_| -> TokenTree {
                match self.below(12) {
                    0..=3 => Ident::new(WORDS[self.below(WORDS.len())], Span::call_site()).into(),
                    4 | 5 => Literal::string(TEXTS[self.below(TEXTS.len())]).into(),
                    6 => Literal::u8_unsuffixed(7).into(),
                    7 => Punct::new('=', Spacing::Alone).into(),
                    8 => Punct::new(',', Spacing::Alone).into(),
                    9 => {
                        let all = [':', '!', '&', '|', '.', '<', '>', '-', '#', '?'];
                        let spacing = [Spacing::Alone, Spacing::Joint][self.below(2)];
                        Punct::new(all[self.below(all.len())], spacing).into()
                    }
                    _ => {
                        let delimiters = [
                            Delimiter::Parenthesis,
                            Delimiter::Bracket,
                            Delimiter::Brace,
                            Delimiter::None,
                        ];
                        let inner = if depth == 0 {
                            TokenStream::new()
                        } else {
                            self.soup(depth - 1)
                        };
                        Group::new(delimiters[self.below(4)], inner).into()
                    }
                }
            })
            .collect()
    }
}

#[test]
fn no_token_stream_panics() {
    let cases = if cfg!(debug_assertions) {
        3_000
    } else {
        300_000
    };
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let handler = quote! { async fn handler(a: u8) -> u8 { a } };
    let block = |inner: TokenStream| quote! { impl Api { #inner } };
    for case in 0..cases {
        let soup = random.soup(3);
        for tokens in [
            protected::expand(soup.clone(), &handler.clone()),
            protected::expand(quote!(roles = ["a"]), &soup.clone()),
            protected::expand(soup.clone(), &block(handler.clone())),
            protected::expand(TokenStream::new(), &block(soup.clone())),
            public::expand(soup.clone(), &handler.clone()),
            public::expand(TokenStream::new(), &soup.clone()),
        ] {
            let text = tokens.to_string();
            let guarded = text.contains("Guard");
            let refused = text.contains("compile_error");
            // An `impl` block without handlers has nothing to guard.
            let nothing_to_guard = text.contains("impl") && !text.contains("async fn");
            assert!(
                guarded || refused || nothing_to_guard,
                "{case}: {soup} -> {text}"
            );
        }
        let policy = policy_macro::expand(soup.clone()).to_string();
        assert!(policy.contains("__KEYCLOAK_POLICY"), "{case}: {soup}");
    }
}
