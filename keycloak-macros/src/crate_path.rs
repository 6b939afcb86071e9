//! Where generated code finds the runtime crate.
//!
//! Order: the `crate = path` argument, then the name the user's `Cargo.toml` gives to the package
//! `keycloak-runtime`, then `::keycloak`. The package's library is called `keycloak`, so an
//! unrenamed dependency, which `proc-macro-crate` reports by its package name, is `::keycloak`.

use proc_macro_crate::FoundCrate;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
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

/// `path` as if it were written where `at` is: an error about the generated code shows the user's tokens.
pub(crate) fn located(path: &Path, at: Span) -> TokenStream {
    relocate(path.to_token_stream(), here(at))
}

/// The place of `at` with the name resolution of generated code.
pub(crate) fn here(at: Span) -> Span {
    Span::call_site().located_at(at)
}

fn relocate(tokens: TokenStream, span: Span) -> TokenStream {
    let trees = tokens.into_iter().map(|mut tree| {
        if let TokenTree::Group(group) = &tree {
            let inner = relocate(group.stream(), span);
            tree = TokenTree::Group(Group::new(group.delimiter(), inner));
        }
        tree.set_span(span);
        tree
    });
    trees.collect()
}

fn absolute(name: &str) -> Path {
    let name =
        syn::parse_str::<Ident>(name).unwrap_or_else(|_| Ident::new(LIBRARY, Span::call_site()));
    let path = quote!(::#name);
    syn::parse2(path).unwrap_or_else(|_| Path::from(name))
}

#[cfg(test)]
mod tests {
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
