//! `OpenApiRouter` inside `Keycloak::guarded`: the document says what the guard asks for.
//!
//! Each operation that is in the router carries the guards around it; nesting and merging keep
//! that, because it is part of the operation.

use utoipa_axum::router::OpenApiRouter;

use super::{identity::Known, operation, walk::operations_mut};
use crate::enforce::{
    GuardLayer,
    guarded::{GuardedRouter, sealed::Behind},
};

impl<S> GuardedRouter for OpenApiRouter<S> where S: Clone + Send + Sync + 'static {}

impl<S> Behind for OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn behind(mut self, guard: GuardLayer) -> Self {
        let known = Known::now();
        let declared = guard.declaration();
        for (path, item) in &mut self.get_openapi_mut().paths.paths {
            for (method, operation) in operations_mut(item) {
                operation::put_behind(operation, (method, path), &declared, &known);
            }
        }
        self.layer(guard)
    }
}
