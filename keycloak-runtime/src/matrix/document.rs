//! Routes from an OpenAPI document.

use utoipa::openapi::OpenApi;

use super::builder::{MatrixBuilder, Route, Target};
use crate::openapi::{identity::WayIn, routes::routes};

impl MatrixBuilder {
    /// Every route of a document, with the prefixes that its handlers are nested under. An
    /// operation with an undeclared handler is a row of its own kind: open to all.
    ///
    /// For an `OpenApiRouter`, take the document that `split_for_parts` gives.
    pub fn document(mut self, document: &OpenApi) -> Self {
        for route in routes(document) {
            let WayIn { guards, handler } = route.way_in;
            let target = match handler {
                Some(handler) => Target::Handler(handler.place.to_string()),
                None if guards.is_empty() => Target::Undeclared(route.operation),
                None => Target::Guarded,
            };
            self.routes.push(Route {
                method: route.method,
                path: route.path,
                guards: guards.iter().filter_map(|guard| guard.policy).collect(),
                target,
            });
        }
        self
    }
}
