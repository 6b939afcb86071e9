//! The routes of a document and their handlers, for the access matrix.

use utoipa::openapi::OpenApi;

use super::{
    identity::{Identity, Known, WayIn},
    walk::operations,
};

/// A route of a document.
pub(crate) struct DocumentRoute {
    /// In upper case.
    pub(crate) method: String,
    /// With the prefixes of routers that the handler is nested in.
    pub(crate) path: String,
    /// utoipa's name for it; by default the function's.
    #[cfg(feature = "matrix")]
    pub(crate) operation: String,
    /// The policies before it.
    pub(crate) way_in: WayIn,
}

pub(crate) fn routes(document: &OpenApi) -> Vec<DocumentRoute> {
    let known = Known::now();
    let mut routes = Vec::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            routes.push(DocumentRoute {
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                #[cfg(feature = "matrix")]
                operation: operation.operation_id.clone().unwrap_or_default(),
                way_in: known.way_in(&Identity::of(method, path, operation)),
            });
        }
    }
    routes
}
