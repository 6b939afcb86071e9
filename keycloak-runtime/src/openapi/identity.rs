//! What ties an operation to declarations: the ids of its handler and of the guards around it.
//!
//! They are in the operation while an application is put together, so that nesting and merging keep
//! them, and are for the audit and the matrix, not for readers: [`Scheme`](super::Scheme) takes
//! them out of the document and notes here what it took, so that a document can still be audited.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use utoipa::openapi::{OpenApi, path::Operation};

use super::walk::operations_mut;
use crate::{
    policy::declaration::{Declaration, Kind, Place, declarations},
    policy::term::Policy,
};

/// The extension that holds the handler's id.
const HANDLER: &str = "x-keycloak-handler";

/// The extension that holds the ids of the guards, outermost first.
const GUARDS: &str = "x-keycloak-guards";

/// The ids of an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) handler: Option<String>,
    /// Outermost first.
    pub(crate) guards: Vec<String>,
}

/// Method and operation id, and the paths that they were seen at.
type Taken = HashMap<(String, String), Vec<(String, Identity)>>;

/// What was taken out of documents.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

impl Identity {
    /// Of an operation in a document, whether the ids are still in it or not.
    pub(crate) fn of(method: &str, path: &str, operation: &Operation) -> Self {
        let own = Self::in_(operation);
        if own != Self::default() {
            return own;
        }
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (method.to_owned(), operation_id(operation).to_owned());
        let seen = taken.as_ref().and_then(|taken| taken.get(&key));
        let seen = seen.map_or(&[][..], Vec::as_slice);
        // The document may have been nested in another one since.
        let found = seen.iter().find(|(at, _)| at == path).or_else(|| {
            let mut nested = seen.iter().filter(|(at, _)| path.ends_with(at.as_str()));
            nested.next().filter(|_| nested.next().is_none())
        });
        found.map(|(_, ids)| ids.clone()).unwrap_or_default()
    }

    fn in_(operation: &Operation) -> Self {
        let get = |name| operation.extensions.as_ref()?.get(name);
        let guards = get(GUARDS).and_then(|guards| guards.as_array());
        let guards = guards.into_iter().flatten();
        Self {
            handler: get(HANDLER).and_then(|id| id.as_str()).map(str::to_owned),
            guards: guards
                .filter_map(|id| Some(id.as_str()?.to_owned()))
                .collect(),
        }
    }
}

/// Says in an operation which handler it is of.
pub(super) fn note_handler(operation: &mut Operation, place: Place) {
    let extensions = operation.extensions.get_or_insert_default();
    extensions.insert(
        HANDLER.to_owned(),
        of_handler(place.module, place.handler).into(),
    );
}

/// Says in an operation that a guard is around its own policy.
pub(super) fn note_guard(operation: &mut Operation, guard: &Declaration) {
    let Identity { mut guards, .. } = Identity::in_(operation);
    guards.insert(0, of_declaration(guard));
    let extensions = operation.extensions.get_or_insert_default();
    extensions.insert(GUARDS.to_owned(), guards.into());
}

/// Takes the ids out of a document that is going to be published.
pub(super) fn take_out(document: &mut OpenApi) {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = taken.get_or_insert_default();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations_mut(item) {
            let ids = Identity::in_(operation);
            if ids == Identity::default() {
                continue;
            }
            if let Some(extensions) = &mut operation.extensions {
                extensions.remove(HANDLER);
                extensions.remove(GUARDS);
            }
            let key = (method.to_owned(), operation_id(operation).to_owned());
            let seen = taken.entry(key).or_default();
            seen.retain(|(at, _)| at != path);
            seen.push((path.clone(), ids));
        }
    }
}

fn operation_id(operation: &Operation) -> &str {
    operation.operation_id.as_deref().unwrap_or_default()
}

/// What is declared in this binary, by id.
pub(crate) struct Known(HashMap<String, Declaration>);

/// The policies on the way to an operation's handler.
#[derive(Debug, Default)]
pub(crate) struct WayIn {
    /// Outermost first.
    pub(crate) guards: Vec<Declaration>,
    /// Absent where it is not declared.
    pub(crate) handler: Option<Declaration>,
}

impl Known {
    pub(crate) fn now() -> Self {
        let all = declarations().into_iter();
        Self(all.map(|(own, _)| (of_declaration(&own), own)).collect())
    }

    pub(crate) fn way_in(&self, ids: &Identity) -> WayIn {
        let get = |id: &String| self.0.get(id).copied();
        WayIn {
            guards: ids.guards.iter().filter_map(get).collect(),
            handler: ids.handler.as_ref().and_then(get),
        }
    }
}

impl WayIn {
    /// The policies, outermost first.
    pub(crate) fn policies(&self) -> Vec<Policy> {
        let declared = self.guards.iter().chain(&self.handler);
        declared.filter_map(|own| own.policy).collect()
    }

    /// Whether nothing is declared about the operation.
    pub(crate) fn is_unknown(&self) -> bool {
        self.guards.is_empty() && self.handler.is_none()
    }
}

/// The id of a declared handler or of a router's guard.
pub(crate) fn of_declaration(declaration: &Declaration) -> String {
    let Place {
        handler,
        module,
        file,
        line,
    } = declaration.place;
    match declaration.kind {
        Kind::Protected | Kind::Public => of_handler(module, handler),
        Kind::Router => {
            let source = declaration.policy.map_or("", |policy| policy.source);
            hash(format!("{file}:{line}:{source}").bytes())
        }
    }
}

/// It tells nothing to readers of the document, and the same handler from build to build.
fn of_handler(module: &str, handler: &str) -> String {
    hash(module.bytes().chain(*b"::").chain(handler.bytes()))
}

/// FNV-1a, 64 bit.
fn hash(bytes: impl Iterator<Item = u8>) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let hash = bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:016x}")
}
