//! Ties a compilation to the export: whatever happens to the variable or the file, the crate is
//! compiled, and its policies checked, again.

use std::{
    cell::RefCell,
    collections::HashSet,
    env,
    path::{Path, PathBuf},
};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitStr;

use super::{Source, VARIABLE};

/// Items that rustc records as dependencies, once for each crate: it would read the files each
/// time. Their bytes stay in unused constants and so out of the binary.
pub(crate) fn tracking(source: Option<&Source>) -> TokenStream {
    let mut items = TokenStream::new();
    if first_time(None) {
        items.extend(quote! {
            const _: ::core::option::Option<&'static str> = ::core::option_env!(#VARIABLE);
        });
    }
    for path in source.iter().flat_map(|source| &source.files) {
        if first_time(Some(path))
            && let Some(path) = path.to_str()
        {
            let path = LitStr::new(path, Span::call_site());
            items.extend(quote! {
                const _: &[u8] = ::core::include_bytes!(#path);
            });
        }
    }
    items
}

/// A crate by name, and what it was tied to: a file, or the variable.
type Seen = (Option<String>, Option<PathBuf>);

thread_local! {
    /// The compiler expands a crate's macros on one thread. Where a tool uses several, each ties
    /// the crate again, which does no harm.
    static SEEN: RefCell<HashSet<Seen>> = RefCell::default();
}

fn first_time(path: Option<&Path>) -> bool {
    let krate = env::var("CARGO_CRATE_NAME").ok();
    SEEN.with_borrow_mut(|seen| seen.insert((krate, path.map(Path::to_owned))))
}
