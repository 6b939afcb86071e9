//! `names_checked!`: a build without a realm export fails.

use proc_macro2::{Span, TokenStream};

use crate::{
    diag::{self, Diagnostics},
    realm::{self, Source, VARIABLE},
    rule::Rule,
};

/// Expands `names_checked!()`.
pub(crate) fn expand(input: &TokenStream) -> TokenStream {
    match diag::collect(|diag| check(input, diag)) {
        Ok(source) => realm::tracking(Some(&source)),
        Err(error) => {
            let mut items = realm::tracking(None);
            items.extend(error.into_compile_error());
            items
        }
    }
}

fn check(input: &TokenStream, diag: &mut Diagnostics) -> Option<Source> {
    if !input.is_empty() {
        let message = "`names_checked!` takes no arguments";
        diag.rule_on(Rule::Syntax, input, message);
        return None;
    }
    let source = realm::source(None, diag);
    let missing = match &source {
        // Mistakes in an export that is named are reported already.
        None if !diag.is_empty() => return None,
        None => format!(
            "`{VARIABLE}` is not set, and no `.cargo/config.toml` of the package's folder or above \
             names a realm export in `[env]`"
        ),
        Some(source) if source.realm.is_silent() => format!(
            "the realm export {:?} has neither roles, clients, groups nor client scopes",
            source.shown
        ),
        Some(_) => return source,
    };
    diag.rule_at(
        Rule::NamesNotChecked,
        Span::call_site(),
        format!(
            "the names in this crate's policies are not checked: {missing}; name an export, as in \
             `{VARIABLE} = {{ value = \"realm.json\", relative = true }}`, or remove \
             `names_checked!()`"
        ),
    );
    None
}
