//! `policy!`: a policy as a constant expression.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    crate_path, diag,
    policy::{self, check::Place, emit},
};

/// Expands `policy!(input)`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut krate = None;
    let checked = diag::collect(|diag| {
        let model = policy::read(input, Place::Macro, diag);
        krate.clone_from(&model.krate);
        Some(model)
    });
    let krate = crate_path::resolve(krate.as_ref());
    let (errors, emitted) = match checked {
        Ok(model) if model.optional.is_some() => (None, emit::optional()),
        Ok(model) => (
            None,
            emit::policy(&model.terms, model.realm.as_ref(), &krate),
        ),
        Err(error) => (Some(error.into_compile_error()), emit::nobody()),
    };
    let emit::Emitted {
        value,
        items,
        tracking,
        requires: _,
    } = emitted;
    quote!({
        #errors
        #tracking
        #items
        const __KEYCLOAK_POLICY: #krate::__private::Policy = {
            #[allow(unused_imports)]
            use #krate::__private::terms::*;
            #value
        };
        __KEYCLOAK_POLICY
    })
}
