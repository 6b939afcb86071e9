//! Terms as written to the model: keys and shapes get their meaning here.
//!
//! Every refusal says what to write instead. A refused term stays in its place as
//! [`TermKind::Invalid`], so that one mistake is one error.

use proc_macro2::{Group, TokenStream};
use quote::ToTokens;
use syn::{ExprPath, Ident, LitStr, parse::Parser as _};

use super::{
    model::{Item, Key, Mode, Model, SetTerm, Term, TermKind},
    parse::{RawItem, RawSet, RawTerm, RawValue},
    text::tokens as text,
};
use crate::{
    diag::Diagnostics,
    nearest::{did_you_mean, nearest},
    rule::Rule,
    spanned::Spanned,
    symbol,
};

/// Gives the terms of one attribute or `policy!` their meaning.
pub(crate) fn lower(raw: Vec<RawTerm>, diag: &mut Diagnostics) -> Model {
    let mut model = Model::default();
    for term in raw {
        if is_option(&term.key) {
            option(term, &mut model, diag);
        } else {
            model.terms.push(lower_term(term, diag));
        }
    }
    model
}

fn is_option(key: &Ident) -> bool {
    key == symbol::OPTIONAL || key == symbol::REALM_EXPORT || key == symbol::CRATE
}

/// `optional`, `realm_export = "…"`, `crate = path`: each at most once.
fn option(term: RawTerm, model: &mut Model, diag: &mut Diagnostics) {
    let RawTerm {
        key,
        argument,
        inner: _,
        value,
    } = term;
    let twice = if key == symbol::OPTIONAL {
        model.optional.is_some()
    } else if key == symbol::REALM_EXPORT {
        model.realm_export.is_some()
    } else {
        model.krate.is_some()
    };
    if twice {
        diag.rule_on(
            Rule::DuplicateKey,
            &key,
            format!("`{key}` is given twice; remove one"),
        );
        return;
    }
    match (argument, value) {
        (_, Some(RawValue::Invalid)) => {}
        (None, None) if key == symbol::OPTIONAL => model.optional = Some(key.span()),
        (None, Some(RawValue::Str(lit))) if key == symbol::REALM_EXPORT => {
            model.realm_export = Some(lit);
        }
        (None, Some(RawValue::Path(path))) if key == symbol::CRATE && is_plain(&path) => {
            model.krate = Some(path.path);
        }
        _ => {
            let usage = if key == symbol::OPTIONAL {
                "`optional` is a word alone: it takes no value"
            } else if key == symbol::REALM_EXPORT {
                "`realm_export` takes the file's path as a string: `realm_export = \"realm.json\"`"
            } else {
                "`crate` takes the path of the runtime crate: `crate = ::keycloak`"
            };
            diag.rule_on(Rule::WrongShape, &key, usage);
        }
    }
}

/// `a::b` without anything else.
pub(crate) fn is_plain(path: &ExprPath) -> bool {
    let ExprPath { attrs, qself, path } = path;
    attrs.is_empty() && qself.is_none() && path.segments.iter().all(|s| s.arguments.is_none())
}

/// One term, at any depth. Never fails: what is refused becomes [`TermKind::Invalid`].
fn lower_term(term: RawTerm, diag: &mut Diagnostics) -> Term {
    let span = term.key.span();
    let kind = term_kind(term, diag).unwrap_or(TermKind::Invalid);
    Term { kind, span }
}

fn term_kind(term: RawTerm, diag: &mut Diagnostics) -> Option<TermKind> {
    let RawTerm {
        key,
        argument,
        inner,
        value,
    } = term;
    if matches!(value, Some(RawValue::Invalid)) {
        return None;
    }
    match key.to_string().as_str() {
        symbol::ROLES => plain_set(&key, Key::Roles, argument, value, diag),
        symbol::REALM_ROLES => plain_set(&key, Key::RealmRoles, argument, value, diag),
        symbol::GROUPS => plain_set(&key, Key::Groups, argument, value, diag),
        symbol::SCOPES => plain_set(&key, Key::Scopes, argument, value, diag),
        symbol::CLIENT_ROLES => client_roles(&key, argument.as_ref(), value, diag),
        symbol::CLAIM => claim(&key, argument, value, diag),
        symbol::POLICY => {
            let example = "a named policy is a path: `policy = ADMINS`, where \
                           `const ADMINS: keycloak::Policy = keycloak::policy!(..);`";
            path_value(&key, argument, value, example, diag).map(TermKind::Policy)
        }
        symbol::CHECK => {
            let example = "a check is the path of a function: `check = path::to::function`, \
                           without arguments";
            path_value(&key, argument, value, example, diag).map(TermKind::Check)
        }
        symbol::REQUIRE => match (argument, value) {
            (None, Some(RawValue::Expr(expr))) => Some(TermKind::Require(expr)),
            (argument, _) => {
                let written = argument.map_or_else(
                    || "user.subject() == id".to_owned(),
                    |group| text(group.stream()),
                );
                let usage = format!("`require` takes an expression: `require = {written}`");
                refuse(diag, &key, usage)
            }
        },
        symbol::ANY | symbol::ALL | symbol::NOT => {
            combination(&key, argument, inner, value.as_ref(), diag)
        }
        name if is_option(&key) => {
            let message = format!("`{name}` is an option; write it beside the terms, not inside");
            diag.rule_on(Rule::OptionPlace, &key, message);
            None
        }
        name => {
            diag.rule_on(Rule::UnknownKey, &key, unknown(name));
            None
        }
    }
}

fn unknown(name: &str) -> String {
    let hint = match name {
        "or" | "one_of" => " (did you mean `any(..)`?)".to_owned(),
        "and" | "all_of" => " (did you mean `all(..)`?)".to_owned(),
        symbol::NONE => " (did you mean `not(any(..))`?)".to_owned(),
        _ => did_you_mean(&nearest(name, symbol::KEYS, 1), '`'),
    };
    let keys = symbol::KEYS.map(|key| format!("`{key}`")).join(", ");
    if hint.is_empty() {
        format!("unknown term `{name}`; expected one of {keys}")
    } else {
        format!("unknown term `{name}`{hint}")
    }
}

fn refuse<T>(diag: &mut Diagnostics, tokens: impl ToTokens, message: String) -> Option<T> {
    diag.rule_on(Rule::WrongShape, tokens, message);
    None
}

fn combination(
    key: &Ident,
    argument: Option<Group>,
    inner: Option<Vec<RawTerm>>,
    value: Option<&RawValue>,
    diag: &mut Diagnostics,
) -> Option<TermKind> {
    let (Some(group), Some(inner), None) = (argument, inner, value) else {
        let set = if key == symbol::NOT { "none" } else { "any" };
        let usage = format!(
            "`{key}` takes terms in parentheses: `{key}(roles = [..])`; in a set it is written \
             `roles = {set}[..]`"
        );
        return refuse(diag, key, usage);
    };
    if group.stream().is_empty() {
        let consequence = if key == symbol::ANY {
            "is empty, so no caller could ever be admitted"
        } else {
            "is empty"
        };
        diag.rule_on(
            Rule::Empty,
            key,
            format!("`{key}()` {consequence}; write its terms inside, or remove it"),
        );
        return None;
    }
    let count = inner.len();
    let mut terms: Vec<Term> = inner.into_iter().map(|t| lower_term(t, diag)).collect();
    if key == symbol::ANY || key == symbol::ALL {
        if terms.is_empty() {
            terms.push(invalid(key));
        }
        return Some(if key == symbol::ANY {
            TermKind::Any(terms)
        } else {
            TermKind::All(terms)
        });
    }
    if count > 1 {
        diag.rule_on(
            Rule::NotTakesOne,
            key,
            "`not` takes exactly one term; write `not(any(..))` to refuse callers for whom one \
             of them holds, or `not(all(..))` to refuse those for whom all of them hold",
        );
        return None;
    }
    let term = terms.pop().unwrap_or_else(|| invalid(key));
    Some(TermKind::Not(Box::new(term)))
}

fn invalid(key: &Ident) -> Term {
    Term {
        kind: TermKind::Invalid,
        span: key.span(),
    }
}

/// `roles`, `realm_roles`, `groups`, `scopes`: a set and nothing else.
fn plain_set(
    key: &Ident,
    meaning: Key,
    argument: Option<Group>,
    value: Option<RawValue>,
    diag: &mut Diagnostics,
) -> Option<TermKind> {
    let value = match (argument, value) {
        (None, Some(value)) => value,
        (None, None) => {
            return refuse(
                diag,
                key,
                format!("`{key}` needs a list: `{key} = [\"..\"]`"),
            );
        }
        (Some(group), None) => {
            let items = text(group.stream());
            let items = if items.is_empty() { "\"..\"" } else { &items };
            return refuse(
                diag,
                key,
                format!("`{key}` is no call; write `{key} = [{items}]`"),
            );
        }
        (Some(group), Some(_)) => {
            let hint = if key == symbol::GROUPS || key == symbol::SCOPES {
                ""
            } else {
                "; the roles of a named client are `client_roles(\"client\") = [..]`"
            };
            return refuse(
                diag,
                &group,
                format!("`{key}` takes no argument; write `{key} = [..]`{hint}"),
            );
        }
    };
    let shown = key.to_string();
    set_value(&shown, meaning, value, diag).map(TermKind::Set)
}

fn client_roles(
    key: &Ident,
    argument: Option<&Group>,
    value: Option<RawValue>,
    diag: &mut Diagnostics,
) -> Option<TermKind> {
    let client = match argument {
        Some(group) => Some(string_argument(key, group, "client-id", diag)?),
        None => None,
    };
    let shown = shown_key(key, client.as_ref());
    let Some(value) = value else {
        return refuse(
            diag,
            key,
            format!("`{shown}` needs a list of roles: `{shown} = [\"..\"]`"),
        );
    };
    set_value(&shown, Key::ClientRoles(client), value, diag).map(TermKind::Set)
}

fn claim(
    key: &Ident,
    argument: Option<Group>,
    value: Option<RawValue>,
    diag: &mut Diagnostics,
) -> Option<TermKind> {
    let Some(group) = argument else {
        return refuse(
            diag,
            key,
            "`claim` names the claim in parentheses: `claim(\"path.to.claim\") = [\"..\"]`"
                .to_owned(),
        );
    };
    let path = string_argument(key, &group, "path.to.claim", diag)?;
    let shown = shown_key(key, Some(&path));
    match value {
        None => refuse(
            diag,
            key,
            format!(
                "`{shown}` needs a value: `{shown} = [\"..\"]` for strings, `{shown} = true` for \
                 a boolean"
            ),
        ),
        Some(RawValue::Bool(lit)) => Some(TermKind::ClaimBool(path, lit.value)),
        Some(value) => set_value(&shown, Key::Claim(path), value, diag).map(TermKind::Set),
    }
}

fn shown_key(key: &Ident, argument: Option<&Spanned<String>>) -> String {
    match argument {
        Some(argument) => format!("{key}({:?})", argument.value),
        None => key.to_string(),
    }
}

/// The one string literal in parentheses.
fn string_argument(
    key: &Ident,
    group: &Group,
    example: &str,
    diag: &mut Diagnostics,
) -> Option<Spanned<String>> {
    let parsed = (|input: syn::parse::ParseStream<'_>| {
        let lit: LitStr = input.parse()?;
        let _: Option<syn::Token![,]> = input.parse()?;
        Ok(lit)
    })
    .parse2(group.stream());
    match parsed {
        Ok(lit) if lit.suffix().is_empty() => Some(Spanned::from_lit(&lit)),
        Ok(_) | Err(_) => refuse(
            diag,
            group,
            format!("`{key}(..)` takes one string literal: `{key}(\"{example}\") = ..`"),
        ),
    }
}

/// `policy = path`, `check = path`.
fn path_value(
    key: &Ident,
    argument: Option<Group>,
    value: Option<RawValue>,
    usage: &str,
    diag: &mut Diagnostics,
) -> Option<ExprPath> {
    match (argument, value) {
        (None, Some(RawValue::Path(path))) => Some(path),
        (_, value) => {
            let tokens = value.as_ref().and_then(value_tokens);
            match tokens {
                Some(tokens) => refuse(diag, tokens, usage.to_owned()),
                None => refuse(diag, key, usage.to_owned()),
            }
        }
    }
}

fn value_tokens(value: &RawValue) -> Option<TokenStream> {
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
        RawValue::Other(tokens) => tokens.clone(),
        RawValue::Invalid => return None,
    })
}

fn set_value(shown: &str, key: Key, value: RawValue, diag: &mut Diagnostics) -> Option<SetTerm> {
    let message = match &value {
        RawValue::Set(_) => String::new(),
        RawValue::Str(lit) => {
            format!(
                "`{shown}` takes a list; write `{shown} = [{}]`",
                text(lit.to_token_stream())
            )
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
        RawValue::Bool(_)
        | RawValue::Expr(_)
        | RawValue::Call(..)
        | RawValue::Other(_)
        | RawValue::Invalid => {
            let or = if matches!(key, Key::Claim(_)) {
                ", `= true` or `= false`"
            } else {
                ""
            };
            format!(
                "`{shown}` takes a list of names; write `{shown} = [\"..\"]`, or `any[..]`, \
                 `none[..]`{or}"
            )
        }
    };
    let RawValue::Set(set) = value else {
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
        RawItem::Str(lit) => refuse(diag, lit, wrong_item()),
        RawItem::Path(path) => refuse(diag, path, wrong_item()),
        RawItem::Other(tokens) => refuse(diag, tokens, wrong_item()),
    }
}

fn wrong_item() -> String {
    "expected a string literal or the path of a `const` string".to_owned()
}
