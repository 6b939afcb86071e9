//! A restriction of the settings: what it admits is a list with something in it, or everything,
//! by a word of its own.
//!
//! Invariant: an empty list has no form here, so it can never mean "everything".

/// A list of one or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NonEmpty<T> {
    first: T,
    rest: Vec<T>,
}

impl<T> NonEmpty<T> {
    /// The list, if there is anything in it.
    pub(crate) fn new(items: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut items = items.into_iter();
        Some(Self {
            first: items.next()?,
            rest: items.collect(),
        })
    }

    /// A list of one.
    pub(crate) fn one(first: T) -> Self {
        let rest = Vec::new();
        Self { first, rest }
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// What is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Restriction<T> {
    /// Everything: only where the settings say so in a word.
    Any,
    /// One of these.
    These(NonEmpty<T>),
}

impl Restriction<String> {
    /// Whether `text` is accepted.
    pub(crate) fn admits(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(texts) => texts.iter().any(|accepted| accepted == text),
        }
    }

    /// Whether everything is accepted, also what is not there.
    pub(crate) fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }
}
