//! What may stand in a guarded `impl` block without a guard: what certainly is no handler.
//!
//! The rule is a list of what is known, so that everything else is refused: a future or a function
//! can hide behind any name.

use syn::{
    Attribute, GenericArgument, PathArguments, Receiver, ReceiverKind, ReturnType, Signature, Type,
};

/// Whether a function that is not guarded certainly is no handler: it takes `self`, or it answers
/// at once with something that is no future and no function.
pub(crate) fn function(signature: &Signature, attrs: &[Attribute]) -> bool {
    if let Some(receiver) = signature.receiver() {
        return borrowed(receiver) || signature.asyncness.is_none() && answer(&signature.output);
    }
    signature.asyncness.is_none() && answer(&signature.output) && attrs.iter().all(inert)
}

/// `&self`, and what is spelt out as one: nothing extracts a reference from a request. A `self` by
/// value is extracted where its type is an extractor.
fn borrowed(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => matches!(**ty, Type::Reference(_)),
        ReceiverKind::Value | _ => false,
    }
}

fn answer(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => value(ty),
    }
}

/// Plain data.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn's enums are open; what is not listed is not harmless"
)]
pub(crate) fn value(ty: &Type) -> bool {
    const PLAIN: [&str; 19] = [
        "Self", "bool", "char", "str", "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8",
        "i16", "i32", "i64", "i128", "isize", "f32", "f64",
    ];
    const OF_PLAIN: [&str; 3] = ["Option", "Result", "Vec"];
    match ty {
        Type::Never(_) => true,
        Type::Group(group) => value(&group.elem),
        Type::Paren(paren) => value(&paren.elem),
        Type::Reference(reference) => value(&reference.elem),
        Type::Slice(slice) => value(&slice.elem),
        Type::Array(array) => value(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(value),
        Type::Path(path) if path.qself.is_none() => {
            let Some(last) = path.path.segments.last() else {
                return false;
            };
            if path.path.segments.len() != 1 {
                return false;
            }
            match &last.arguments {
                PathArguments::None => PLAIN.iter().any(|name| last.ident == name),
                PathArguments::AngleBracketed(generics) => {
                    OF_PLAIN.iter().any(|name| last.ident == name)
                        && generics.args.iter().all(|argument| match argument {
                            GenericArgument::Type(ty) => value(ty),
                            _ => false,
                        })
                }
                PathArguments::Parenthesized(_) => false,
            }
        }
        _ => false,
    }
}

/// Attributes that make nothing else of a function.
pub(crate) fn inert(attr: &Attribute) -> bool {
    const KNOWN: [&str; 13] = [
        "doc",
        "cfg",
        "allow",
        "warn",
        "deny",
        "forbid",
        "expect",
        "must_use",
        "deprecated",
        "inline",
        "cold",
        "track_caller",
        "rustfmt",
    ];
    attr.path()
        .segments
        .first()
        .is_some_and(|first| KNOWN.iter().any(|name| first.ident == name))
}
