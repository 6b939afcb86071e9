//! Where generated code finds the runtime crate.
//!
//! Order: the `crate = path` argument, then the name the user's `Cargo.toml` gives to the package
//! `keycloak-runtime`, then `::keycloak`. The package's library is called `keycloak`, so an
//! unrenamed dependency, which `proc-macro-crate` reports by its package name, is `::keycloak`.

use proc_macro_crate::FoundCrate;
use proc_macro2::Span;
use quote::quote;
use syn::{Ident, Path};

const PACKAGE: &str = "keycloak-runtime";
const UNRENAMED: &str = "keycloak_runtime";
const LIBRARY: &str = "keycloak";

/// The path of the runtime crate for code generated here.
pub(crate) fn resolve(explicit: Option<&Path>) -> Path {
    if let Some(path) = explicit {
        return path.clone();
    }
    // A package that does not name the dependency reaches it through another crate and then
    // needs `crate = ..`; rustc's "unresolved crate" says so better than we could.
    let name = match proc_macro_crate::crate_name(PACKAGE) {
        Ok(FoundCrate::Name(name)) if name != UNRENAMED => name,
        Ok(_) | Err(_) => LIBRARY.to_owned(),
    };
    absolute(&name)
}

fn absolute(name: &str) -> Path {
    let name =
        syn::parse_str::<Ident>(name).unwrap_or_else(|_| Ident::new(LIBRARY, Span::call_site()));
    let path = quote!(::#name);
    syn::parse2(path).unwrap_or_else(|_| Path::from(name))
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn explicit_path_wins() {
        let path: Path = syn::parse_quote!(::kc);
        assert_eq!(resolve(Some(&path)), path);
    }

    #[test]
    fn a_name_becomes_an_absolute_path() {
        assert_eq!(absolute("kc").to_token_stream().to_string(), ":: kc");
        assert_eq!(
            absolute("not a name").to_token_stream().to_string(),
            ":: keycloak"
        );
    }
}
