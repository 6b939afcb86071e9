//! Ties a compilation to the export: whatever happens to the variable or the file, the crate is
//! compiled, and its policies checked, again.

use std::{
    collections::HashSet,
    env,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitStr;

use super::VARIABLE;

/// Items that rustc records as dependencies. The file's bytes stay in an unused constant and so
/// out of the binary; once for each crate, because rustc would read the file each time.
pub(crate) fn tracking(file: Option<&Path>) -> TokenStream {
    let mut items = quote! {
        const _: ::core::option::Option<&'static str> = ::core::option_env!(#VARIABLE);
    };
    if let Some(path) = file
        && first_time(path)
        && let Some(path) = path.to_str()
    {
        let path = LitStr::new(path, Span::call_site());
        items.extend(quote! {
            const _: &[u8] = ::core::include_bytes!(#path);
        });
    }
    items
}

/// A crate by name, and a file it was tied to.
type Seen = (Option<String>, PathBuf);

fn first_time(path: &Path) -> bool {
    static SEEN: Mutex<Option<HashSet<Seen>>> = Mutex::new(None);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let krate = env::var("CARGO_CRATE_NAME").ok();
    seen.get_or_insert_default()
        .insert((krate, path.to_owned()))
}
