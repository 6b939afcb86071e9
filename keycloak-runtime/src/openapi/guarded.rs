//! `OpenApiRouter` behind `Keycloak::guarded`: the document says what the guard asks for.
//!
//! Each operation that is in the router carries the guards around it, outermost first; nesting and
//! merging keep that, because it is part of the operation.

use utoipa_axum::router::OpenApiRouter;

use super::{operation, walk::operations_mut};
use crate::middleware::{
    GuardLayer,
    guarded::{GuardedRouter, sealed::Behind},
};

impl<S> GuardedRouter for OpenApiRouter<S> where S: Clone + Send + Sync + 'static {}

impl<S> Behind for OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn behind(mut self, guard: GuardLayer) -> Self {
        let (policy, place) = guard.declared();
        let document = self.get_openapi_mut();
        for operation in document.paths.paths.values_mut().flat_map(operations_mut) {
            operation::guard(operation, policy, place);
        }
        self.layer(guard)
    }
}
