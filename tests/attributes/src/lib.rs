//! An attribute as applications put on their handlers: it remembers the first page.

use proc_macro::{Delimiter, TokenStream, TokenTree};

/// Answers every call with the first answer, as `#[cached]` does without a key; of a `Result` only
/// with an `Ok`, as `#[cached(result = true)]` does. For functions whose pages are `String`s.
#[proc_macro_attribute]
pub fn remembers(_: TokenStream, item: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = item.into_iter().collect();
    let body = match trees.pop() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => body,
        _ => panic!("a function"),
    };
    let fallible = trees.iter().any(|tree| tree.to_string() == "Result");
    let source = if fallible {
        "{
            static FIRST: ::std::sync::OnceLock<String> = ::std::sync::OnceLock::new();
            if let Some(first) = FIRST.get() {
                return Ok(first.clone());
            }
            let answer = async move __BODY.await;
            if let Ok(page) = &answer {
                let _ = FIRST.set(page.clone());
            }
            answer
        }"
    } else {
        "{
            static FIRST: ::std::sync::OnceLock<String> = ::std::sync::OnceLock::new();
            if let Some(first) = FIRST.get() {
                return first.clone();
            }
            let page: String = async move __BODY.await;
            FIRST.get_or_init(|| page).clone()
        }"
    };
    let wrapped: TokenStream = source.parse().expect("it is Rust");
    trees.extend(filled(wrapped, &TokenTree::Group(body)));
    trees.into_iter().collect()
}

/// `__BODY` replaced by the body.
fn filled(tokens: TokenStream, body: &TokenTree) -> TokenStream {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(ident) if ident.to_string() == "__BODY" => body.clone(),
            TokenTree::Group(group) => {
                let inner = filled(group.stream(), body);
                TokenTree::Group(proc_macro::Group::new(group.delimiter(), inner))
            }
            other => other,
        })
        .collect()
}

/// An attribute of the name of one of ours, as an access control crate may have it: does nothing.
#[proc_macro_attribute]
pub fn public(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// The same as [`remembers`], with the name of axum's attribute that only describes a handler.
#[proc_macro_attribute]
pub fn debug_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    remembers(arguments, item)
}

/// Makes an associated function of a method: its arguments are gone.
#[proc_macro_attribute]
pub fn associated(_: TokenStream, item: TokenStream) -> TokenStream {
    item.into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                TokenTree::Group(proc_macro::Group::new(
                    Delimiter::Parenthesis,
                    TokenStream::new(),
                ))
            }
            other => other,
        })
        .collect()
}
