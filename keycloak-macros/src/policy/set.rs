//! Sets as written to the model: the value after the `=` of a key that takes names.

use keycloak_policy::vocabulary::Value;
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::Ident;

use super::{
    lower::refuse,
    model::{Item, Key, Mode, SetTerm},
    near_miss::{self, Joint},
    parse::{Joined, RawItem, RawSet, RawValue},
    text::tokens as text,
};
use crate::{
    diag::Diagnostics,
    nearest::{did_you_mean, nearest},
    rule::Rule,
    spanned::Spanned,
    symbol,
};

/// The value as it was written.
pub(super) fn value_tokens(value: &RawValue) -> Option<TokenStream> {
    Some(match value {
        RawValue::Set(set) => {
            let RawSet {
                mode,
                group,
                items: _,
            } = set;
            let mut tokens = mode.to_token_stream();
            group.to_tokens(&mut tokens);
            tokens
        }
        RawValue::Str(lit) => lit.to_token_stream(),
        RawValue::Bool(lit) => lit.to_token_stream(),
        RawValue::Path(path) => path.to_token_stream(),
        RawValue::Expr(expr) => expr.to_token_stream(),
        RawValue::Call(word, group) => {
            let mut tokens = word.to_token_stream();
            group.to_tokens(&mut tokens);
            tokens
        }
        RawValue::Joined(joined) => joined.tokens.clone(),
        RawValue::Other(tokens) => tokens.clone(),
        RawValue::Invalid => return None,
    })
}

/// The set of the key `shown`.
pub(super) fn set_value(
    shown: &str,
    key: Key,
    value: RawValue,
    diag: &mut Diagnostics,
) -> Option<SetTerm> {
    let RawValue::Set(set) = value else {
        let message = no_set(shown, &key, &value);
        return refuse(diag, value_tokens(&value), message);
    };
    let RawSet {
        mode: word,
        group,
        items,
    } = set;
    let mode = match &word {
        None => Mode::Bare,
        Some(word) => match mode(word) {
            Some(mode) => mode,
            None => return refuse(diag, word, unknown_mode(word)),
        },
    };
    if group.stream().is_empty() {
        let message = match mode {
            Mode::Any => format!("`{shown}` is empty, so no caller could ever be admitted"),
            Mode::Bare | Mode::All | Mode::None => {
                format!("`{shown}` is empty, so it asks nothing")
            }
        };
        let message = format!("{message}; name what is asked for, or remove the term");
        diag.rule_on(Rule::Empty, &group, message);
        return None;
    }
    let items = items.into_iter().filter_map(|item| lower_item(item, diag));
    let items: Vec<Item> = items.collect();
    if items.is_empty() {
        return None;
    }
    let span = word.map_or_else(|| group.span(), |word| word.span());
    Some(SetTerm {
        key,
        mode,
        items,
        span,
    })
}

/// What to write instead of `value`, which is not a set.
fn no_set(shown: &str, key: &Key, value: &RawValue) -> String {
    match value {
        RawValue::Str(lit) => {
            format!(
                "`{shown}` takes a list; write `{shown} = [{}]`",
                text(lit.to_token_stream())
            )
        }
        RawValue::Path(path) if path.path.get_ident().and_then(mode).is_some() => {
            let word = text(path.to_token_stream());
            format!("the names go into `{word}[..]`; write `{shown} = {word}[\"..\"]`")
        }
        RawValue::Joined(Joined {
            by,
            values,
            tokens: _,
        }) => {
            let word = match by {
                Joint::And => "",
                Joint::Or => symbol::ANY,
            };
            let names = near_miss::list(values);
            format!("`{shown}` takes a list; write `{shown} = {word}[{names}]`")
        }
        RawValue::Path(path) => {
            format!(
                "`{shown}` takes a list; write `{shown} = [{}]`",
                text(path.to_token_stream())
            )
        }
        RawValue::Call(word, group) if mode(word).is_some() || word == symbol::NOT => {
            let word = if word == symbol::NOT {
                symbol::NONE.to_owned()
            } else {
                word.to_string()
            };
            let mut items = text(group.stream());
            // `any(["a"])` means the same.
            if let Some(inner) = items.strip_prefix('[').and_then(|s| s.strip_suffix(']')) {
                items = inner.to_owned();
            }
            format!("a set is written with brackets; write `{shown} = {word}[{items}]`")
        }
        RawValue::Set(_)
        | RawValue::Bool(_)
        | RawValue::Expr(_)
        | RawValue::Call(..)
        | RawValue::Other(_)
        | RawValue::Invalid => {
            let tokens = value_tokens(value);
            if let Some(names) = tokens.as_ref().and_then(near_miss::names_of) {
                return format!("`{shown}` takes a list in brackets; write `{shown} = [{names}]`");
            }
            let or = if key.kind.row().value == Value::SetOrFlag {
                ", `= true` or `= false`"
            } else {
                ""
            };
            format!(
                "`{shown}` takes a list of names; write `{shown} = [\"..\"]`, or `any[..]`, \
                 `none[..]`{or}"
            )
        }
    }
}

fn mode(word: &Ident) -> Option<Mode> {
    match word.to_string().as_str() {
        symbol::ALL => Some(Mode::All),
        symbol::ANY => Some(Mode::Any),
        symbol::NONE => Some(Mode::None),
        _ => None,
    }
}

fn unknown_mode(word: &Ident) -> String {
    let written = word.to_string();
    let hint = match written.as_str() {
        symbol::NOT | "no" | "not_any" => " (did you mean `none[..]`?)".to_owned(),
        "some" | "one" | "one_of" | "or" => " (did you mean `any[..]`?)".to_owned(),
        _ => did_you_mean(
            &nearest(&written, [symbol::ALL, symbol::ANY, symbol::NONE], 1),
            '`',
        ),
    };
    format!(
        "unknown kind of set `{written}[..]`{hint}; a set is `[..]` or `all[..]` (all of them), \
         `any[..]` or `none[..]`"
    )
}

fn lower_item(item: RawItem, diag: &mut Diagnostics) -> Option<Item> {
    match item {
        RawItem::Str(lit) if lit.suffix().is_empty() => {
            Some(Item::Literal(Spanned::from_lit(&lit)))
        }
        RawItem::Path(path) if path.attrs.is_empty() => Some(Item::Constant(path)),
        RawItem::Str(lit) => wrong_item(lit.into_token_stream(), diag),
        RawItem::Path(path) => wrong_item(path.into_token_stream(), diag),
        RawItem::Other(tokens) => wrong_item(tokens, diag),
    }
}

fn wrong_item(tokens: TokenStream, diag: &mut Diagnostics) -> Option<Item> {
    let message = near_miss::no_name(&tokens);
    refuse(diag, tokens, message)
}
