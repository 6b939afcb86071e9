//! From arguments to the model: names become typed slots, duplicates and unknown names are
//! reported.

use proc_macro2::Span;
use syn::{Attribute, Expr, ExprLit, ExprUnary, ItemStruct, Lit, Path, UnOp, ext::IdentExt};

use super::{
    model::{DefaultValue, Field, Model, Role},
    options::{ELSEWHERE, OPTIONS, is_option},
    parse::{self, Arg},
};
use crate::{
    diag::Diagnostics,
    nearest::{did_you_mean, nearest},
    policy,
    spanned::Spanned,
};

const STRUCT_ARGUMENTS: &[&str] = &["prefix", "partial", "crate"];
const FIELD_ARGUMENTS: &[&str] = &["default", "env", "nested", "prefix"];

/// The model of `item` annotated with `args`; `krate` is what `crate = ..` resolved to.
pub(crate) fn lower(
    args: Vec<Arg>,
    mut item: ItemStruct,
    krate: &Path,
    diag: &mut Diagnostics,
) -> Model {
    let mut prefix = Slot::new();
    let mut partial = Slot::new();
    let mut explicit = Slot::new();
    for arg in args {
        match arg.name.to_string().as_str() {
            "prefix" => prefix.set(&arg, expect_string(&arg, diag), diag),
            "partial" => partial.set(&arg, flag(&arg, diag), diag),
            "crate" => explicit.set(&arg, crate_path(&arg, diag), diag),
            _ => unknown_argument(&arg, STRUCT_ARGUMENTS, diag),
        }
    }
    let fields = item
        .fields
        .iter_mut()
        .filter_map(|field| lower_field(field, diag))
        .collect();
    Model {
        krate: krate.clone(),
        item,
        prefix: prefix.value,
        partial: partial.value.is_some(),
        fields,
    }
}

fn lower_field(field: &mut syn::Field, diag: &mut Diagnostics) -> Option<Field> {
    let ident = field.ident.clone()?;
    let name = ident.unraw().to_string();
    let (ours, others): (Vec<_>, Vec<_>) = field.attrs.drain(..).partition(parse::is_ours);
    field.attrs = others;
    let cfgs = field
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .cloned()
        .collect();

    let mut args = FieldArgs::new(&ours, diag);
    let env = args.env.value.take();
    let role = match args.nested.value {
        Some(()) => Role::Nested(args.prefix.value.take()),
        None if is_option(&name) => Role::Setting,
        None => {
            if env.is_none() {
                unknown_field(&ident, &name, diag);
            }
            Role::Own
        }
    };
    if let Some(prefix) = args.prefix.value {
        diag.at(
            prefix.span,
            "`prefix` on a field goes with `nested` only; \
             for a single variable write `env = \"FULL_NAME\"`",
        );
    }
    Some(Field {
        ident,
        name,
        ty: field.ty.clone(),
        cfgs,
        env,
        default: args.default.value,
        role,
    })
}

/// The arguments of one field.
struct FieldArgs {
    default: Slot<DefaultValue>,
    env: Slot<Spanned<String>>,
    nested: Slot<()>,
    prefix: Slot<Spanned<String>>,
}

impl FieldArgs {
    fn new(attrs: &[Attribute], diag: &mut Diagnostics) -> Self {
        let mut all = Self {
            default: Slot::new(),
            env: Slot::new(),
            nested: Slot::new(),
            prefix: Slot::new(),
        };
        for attr in attrs {
            for arg in parse::field_args(attr, diag) {
                match arg.name.to_string().as_str() {
                    "default" => all.default.set(&arg, default(&arg, diag), diag),
                    "env" => all.env.set(&arg, expect_string(&arg, diag), diag),
                    "nested" => all.nested.set(&arg, flag(&arg, diag), diag),
                    "prefix" => all.prefix.set(&arg, expect_string(&arg, diag), diag),
                    _ => unknown_argument(&arg, FIELD_ARGUMENTS, diag),
                }
            }
        }
        all
    }
}

/// A place for one argument that may be written once.
struct Slot<T> {
    value: Option<T>,
    written: bool,
}

impl<T> Slot<T> {
    fn new() -> Self {
        Self {
            value: None,
            written: false,
        }
    }

    fn set(&mut self, arg: &Arg, value: Option<T>, diag: &mut Diagnostics) {
        if self.written {
            diag.at(
                arg.span(),
                format!("`{}` is written twice; keep one of them", arg.name),
            );
            return;
        }
        self.written = true;
        self.value = value;
    }
}

fn expect_string(arg: &Arg, diag: &mut Diagnostics) -> Option<Spanned<String>> {
    if let Some(Expr::Lit(ExprLit {
        lit: Lit::Str(lit), ..
    })) = &arg.value
    {
        return Some(Spanned::from_lit(lit));
    }
    expected(arg, &format!("`{} = \"..\"`", arg.name), diag);
    None
}

fn flag(arg: &Arg, diag: &mut Diagnostics) -> Option<()> {
    if arg.value.is_none() {
        return Some(());
    }
    expected(arg, &format!("`{}` without a value", arg.name), diag);
    None
}

fn crate_path(arg: &Arg, diag: &mut Diagnostics) -> Option<()> {
    if let Some(Expr::Path(path)) = &arg.value
        && policy::is_plain(path)
    {
        return Some(());
    }
    expected(arg, "`crate = ::path`", diag);
    None
}

fn default(arg: &Arg, diag: &mut Diagnostics) -> Option<DefaultValue> {
    let Some(value) = &arg.value else {
        expected(arg, "`default = value`", diag);
        return None;
    };
    Some(match literal_text(value) {
        Some((text, span)) => DefaultValue::Text(Spanned::new(text, span)),
        None => DefaultValue::Value(value.clone()),
    })
}

/// The text of a literal as the variable would hold it; `None` for any other expression.
fn literal_text(value: &Expr) -> Option<(String, Span)> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => {
            let text = match lit {
                Lit::Str(lit) => lit.value(),
                Lit::Int(lit) => lit.base10_digits().to_owned(),
                Lit::Float(lit) => lit.base10_digits().to_owned(),
                Lit::Bool(lit) => lit.value.to_string(),
                Lit::Char(lit) => lit.value().to_string(),
                _ => return None,
            };
            Some((text, lit.span()))
        }
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(minus),
            expr,
            ..
        }) => literal_text(expr).map(|(text, _)| (format!("-{text}"), minus.span)),
        _ => None,
    }
}

fn expected(arg: &Arg, form: &str, diag: &mut Diagnostics) {
    let message = format!("expected {form}");
    match &arg.value {
        Some(value) => diag.on(value, message),
        None => diag.at(arg.span(), message),
    }
}

fn unknown_argument(arg: &Arg, known: &[&str], diag: &mut Diagnostics) {
    let name = arg.name.unraw().to_string();
    let suggestion = did_you_mean(&nearest(&name, known.iter().copied(), 1), '`');
    let known = known
        .iter()
        .map(|known| format!("`{known}`"))
        .collect::<Vec<_>>()
        .join(", ");
    diag.at(
        arg.span(),
        format!("unknown argument `{name}`{suggestion}; expected {known}"),
    );
}

fn unknown_field(ident: &syn::Ident, name: &str, diag: &mut Diagnostics) {
    if let Some((_, instead)) = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == name) {
        diag.at(
            ident.span(),
            format!("`{name}` cannot be a field: {instead}"),
        );
        return;
    }
    let suggestion = did_you_mean(&nearest(name, OPTIONS.iter().copied(), 2), '`');
    let variable = name.to_uppercase();
    diag.at(
        ident.span(),
        format!(
            "`{name}` is not an option of Keycloak{suggestion}; a field of the application's own \
             names its variable, `#[keycloak(env = \"{variable}\")]`, and a nested config is \
             marked `#[keycloak(nested)]`"
        ),
    );
}
