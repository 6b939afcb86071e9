//! What can be true or false of a caller, and what follows from what.

use std::collections::HashMap;

use crate::{
    grammar::{claim_path, group_path},
    vocabulary::{Grammar, Kind, Subject},
};

/// One question about a caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Atom {
    /// A name of this kind. The subject is empty where none is written: our own client id is not
    /// known here, so that its roles are independent of those of every named client.
    Name {
        /// The term.
        kind: Kind,
        /// A client, or the path of a claim by its names.
        subject: Vec<String>,
        /// The name.
        name: Name,
    },
    /// A group path, by segments.
    Group(Vec<String>),
    /// A group path and everything below it.
    GroupTree(Vec<String>),
    /// A boolean.
    Flag {
        /// The term.
        kind: Kind,
        /// The path of a claim by its names.
        subject: Vec<String>,
        /// Which.
        value: bool,
    },
    /// A named policy, by its path.
    Policy(String),
    /// A question of its own: a check, an expression, a refused term.
    Opaque(usize),
}

/// A name as written. A constant is equal to itself and to nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Name {
    /// Text.
    Literal(String),
    /// Text with path parameters: the same text is the same name, and of different texts nothing is
    /// known.
    Template(String),
    /// A path to a constant: which name it is, and for a group whether with `/**`, is not known.
    Constant(String),
}

impl Atom {
    /// The question whether the caller has `name`.
    #[must_use]
    pub fn name(kind: Kind, subject: Option<&str>, name: Name) -> Self {
        match name {
            Name::Literal(path) if kind.row().grammar == Grammar::GroupPath => group(&path),
            name @ (Name::Literal(_) | Name::Template(_) | Name::Constant(_)) => Self::Name {
                kind,
                subject: segments(kind, subject),
                name,
            },
        }
    }

    /// The question whether it is `value`.
    #[must_use]
    pub fn flag(kind: Kind, subject: Option<&str>, value: bool) -> Self {
        Self::Flag {
            kind,
            subject: segments(kind, subject),
            value,
        }
    }

    /// Whether every caller for whom `self` is true makes `other` true.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (a, b) if a == b => true,
            (Self::Name { name: a, .. }, Self::Name { name: b, .. }) => {
                a == b && self.is_part_of_roles() && other.is_kind(Kind::Roles)
            }
            (Self::Group(a) | Self::GroupTree(a), Self::GroupTree(b)) => a.starts_with(b),
            _ => false,
        }
    }

    /// Whether the truth of one can say anything about the other.
    #[must_use]
    pub fn concerns(&self, other: &Self) -> bool {
        let of_roles = |atom: &Self| atom.is_part_of_roles() || atom.is_kind(Kind::Roles);
        match (self, other) {
            (Self::Name { name: a, .. }, Self::Name { name: b, .. })
                if of_roles(self) && of_roles(other) =>
            {
                a == b
            }
            (a, b) => a.implies(b) || b.implies(a) || a.excludes(b),
        }
    }

    /// Whether no caller makes both true.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Flag {
                    kind,
                    subject,
                    value,
                },
                Self::Flag {
                    kind: other_kind,
                    subject: other_subject,
                    value: other_value,
                },
            ) => kind == other_kind && subject == other_subject && value != other_value,
            (
                Self::Name {
                    kind,
                    subject,
                    name: Name::Literal(name),
                },
                Self::Name {
                    kind: other_kind,
                    subject: other_subject,
                    name: Name::Literal(other_name),
                },
            ) => {
                kind.row().single.is_some()
                    && kind == other_kind
                    && subject == other_subject
                    && name != other_name
            }
            _ => false,
        }
    }

    /// Why a token has only one of its names, where that is so.
    #[must_use]
    pub fn single(&self) -> Option<&'static str> {
        match self {
            Self::Name { kind, .. } => kind.row().single,
            Self::Group(_)
            | Self::GroupTree(_)
            | Self::Flag { .. }
            | Self::Policy(_)
            | Self::Opaque(_) => None,
        }
    }

    /// Whether it asks for names of this kind.
    #[must_use]
    pub fn is_kind(&self, wanted: Kind) -> bool {
        matches!(self, Self::Name { kind, .. } if *kind == wanted)
    }

    /// A realm role or a role of our own client, each of which is one of `roles`.
    #[must_use]
    pub fn is_part_of_roles(&self) -> bool {
        match self {
            Self::Name { kind, subject, .. } => {
                *kind == Kind::RealmRoles || (*kind == Kind::ClientRoles && subject.is_empty())
            }
            Self::Group(_)
            | Self::GroupTree(_)
            | Self::Flag { .. }
            | Self::Policy(_)
            | Self::Opaque(_) => false,
        }
    }
}

fn segments(kind: Kind, subject: Option<&str>) -> Vec<String> {
    match subject {
        None => Vec::new(),
        Some(path) if kind.row().subject == Subject::ClaimPath => claim_path::names(path),
        Some(client) => vec![client.to_owned()],
    }
}

/// `ops` and `/ops` are one group; `/eng/**` is a tree.
fn group(path: &str) -> Atom {
    let pattern = group_path::pattern(path);
    let segments = pattern.own.split('/').map(str::to_owned).collect();
    match pattern.below {
        Some(_) => Atom::GroupTree(segments),
        None => Atom::Group(segments),
    }
}

/// The atoms of one attribute, numbered.
#[derive(Debug, Default)]
pub struct Atoms {
    list: Vec<Atom>,
    numbers: HashMap<Atom, usize>,
    opaque: usize,
}

impl Atoms {
    /// The number of `atom`.
    pub fn number(&mut self, atom: Atom) -> usize {
        if let Some(number) = self.numbers.get(&atom) {
            return *number;
        }
        let number = self.list.len();
        self.list.push(atom.clone());
        self.numbers.insert(atom, number);
        number
    }

    /// A question that is equal to no other.
    pub fn opaque(&mut self) -> usize {
        self.opaque = self.opaque.saturating_add(1);
        self.number(Atom::Opaque(self.opaque))
    }

    /// The atom with this number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&Atom> {
        self.list.get(number)
    }

    /// All atoms, by number.
    #[must_use]
    pub fn all(&self) -> &[Atom] {
        &self.list
    }
}
