//! What was probably meant, where tokens are nearly the language's.
//!
//! No advice may make a policy looser: whoever follows it word by word must not lose a term.

use keycloak_policy::vocabulary::{Kind, Subject, Value};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    ExprPath, Ident, LitStr, Path, Token,
    parse::{ParseStream, Parser as _},
};

use super::text::tokens as text;
use crate::{
    nearest::{did_you_mean, nearest},
    symbol,
};

/// What a list consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Terms,
    Names,
}

impl Of {
    fn plural(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::Names => "names",
        }
    }
}

/// The token between two entries where a comma belongs, or where `any` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
}

impl Joint {
    /// What to write instead of `written`.
    pub(super) fn message(self, written: &TokenStream, of: Of) -> String {
        let written = text(written.clone());
        match (self, of) {
            (Self::And, Of::Terms) => format!(
                "write `,` instead of `{written}`: terms are separated by commas, and every one of \
                 them must hold"
            ),
            (Self::And, Of::Names) => {
                format!("write `,` instead of `{written}`: names are separated by commas")
            }
            (Self::Or, Of::Terms) => format!(
                "`{written}` is written `any(.., ..)`: at least one term of the list must hold"
            ),
            (Self::Or, Of::Names) => format!(
                "`{written}` is written `any[.., ..]`: at least one of the names, which are \
                 separated by commas"
            ),
        }
    }
}

/// The joint that comes next, if one does.
pub(super) fn peek_joint(input: ParseStream<'_>) -> Option<Joint> {
    let word = input.cursor().ident().map(|(word, _)| word);
    let is = |wanted: &str| word.as_ref().is_some_and(|word| word == wanted);
    if input.peek(Token![|]) || input.peek(Token![||]) || is("or") {
        Some(Joint::Or)
    } else if input.peek(Token![;])
        || input.peek(Token![+])
        || input.peek(Token![&])
        || input.peek(Token![&&])
        || is("and")
    {
        Some(Joint::And)
    } else {
        None
    }
}

/// Takes `;`, `+`, `&`, `&&`, `and`, `|`, `||` or `or`.
pub(super) fn joint(input: ParseStream<'_>) -> Option<(Joint, TokenStream)> {
    let joint = peek_joint(input)?;
    let double = input.peek(Token![&&]) || input.peek(Token![||]);
    let mut taken = TokenStream::new();
    for _ in 0..if double { 2 } else { 1 } {
        taken.extend([input.parse::<TokenTree>().ok()?]);
    }
    Some((joint, taken))
}

/// What to say about tokens after a complete entry that are not a joint.
pub(super) fn leftover(rest: &TokenStream, of: Of) -> String {
    let plural = of.plural();
    match rest.clone().into_iter().next() {
        Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => {
            "a comma is missing before this".to_owned()
        }
        _ => format!(
            "unexpected tokens: {plural} are separated by commas, with nothing else between \
             them"
        ),
    }
}

/// What to say about a path where a term belongs.
pub(super) fn path_alone(path: &Path) -> String {
    let written = text(path.to_token_stream());
    let last = path.segments.last().map(|last| last.ident.to_string());
    let constant = last.is_some_and(|last| !last.contains(char::is_lowercase));
    if constant {
        format!(
            "`{written}` alone is not a term: a named policy is written `policy = {written}`, a role \
             `roles = [{written}]`"
        )
    } else if path.get_ident().is_some() {
        format!(
            "`{written}` alone is not a term: a role is written `roles = [\"{written}\"]`, a check \
             `check = {written}`"
        )
    } else {
        format!(
            "`{written}` alone is not a term: a check is written `check = {written}`, a named policy \
             `policy = ..`"
        )
    }
}

/// What to say about a word that is not a key and has neither argument nor value; `None` where it is
/// nearly a key.
pub(super) fn word_alone(word: &Ident) -> Option<String> {
    let written = word.to_string();
    let like_a_key = if written.contains(char::is_lowercase) {
        !nearest(&written, symbol::keys(), 1).is_empty()
    } else {
        symbol::keys().any(|key| key == written.to_lowercase())
    };
    let another = ["or", "one_of", "and", "all_of", symbol::NONE];
    if like_a_key || another.contains(&&*written) {
        return None;
    }
    Some(path_alone(&Path::from(word.clone())))
}

/// What to say about a key that the language does not have.
pub(super) fn unknown_key(name: &str) -> String {
    let hint = match name {
        "or" | "one_of" => " (did you mean `any(..)`?)".to_owned(),
        "and" | "all_of" => " (did you mean `all(..)`?)".to_owned(),
        symbol::NONE => " (did you mean `not(any(..))`?)".to_owned(),
        _ => did_you_mean(&nearest(name, symbol::keys(), 1), '`'),
    };
    let keys: Vec<String> = symbol::keys().map(|key| format!("`{key}`")).collect();
    let keys = keys.join(", ");
    if hint.is_empty() {
        format!("unknown term `{name}`; expected one of {keys}")
    } else {
        format!("unknown term `{name}`{hint}")
    }
}

/// What to say about tokens after a key that are not a value.
pub(super) fn no_equals(key: &Ident, tokens: &TokenStream) -> String {
    let written = key.to_string();
    let key = match nearest(&written, symbol::keys(), 1).as_slice() {
        [key, ..] => *key,
        [] => &written,
    };
    let expected = || format!("expected `=` after `{key}`, as in `{key} = ..`");
    let mut trees = tokens.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Punct(dash)), Some(TokenTree::Ident(rest))) if dash.as_char() == '-' => {
            format!("names have underscores here; write `{written}_{rest}`")
        }
        (Some(TokenTree::Punct(dot)), _) if dot.as_char() == '.' && has_argument(key) => {
            argument_in_parentheses(key, tokens)
        }
        (Some(TokenTree::Punct(colon)), Some(_)) if colon.as_char() == ':' => {
            let value = tokens.clone().into_iter().skip(1).collect();
            format!(
                "write `=` instead of `:`, as in `{key} = {}`",
                value_for(key, &value)
            )
        }
        (Some(TokenTree::Group(group)), _) if group.delimiter() != Delimiter::Parenthesis => {
            if key == symbol::ANY || key == symbol::ALL || key == symbol::NOT {
                format!(
                    "`{key}` takes terms in parentheses: `{key}(roles = [..])`; a set comes \
                     after its key: `roles = any[..]`"
                )
            } else if written == symbol::NONE {
                "a set comes after its key: `roles = none[..]`".to_owned()
            } else if has_argument(key) {
                argument_in_parentheses(key, tokens)
            } else {
                expected()
            }
        }
        _ => expected(),
    }
}

fn has_argument(key: &str) -> bool {
    Kind::of_word(key).is_some_and(|kind| kind.row().subject != Subject::None)
}

/// `claim.a.b = true`, `claim["a.b"] = true`.
fn argument_in_parentheses(key: &str, tokens: &TokenStream) -> String {
    let mut argument = String::new();
    let mut trees = tokens.clone().into_iter();
    for tree in trees.by_ref() {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '=' => break,
            TokenTree::Group(group) => match syn::parse2::<LitStr>(group.stream()) {
                Ok(literal) => argument.push_str(&literal.value()),
                Err(_) => argument.push_str(".."),
            },
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                argument.push_str(&tree.to_string());
            }
        }
    }
    let argument = argument.strip_prefix('.').unwrap_or(&argument);
    let value = value_for(key, &trees.collect());
    format!("`{key}` takes its argument in parentheses: write `{key}({argument:?}) = {value}`")
}

/// The value as `key` takes it.
fn value_for(key: &str, tokens: &TokenStream) -> String {
    let written = text(tokens.clone());
    if written.is_empty() {
        "..".to_owned()
    } else if Kind::of_word(key).is_some_and(|kind| kind.row().value != Value::Flag)
        && syn::parse2::<LitStr>(tokens.clone()).is_ok()
    {
        format!("[{written}]")
    } else {
        written
    }
}

/// The names in what is nearly a set: `("a", "b")`, `{"a"}`, `vec!["a"]`, `&["a"]`.
pub(super) fn names_of(tokens: &TokenStream) -> Option<String> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let group = match trees.as_slice() {
        [TokenTree::Group(group)] => group,
        [TokenTree::Punct(and), TokenTree::Group(group)] if and.as_char() == '&' => group,
        [
            TokenTree::Ident(_),
            TokenTree::Punct(bang),
            TokenTree::Group(group),
        ] if bang.as_char() == '!' => group,
        _ => return None,
    };
    let names = |input: ParseStream<'_>| {
        let mut names = Vec::new();
        while !input.is_empty() {
            names.push(if input.peek(LitStr) {
                input.parse::<LitStr>()?.to_token_stream()
            } else {
                input.parse::<ExprPath>()?.to_token_stream()
            });
            if !input.is_empty() {
                let _: Token![,] = input.parse()?;
            }
        }
        Ok(names)
    };
    let names = names.parse2(group.stream()).ok()?;
    (!names.is_empty()).then(|| list(&names))
}

/// The entries with commas between them.
pub(super) fn list(entries: &[TokenStream]) -> String {
    let entries: Vec<String> = entries.iter().cloned().map(text).collect();
    entries.join(", ")
}

/// What to say about an entry of a set that is not a name.
pub(super) fn no_name(tokens: &TokenStream) -> String {
    let literal = match syn::parse2::<syn::Lit>(tokens.clone()) {
        Ok(syn::Lit::Char(literal)) => Some(literal.value().to_string()),
        Ok(syn::Lit::ByteStr(literal)) => String::from_utf8(literal.value()).ok(),
        Ok(syn::Lit::CStr(literal)) => literal.value().into_string().ok(),
        Ok(_) | Err(_) => None,
    };
    match literal {
        Some(name) => format!("a name is a string literal in double quotes; write {name:?}"),
        None => "expected a string literal or the path of a `const` string".to_owned(),
    }
}
