//! Checks the model and changes nothing: one function per rule.

use super::{
    model::{Field, Model, Role},
    options::{OPTIONS, REQUIRED},
};
use crate::{diag::Diagnostics, nearest::nearest, spanned::Spanned};

/// Applies every rule.
pub(crate) fn check(model: &Model, diag: &mut Diagnostics) {
    check_generics(model, diag);
    check_required(model, diag);
    check_prefixes(model, diag);
    check_variables(model, diag);
    check_nested(model, diag);
    check_secret_defaults(model, diag);
}

fn check_generics(model: &Model, diag: &mut Diagnostics) {
    if !model.item.generics.params.is_empty() {
        diag.on(
            &model.item.generics,
            "a config struct takes no generics: its values come from the environment",
        );
    }
}

fn check_required(model: &Model, diag: &mut Diagnostics) {
    if model.partial {
        return;
    }
    // A field that was reported with the required name as suggestion is that field, misspelt.
    let stands_for = |field: &Field, required: &str| match field.role {
        Role::Setting => field.name == required,
        Role::Own => {
            field.env.is_none() && nearest(&field.name, OPTIONS.iter().copied(), 1) == [required]
        }
        Role::Nested(_) => false,
    };
    let missing: Vec<String> = REQUIRED
        .iter()
        .filter(|required| !model.fields.iter().any(|field| stands_for(field, required)))
        .map(|required| match *required {
            "server_url" => "`server_url: keycloak::Url`".to_owned(),
            name => format!("`{name}: String`"),
        })
        .collect();
    if !missing.is_empty() {
        diag.at(
            model.item.ident.span(),
            format!(
                "`{}` lacks {}; without them no Keycloak can be built (a struct that is only a \
                 part of a config, or holds one in a nested field, says \
                 `#[keycloak::config(partial)]`)",
                model.item.ident,
                missing.join(", "),
            ),
        );
    }
}

fn check_prefixes(model: &Model, diag: &mut Diagnostics) {
    if let Some(prefix) = &model.prefix {
        check_prefix(prefix, diag);
    }
    for field in &model.fields {
        if let Role::Nested(Some(prefix)) = &field.role {
            check_prefix(prefix, diag);
        }
    }
}

fn check_prefix(prefix: &Spanned<String>, diag: &mut Diagnostics) {
    let text = &prefix.value;
    let bare = text.trim_end_matches('_');
    if bare.is_empty() {
        diag.at(
            prefix.span,
            "an empty prefix would read variables like `REALM`, which other programs set, too; \
             write a name, or leave `prefix` out for `KEYCLOAK`",
        );
    } else if bare.len() < text.len() {
        diag.at(
            prefix.span,
            format!(
                "the underscore comes by itself: `prefix = \"{bare}\"` reads `{bare}_REALM` \
                 (written like this it would be `{text}_REALM`)"
            ),
        );
    } else if !is_variable_name(text) {
        diag.at(prefix.span, not_a_name(text));
    }
}

fn check_variables(model: &Model, diag: &mut Diagnostics) {
    for env in model.fields.iter().filter_map(|field| field.env.as_ref()) {
        if !is_variable_name(&env.value) {
            diag.at(env.span, not_a_name(&env.value));
        }
    }
}

/// The portable names of POSIX.1 (section 8.1), lower case included: what every shell can set.
fn is_variable_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn not_a_name(text: &str) -> String {
    format!(
        "`{}` cannot be part of an environment variable's name; \
         use ASCII letters, digits and `_`, not starting with a digit",
        text.escape_debug()
    )
}

fn check_nested(model: &Model, diag: &mut Diagnostics) {
    for field in &model.fields {
        if !matches!(field.role, Role::Nested(_)) {
            continue;
        }
        if let Some(env) = &field.env {
            diag.at(
                env.span,
                "a nested config reads several variables; \
                 write `env` at its own fields, or `nested, prefix = \"..\"` here",
            );
        }
        if let Some(default) = &field.default {
            diag.at(
                default.span(),
                "a nested config has no default of its own; write `default` at its fields",
            );
        }
    }
}

/// By name and by the last segment of the type; for an alias of `Secret` the runtime refuses the
/// default at the first start.
fn check_secret_defaults(model: &Model, diag: &mut Diagnostics) {
    for field in &model.fields {
        let Some(default) = &field.default else {
            continue;
        };
        if field.name == "client_secret" || is_secret(&field.ty) {
            diag.at(
                default.span(),
                "a secret must not be in the source code; \
                 leave `default` out and set the variable, or its `_FILE` variant",
            );
        }
    }
}

fn is_secret(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else {
        return false;
    };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    if last.ident == "Secret" {
        return true;
    }
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    last.ident == "Option"
        && arguments.args.iter().any(|argument| match argument {
            syn::GenericArgument::Type(ty) => is_secret(ty),
            _ => false,
        })
}
