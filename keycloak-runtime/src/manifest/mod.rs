//! The manifest: every declared handler and guarded router of the binary, with its policy.
//!
//! It is for audit, never for enforcement: a library crate whose code the binary never refers to
//! is missing from it, and so is whatever was not declared.

pub(crate) mod entry;

pub use self::entry::Kind;
