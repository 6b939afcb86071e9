//! Tokens to terms: the grammar only, without any meaning.
//!
//! Never fails: unreadable tokens are reported, and reading goes on after the next comma.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, ExprPath, Ident, LitBool, LitStr, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
    token::{Bracket, Paren},
};

use super::near_miss::{self, Joint, Of};
use crate::{diag::Diagnostics, rule::Rule, symbol};

/// `key`, `key = value`, `key(..)` or `key(..) = value`.
#[derive(Debug)]
pub(crate) struct RawTerm {
    pub(crate) key: Ident,
    /// The parentheses after the key.
    pub(crate) argument: Option<Group>,
    /// The terms in these parentheses, for `any`, `all` and `not`.
    pub(crate) inner: Option<Vec<Self>>,
    pub(crate) value: Option<RawValue>,
}

/// The value after `=`.
#[derive(Debug)]
pub(crate) enum RawValue {
    Set(RawSet),
    Str(LitStr),
    Bool(LitBool),
    Path(ExprPath),
    Expr(Box<Expr>),
    /// `word(..)`, where a set was meant.
    Call(Ident, Group),
    /// `"a" | "b"`: values where one belongs.
    Joined(Joined),
    /// Something else that is not empty.
    Other(TokenStream),
    /// Reported already.
    Invalid,
}

/// `[..]` or `word[..]`.
#[derive(Debug)]
pub(crate) struct RawSet {
    pub(crate) mode: Option<Ident>,
    pub(crate) group: Group,
    pub(crate) items: Vec<RawItem>,
}

/// Values with joints between them, all of one kind.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(super) by: Joint,
    pub(super) values: Vec<TokenStream>,
    pub(super) tokens: TokenStream,
}

/// One entry of a set.
#[derive(Debug)]
pub(crate) enum RawItem {
    Str(LitStr),
    Path(ExprPath),
    Other(TokenStream),
}

/// Reads a list of terms.
pub(crate) fn terms(tokens: TokenStream, diag: &mut Diagnostics) -> Vec<RawTerm> {
    separated(tokens, Of::Terms, diag, term)
}

/// Reads entries separated by commas; `entry` returns `None` for one it has reported.
fn separated<T>(
    tokens: TokenStream,
    of: Of,
    diag: &mut Diagnostics,
    entry: impl Fn(ParseStream<'_>, &mut Diagnostics) -> Option<T>,
) -> Vec<T> {
    let mut entries = Vec::new();
    let mut errors = Vec::new();
    let result = (|input: ParseStream<'_>| {
        while !input.is_empty() {
            if input.peek(Token![,]) {
                let comma: Token![,] = input.parse()?;
                errors.push((
                    comma.into_token_stream(),
                    "there is nothing before this comma; remove it".to_owned(),
                ));
                continue;
            }
            entries.extend(entry(input, diag));
            if let Some((joint, written)) = near_miss::joint(input) {
                let message = joint.message(&written, of);
                errors.push((written, message));
                if joint == Joint::And && resumes(input, of) {
                    continue;
                }
                until_comma(input);
            } else if !input.is_empty() && !input.peek(Token![,]) {
                let rest = until_comma(input);
                let message = near_miss::leftover(&rest, of);
                errors.push((rest, message));
            }
            if !input.is_empty() {
                let _: Token![,] = input.parse()?;
            }
        }
        Ok(())
    })
    .parse2(tokens);
    for (tokens, message) in errors {
        diag.rule_on(Rule::Syntax, tokens, message);
    }
    diag.ok(result);
    entries
}

/// Whether the tokens after a joint are the next entry, so that they are read, too.
fn resumes(input: ParseStream<'_>, of: Of) -> bool {
    match of {
        Of::Terms => input.peek(Ident::peek_any) && (input.peek2(Token![=]) || input.peek2(Paren)),
        Of::Names => input.peek(LitStr) || path_starts(input),
    }
}

/// Takes everything up to the next comma of this level.
fn until_comma(input: ParseStream<'_>) -> TokenStream {
    let mut taken = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(tree) => taken.extend([tree]),
            Err(_) => break,
        }
    }
    taken
}

fn term(input: ParseStream<'_>, diag: &mut Diagnostics) -> Option<RawTerm> {
    if input.peek(Token![::]) || (input.peek(Ident::peek_any) && input.peek2(Token![::])) {
        let path: ExprPath = diag.ok(input.parse())?;
        let message = near_miss::path_alone(&path.path);
        let mut tokens = path.into_token_stream();
        if near_miss::peek_joint(input).is_none() {
            tokens.extend(until_comma(input));
        }
        diag.rule_on(Rule::Syntax, tokens, message);
        return None;
    }
    if !input.peek(Ident::peek_any) {
        let tokens = until_comma(input);
        let message = not_a_term(&tokens);
        diag.rule_on(Rule::Syntax, tokens, message);
        return None;
    }
    let key = diag.ok(Ident::parse_any(input))?;
    let mut argument = None;
    let mut inner = None;
    if input.peek(Paren) {
        let group: Group = diag.ok(input.parse())?;
        if key == symbol::ANY || key == symbol::ALL || key == symbol::NOT {
            inner = Some(terms(group.stream(), diag));
        }
        argument = Some(group);
    }
    let value = if input.peek(Token![==]) {
        let tokens = until_comma(input);
        diag.rule_on(Rule::Syntax, tokens, format!("write one `=`: `{key} = ..`"));
        Some(RawValue::Invalid)
    } else if input.peek(Token![=]) {
        let equals: Token![=] = diag.ok(input.parse())?;
        Some(if input.is_empty() || input.peek(Token![,]) {
            diag.rule_on(Rule::Syntax, equals, format!("`{key} =` has no value"));
            RawValue::Invalid
        } else {
            value(&key, input, diag)
        })
    } else if ends(input) {
        None
    } else {
        let tokens = until_comma(input);
        let message = near_miss::no_equals(&key, &tokens);
        diag.rule_on(Rule::Syntax, tokens, message);
        Some(RawValue::Invalid)
    };
    Some(RawTerm {
        key,
        argument,
        inner,
        value,
    })
}

/// What to say about tokens that begin no term.
fn not_a_term(tokens: &TokenStream) -> &'static str {
    match tokens.clone().into_iter().next() {
        Some(TokenTree::Literal(_)) => {
            "a bare name is not a term: say what it names, as in `roles = [\"..\"]`, \
             `groups = [\"..\"]` or `scopes = [\"..\"]`"
        }
        Some(TokenTree::Punct(punct)) if punct.as_char() == '!' => {
            "negation is written `not(..)`, or `none[..]` for a set"
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            "parentheses need a word before them: `all(..)` or `any(..)`"
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            "a bare list is not a term: say what it lists, as in `roles = [..]`"
        }
        _ => "expected a term, such as `roles = [\"..\"]` or `any(..)`",
    }
}

fn value(key: &Ident, input: ParseStream<'_>, diag: &mut Diagnostics) -> RawValue {
    if key == symbol::REQUIRE {
        let written = input.fork();
        return match input.parse::<Expr>() {
            Ok(expr) => RawValue::Expr(Box::new(expr)),
            Err(error) => {
                let message =
                    format!("`require` takes a Rust expression that yields `bool`: {error}");
                // Where the expression ends too early, the error is about all of it.
                if input.is_empty() {
                    diag.rule_on(Rule::Syntax, until_comma(&written), message);
                } else {
                    until_comma(input);
                    diag.rule_at(Rule::Syntax, error.span(), message);
                }
                RawValue::Invalid
            }
        };
    }
    read_value(input, diag).unwrap_or_else(|| {
        let tokens = until_comma(input);
        RawValue::Other(tokens)
    })
}

/// One of the shapes a value may have; `None` for anything else, with `input` where it was.
fn read_value(input: ParseStream<'_>, diag: &mut Diagnostics) -> Option<RawValue> {
    let word = input.peek(Ident::peek_any);
    if input.peek(Bracket) || (word && input.peek2(Bracket)) {
        let mode = if word {
            Some(Ident::parse_any(input).ok()?)
        } else {
            None
        };
        let group: Group = input.parse().ok()?;
        let items = items(group.stream(), diag);
        return Some(RawValue::Set(RawSet { mode, group, items }));
    }
    if word && input.peek2(Paren) {
        let word = Ident::parse_any(input).ok()?;
        return Some(RawValue::Call(word, input.parse().ok()?));
    }
    // A value is a shape only when it ends where the term ends.
    let ahead = input.fork();
    let value = if ahead.peek(LitStr) {
        RawValue::Str(ahead.parse().ok()?)
    } else if ahead.peek(LitBool) {
        RawValue::Bool(ahead.parse().ok()?)
    } else if path_starts(&ahead) {
        RawValue::Path(ahead.parse().ok()?)
    } else {
        return None;
    };
    if !ends(&ahead) {
        return None;
    }
    if let Some(joined) = joined(input) {
        return Some(joined);
    }
    syn::parse::discouraged::Speculative::advance_to(input, &ahead);
    Some(value)
}

/// Whether an entry ends here. Behind a joint another one begins.
fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,]) || near_miss::peek_joint(input).is_some()
}

/// `"a" | "b"`, but not `policy = A | roles = ["b"]`, which are terms; `None` leaves `input` as it
/// was.
fn joined(input: ParseStream<'_>) -> Option<RawValue> {
    let mut values = Vec::new();
    let mut joints = Vec::new();
    let mut tokens = TokenStream::new();
    let ahead = input.fork();
    loop {
        let value = if ahead.peek(LitStr) {
            ahead.parse::<LitStr>().ok()?.into_token_stream()
        } else if !ahead.peek(LitBool) && path_starts(&ahead) {
            ahead.parse::<ExprPath>().ok()?.into_token_stream()
        } else {
            return None;
        };
        if !ends(&ahead) {
            return None;
        }
        tokens.extend(value.clone());
        values.push(value);
        let Some((joint, written)) = near_miss::joint(&ahead) else {
            break;
        };
        tokens.extend(written);
        joints.push(joint);
    }
    let by = joints.first().copied()?;
    syn::parse::discouraged::Speculative::advance_to(input, &ahead);
    Some(if joints.iter().all(|joint| *joint == by) {
        RawValue::Joined(Joined { by, values, tokens })
    } else {
        RawValue::Other(tokens)
    })
}

fn path_starts(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) || input.peek(Token![::]) || input.peek(Token![<])
}

fn items(tokens: TokenStream, diag: &mut Diagnostics) -> Vec<RawItem> {
    separated(tokens, Of::Names, diag, |input, _| {
        Some(read_item(input).unwrap_or_else(|| RawItem::Other(until_comma(input))))
    })
}

fn read_item(input: ParseStream<'_>) -> Option<RawItem> {
    let ahead = input.fork();
    let item = if ahead.peek(LitStr) {
        RawItem::Str(ahead.parse().ok()?)
    } else if !ahead.peek(LitBool) && path_starts(&ahead) {
        RawItem::Path(ahead.parse().ok()?)
    } else {
        return None;
    };
    // `"a" "b"` is a missing comma, which the list reports; `f("a")` is not an item at all.
    if !(ends(&ahead) || ahead.peek(LitStr)) {
        return None;
    }
    syn::parse::discouraged::Speculative::advance_to(input, &ahead);
    Some(item)
}
