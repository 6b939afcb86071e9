//! Propositional formulas.

/// A propositional formula over numbered [`Atoms`](super::Atoms).
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Formula {
    /// The atom of this number.
    Atom(usize),
    /// The other does not hold.
    Not(Box<Self>),
    /// All hold.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
}

impl Formula {
    /// The negation.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::Atom(_) | Self::All(_) | Self::Any(_) => Self::Not(Box::new(self)),
        }
    }

    /// Adds the numbers of the formula's atoms to `into`.
    pub fn collect_atoms(&self, into: &mut Vec<usize>) {
        match self {
            Self::Atom(number) => into.push(*number),
            Self::Not(inner) => inner.collect_atoms(into),
            Self::All(inner) | Self::Any(inner) => {
                for formula in inner {
                    formula.collect_atoms(into);
                }
            }
        }
    }
}
