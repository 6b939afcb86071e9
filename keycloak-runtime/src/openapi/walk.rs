//! Every operation of a path, whatever its method.

use utoipa::openapi::{PathItem, path::Operation};

/// The operations with their methods, in upper case but for the document's own.
pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = (&str, &Operation)> {
    let known = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("OPTIONS", &item.options),
        ("HEAD", &item.head),
        ("PATCH", &item.patch),
        ("TRACE", &item.trace),
        ("QUERY", &item.query),
    ];
    known
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
        .chain(
            item.additional_operations
                .iter()
                .map(|(method, operation)| (method.as_str(), operation)),
        )
}

/// The operations with their methods, to be completed.
pub(super) fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (&str, &mut Operation)> {
    let known = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
        ("OPTIONS", &mut item.options),
        ("HEAD", &mut item.head),
        ("PATCH", &mut item.patch),
        ("TRACE", &mut item.trace),
        ("QUERY", &mut item.query),
    ];
    known
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
        .chain(
            item.additional_operations
                .iter_mut()
                .map(|(method, operation)| (method.as_str(), operation)),
        )
}
