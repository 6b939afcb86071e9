//! Grammar of the attribute and of the item; it knows no names and no meaning.
//!
//! An argument that does not parse is reported, and parsing goes on after the next comma.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, Ident, Item, ItemStruct, Meta, Path, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use crate::diag::Diagnostics;

/// `name` or `name = value`.
pub(crate) struct Arg {
    /// The name as written.
    pub(crate) name: Ident,
    /// The value after `=`, if there is one.
    pub(crate) value: Option<Expr>,
}

impl Arg {
    /// Where an error about the whole argument points to.
    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }
}

/// Comma separated arguments.
pub(crate) fn args(tokens: TokenStream, diag: &mut Diagnostics) -> Vec<Arg> {
    recovering(tokens, |error| diag.push(error))
}

fn recovering(tokens: TokenStream, mut report: impl FnMut(syn::Error)) -> Vec<Arg> {
    let mut args = Vec::new();
    let parsed = (|input: ParseStream<'_>| {
        while !input.is_empty() {
            match arg(input) {
                Ok(arg) => args.push(arg),
                Err(error) => {
                    report(error);
                    skip_to_comma(input)?;
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    })
    .parse2(tokens);
    if let Err(error) = parsed {
        report(error);
    }
    args
}

fn arg(input: ParseStream<'_>) -> syn::Result<Arg> {
    let name = Ident::parse_any(input)?;
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        Some(ungrouped(input.parse()?))
    } else {
        None
    };
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Arg { name, value });
    }
    Err(input.error(format!(
        "expected `{name}` or `{name} = value`, then a comma"
    )))
}

/// Without the invisible delimiters around the tokens of a `macro_rules!` variable.
fn ungrouped(mut value: Expr) -> Expr {
    while let Expr::Group(group) = value {
        value = *group.expr;
    }
    value
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The `crate = path` argument. Reports nothing: [`args`] does, on the same tokens; the fallback
/// needs the path even where the rest is wrong.
pub(crate) fn crate_argument(tokens: TokenStream) -> Option<Path> {
    let args = recovering(tokens, drop);
    args.into_iter()
        .filter(|arg| arg.name == "crate")
        .find_map(|arg| match arg.value? {
            Expr::Path(path) => Some(path.path),
            _ => None,
        })
}

/// The struct with named fields that has the attribute.
pub(crate) fn item(tokens: TokenStream, diag: &mut Diagnostics) -> Option<ItemStruct> {
    const EXPECTED: &str = "#[keycloak::config] goes on a struct with named fields: \
        `struct Auth { server_url: keycloak::Url, realm: String, client_id: String }`";
    match diag.ok(syn::parse2::<Item>(tokens))? {
        Item::Struct(item) if matches!(item.fields, syn::Fields::Named(_)) => Some(item),
        Item::Struct(item) => {
            diag.on(&item.ident, EXPECTED);
            None
        }
        other => {
            diag.on(other, EXPECTED);
            None
        }
    }
}

/// Whether the attribute is ours.
pub(crate) fn is_ours(attr: &Attribute) -> bool {
    attr.path().is_ident("keycloak")
}

/// The arguments of a field's `#[keycloak(..)]`.
pub(crate) fn field_args(attr: &Attribute, diag: &mut Diagnostics) -> Vec<Arg> {
    match &attr.meta {
        Meta::List(list) => args(list.tokens.clone(), diag),
        other => {
            diag.on(
                other,
                "expected `#[keycloak(default = .., env = \"..\", nested)]`",
            );
            Vec::new()
        }
    }
}
