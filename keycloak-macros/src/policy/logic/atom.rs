//! What can be true or false of a caller, and what follows from what.

use std::collections::HashMap;

/// One question about a caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Atom {
    /// A realm role or a role of our own client: exactly one of the next two, or both.
    Role(Name),
    /// A realm role.
    RealmRole(Name),
    /// A role of our own client.
    OwnRole(Name),
    /// A role of a named client. Our own client id is not known here, so this is independent of
    /// [`Atom::OwnRole`].
    ClientRole(String, Name),
    /// A group path, by segments.
    Group(Vec<String>),
    /// A group path and everything below it.
    GroupTree(Vec<String>),
    /// A group named by a constant: exact or with `/**`, nobody knows.
    GroupConstant(String),
    /// A scope-token.
    Scope(Name),
    /// A string in a claim; the path by segments.
    Claim(Vec<String>, Name),
    /// A boolean claim.
    ClaimBool(Vec<String>, bool),
    /// A named policy, by its path.
    Policy(String),
    /// A question of its own: a check, an expression, a refused term.
    Opaque(usize),
}

/// A name as written. A constant is equal to itself and to nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Literal(String),
    Constant(String),
}

impl Atom {
    /// Whether every caller for whom `self` is true makes `other` true.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (a, b) if a == b => true,
            (Self::RealmRole(a) | Self::OwnRole(a), Self::Role(b)) => a == b,
            (Self::Group(a) | Self::GroupTree(a), Self::GroupTree(b)) => a.starts_with(b),
            _ => false,
        }
    }

    /// Whether the truth of one can say anything about the other.
    pub(crate) fn concerns(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Role(a) | Self::RealmRole(a) | Self::OwnRole(a),
                Self::Role(b) | Self::RealmRole(b) | Self::OwnRole(b),
            ) => a == b,
            (a, b) => a.implies(b) || b.implies(a) || a.excludes(b),
        }
    }

    /// Whether no caller makes both true.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::ClaimBool(a, x), Self::ClaimBool(b, y)) if a == b && x != y
        )
    }
}

/// The atoms of one attribute, numbered.
#[derive(Debug, Default)]
pub(crate) struct Atoms {
    list: Vec<Atom>,
    numbers: HashMap<Atom, usize>,
    opaque: usize,
}

impl Atoms {
    /// The number of `atom`.
    pub(crate) fn number(&mut self, atom: Atom) -> usize {
        if let Some(number) = self.numbers.get(&atom) {
            return *number;
        }
        let number = self.list.len();
        self.list.push(atom.clone());
        self.numbers.insert(atom, number);
        number
    }

    /// A question that is equal to no other.
    pub(crate) fn opaque(&mut self) -> usize {
        self.opaque = self.opaque.saturating_add(1);
        self.number(Atom::Opaque(self.opaque))
    }

    /// The atom with this number.
    pub(crate) fn get(&self, number: usize) -> Option<&Atom> {
        self.list.get(number)
    }

    /// All atoms, by number.
    pub(crate) fn all(&self) -> &[Atom] {
        &self.list
    }
}
