//! Routes from an OpenAPI document.

use utoipa::openapi::OpenApi;

use super::builder::{MatrixBuilder, Route, Target};
use crate::{
    manifest::{Kind, policies},
    openapi::routes::routes,
};

impl MatrixBuilder {
    /// Every route of a document, with the prefixes that its handlers are nested under. An
    /// operation whose handler nobody declared is a row of its own kind: open to everybody.
    ///
    /// For an `OpenApiRouter`, take the document that `split_for_parts` gives.
    pub fn document(mut self, document: &OpenApi) -> Self {
        let manifest = policies();
        for route in routes(document) {
            let mut entries = manifest.iter();
            let entry =
                entries.find(|entry| entry.kind() != Kind::Router && route.is_served_by(entry));
            let target = match entry {
                Some(entry) => Target::Handler(entry.place()),
                None => Target::Undeclared(route.operation),
            };
            self.routes.push(Route {
                method: route.method,
                path: route.path,
                target,
            });
        }
        self
    }
}
