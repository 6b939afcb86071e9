//! The routes of a document and the handlers behind them, for the access matrix.

use utoipa::openapi::OpenApi;

use super::{
    operation::{id, id_of},
    walk::operations,
};
use crate::manifest::Entry;

/// A route of a document.
pub(crate) struct DocumentRoute {
    /// In upper case.
    pub(crate) method: String,
    /// With the prefixes of routers that the handler is nested in.
    pub(crate) path: String,
    /// utoipa's name for it; by default the function's.
    pub(crate) operation: String,
    id: Option<String>,
}

impl DocumentRoute {
    /// Whether this entry's handler serves the route.
    pub(crate) fn is_served_by(&self, entry: &Entry) -> bool {
        self.id.as_deref() == Some(id(entry.module_path(), entry.handler()).as_str())
    }
}

pub(crate) fn routes(document: &OpenApi) -> Vec<DocumentRoute> {
    let mut routes = Vec::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            routes.push(DocumentRoute {
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                operation: operation.operation_id.clone().unwrap_or_default(),
                id: id_of(operation).map(str::to_owned),
            });
        }
    }
    routes
}
