//! What an annotated struct means.

use proc_macro2::Span;
use syn::{Attribute, Expr, Ident, ItemStruct, Path, Type, spanned::Spanned as _};

use crate::spanned::Spanned;

/// One `#[config]` struct.
pub(crate) struct Model {
    /// The runtime crate.
    pub(crate) krate: Path,
    /// The user's struct without our attributes.
    pub(crate) item: ItemStruct,
    /// `prefix = ".."`, if written.
    pub(crate) prefix: Option<Spanned<String>>,
    /// `partial`: a part of another config, or an application's settings around one.
    pub(crate) partial: bool,
    /// The fields in order.
    pub(crate) fields: Vec<Field>,
}

/// One field.
pub(crate) struct Field {
    /// Its name.
    pub(crate) ident: Ident,
    /// Its name without `r#`.
    pub(crate) name: String,
    /// Its type.
    pub(crate) ty: Type,
    /// Its `#[cfg(..)]` attributes: generated code about the field carries them too.
    pub(crate) cfgs: Vec<Attribute>,
    /// `env = ".."`, if written.
    pub(crate) env: Option<Spanned<String>>,
    /// `default = ..`, if written.
    pub(crate) default: Option<DefaultValue>,
    /// Where its value goes.
    pub(crate) role: Role,
}

/// What a field is for.
pub(crate) enum Role {
    /// An option of the builder.
    Setting,
    /// The application's own.
    Own,
    /// Another `#[config]` struct, with the prefix written at the field.
    Nested(Option<Spanned<String>>),
}

/// What holds where the variable is not set.
pub(crate) enum DefaultValue {
    /// A literal: read exactly as the variable's text would be.
    Text(Spanned<String>),
    /// An expression of the field's type.
    Value(Expr),
}

impl DefaultValue {
    /// Where an error about it points to.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span,
            Self::Value(value) => value.span(),
        }
    }
}
