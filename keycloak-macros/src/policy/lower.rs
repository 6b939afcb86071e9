//! Terms as written to the model: keys and shapes get their meaning here.
//!
//! Every refusal says what to write instead. A refused term stays in its place as
//! [`TermKind::Invalid`], so that one mistake is one error.

use keycloak_policy::vocabulary::{Kind, Row, Subject, Value};
use proc_macro2::Group;
use quote::ToTokens;
use syn::{ExprPath, Ident, LitStr, parse::Parser as _};

use super::{
    model::{Key, Model, Term, TermKind},
    near_miss::{self, Joint},
    parse::{Joined, RawTerm, RawValue},
    set::{set_value, value_tokens},
    text,
};
use crate::{diag::Diagnostics, rule::Rule, spanned::Spanned, symbol};

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
    let word = key.to_string();
    if let Some(kind) = Kind::of_word(&word) {
        return question(&key, kind.row(), argument, value, diag);
    }
    match word.as_str() {
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
                    |group| text::tokens(group.stream()),
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
            let alone = argument.is_none() && value.is_none();
            match alone.then(|| near_miss::word_alone(&key)).flatten() {
                Some(message) => diag.rule_on(Rule::Syntax, &key, message),
                None => diag.rule_on(Rule::UnknownKey, &key, near_miss::unknown_key(name)),
            }
            None
        }
    }
}

/// Reports a value of the wrong shape.
pub(super) fn refuse<T>(
    diag: &mut Diagnostics,
    tokens: impl ToTokens,
    message: String,
) -> Option<T> {
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

/// A term of the vocabulary: its subject and its value, as its row says.
fn question(
    key: &Ident,
    row: &'static Row,
    argument: Option<Group>,
    value: Option<RawValue>,
    diag: &mut Diagnostics,
) -> Option<TermKind> {
    let subject = match (row.subject, argument) {
        (Subject::None | Subject::Client, None) => None,
        (Subject::Client, Some(group)) => Some(string_argument(key, &group, "client-id", diag)?),
        (Subject::ClaimPath, Some(group)) => {
            Some(string_argument(key, &group, "path.to.claim", diag)?)
        }
        (Subject::ClaimPath, None) => {
            let usage = format!(
                "`{key}` names the claim in parentheses: `{key}(\"path.to.claim\") = [\"..\"]`"
            );
            return refuse(diag, key, usage);
        }
        (Subject::None, Some(group)) => {
            return no_argument(key, row, &group, value.is_some(), diag);
        }
    };
    let asked = Key {
        kind: row.kind,
        subject,
    };
    let shown = text::key(&asked);
    match (row.value, value) {
        (Value::Set, None) => {
            let usage = format!("`{shown}` needs a list: `{shown} = [\"..\"]`");
            refuse(diag, key, usage)
        }
        (Value::SetOrFlag, None) => {
            let usage = format!(
                "`{shown}` needs a value: `{shown} = [\"..\"]` for strings, `{shown} = true` for \
                 a boolean"
            );
            refuse(diag, key, usage)
        }
        (Value::Flag, None) => {
            let usage = format!("`{shown}` needs a value: `{shown} = true` or `{shown} = false`");
            refuse(diag, key, usage)
        }
        (Value::Flag | Value::SetOrFlag, Some(RawValue::Bool(lit))) => {
            Some(TermKind::Flag(asked, lit.value))
        }
        (Value::Flag, Some(value)) => {
            let usage = format!("`{shown}` takes `true` or `false`: `{shown} = true`");
            refuse(diag, value_tokens(&value), usage)
        }
        (Value::Set | Value::SetOrFlag, Some(value)) => {
            set_value(&shown, asked, value, diag).map(TermKind::Set)
        }
    }
}

/// `roles("admin")`, `roles("api") = ["admin"]`.
fn no_argument(
    key: &Ident,
    row: &Row,
    group: &Group,
    has_value: bool,
    diag: &mut Diagnostics,
) -> Option<TermKind> {
    if !has_value {
        let items = text::tokens(group.stream());
        let items = if items.is_empty() { "\"..\"" } else { &items };
        let value = match row.value {
            Value::Flag => "true".to_owned(),
            Value::Set | Value::SetOrFlag => format!("[{items}]"),
        };
        let usage = format!("`{key}` does not take parentheses; write `{key} = {value}`");
        return refuse(diag, key, usage);
    }
    let value = match row.value {
        Value::Flag => "true",
        Value::Set | Value::SetOrFlag => "[..]",
    };
    let hint = if row.lookup.is_roles() {
        "; the roles of a named client are `client_roles(\"client\") = [..]`"
    } else {
        ""
    };
    let usage = format!("`{key}` takes no argument; write `{key} = {value}`{hint}");
    refuse(diag, group, usage)
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
            let usage = match &value {
                Some(RawValue::Joined(joined)) => &joined_terms(key, joined),
                _ => usage,
            };
            match tokens {
                Some(tokens) => refuse(diag, tokens, usage.to_owned()),
                None => refuse(diag, key, usage.to_owned()),
            }
        }
    }
}

/// `policy = A | B`.
fn joined_terms(key: &Ident, joined: &Joined) -> String {
    let Joined {
        by,
        values,
        tokens: _,
    } = joined;
    let terms = values.iter().cloned();
    let terms: Vec<String> = terms
        .map(|v| format!("{key} = {}", text::tokens(v)))
        .collect();
    let terms = terms.join(", ");
    match by {
        Joint::And => format!("`{key}` takes one path; write `{terms}`"),
        Joint::Or => format!("`{key}` takes one path; write `any({terms})`"),
    }
}
