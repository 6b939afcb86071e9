//! Terms as formulas.

use keycloak_policy::grammar::{claim_path, group_path};
use quote::ToTokens;

use super::atom::{Atom, Atoms, Name};
use crate::policy::{
    model::{Item, Key, Mode, Term, TermKind},
    text,
};

/// A propositional formula over numbered [`Atoms`].
#[derive(Clone, Debug)]
pub(crate) enum Formula {
    Atom(usize),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Formula {
    /// The negation.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::Atom(_) | Self::All(_) | Self::Any(_) => Self::Not(Box::new(self)),
        }
    }

    /// Adds the numbers of the formula's atoms to `into`.
    pub(crate) fn collect_atoms(&self, into: &mut Vec<usize>) {
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

/// The formula of a term. Each call makes new atoms for what is opaque.
pub(crate) fn term(term: &Term, atoms: &mut Atoms) -> Formula {
    match &term.kind {
        TermKind::All(inner) => Formula::All(inner.iter().map(|t| self::term(t, atoms)).collect()),
        TermKind::Any(inner) => Formula::Any(inner.iter().map(|t| self::term(t, atoms)).collect()),
        TermKind::Not(inner) => self::term(inner, atoms).negated(),
        TermKind::Set(set) => {
            let items = set.items.iter().map(|i| item(&set.key, i, atoms));
            match set.mode {
                Mode::Bare | Mode::All => Formula::All(items.collect()),
                Mode::Any => Formula::Any(items.collect()),
                Mode::None => Formula::All(items.map(Formula::negated).collect()),
            }
        }
        TermKind::ClaimBool(path, value) => {
            let atom = Atom::ClaimBool(claim_path::names(&path.value), *value);
            Formula::Atom(atoms.number(atom))
        }
        TermKind::Policy(path) => {
            let atom = Atom::Policy(text::tokens(path.to_token_stream()));
            Formula::Atom(atoms.number(atom))
        }
        TermKind::Check(_) | TermKind::Require(_) | TermKind::Invalid => {
            Formula::Atom(atoms.opaque())
        }
    }
}

/// The formula "the caller has this item".
pub(crate) fn item(key: &Key, item: &Item, atoms: &mut Atoms) -> Formula {
    Formula::Atom(atoms.number(atom(key, item)))
}

fn atom(key: &Key, item: &Item) -> Atom {
    let name = match item {
        Item::Literal(literal) => Name::Literal(literal.value.clone()),
        Item::Constant(path) => Name::Constant(text::tokens(path.to_token_stream())),
    };
    match key {
        Key::Roles => Atom::Role(name),
        Key::RealmRoles => Atom::RealmRole(name),
        Key::ClientRoles(None) => Atom::OwnRole(name),
        Key::ClientRoles(Some(client)) => Atom::ClientRole(client.value.clone(), name),
        Key::Scopes => Atom::Scope(name),
        Key::Claim(path) => Atom::Claim(claim_path::names(&path.value), name),
        Key::Groups => match name {
            Name::Literal(path) => group(&path),
            Name::Constant(path) => Atom::GroupConstant(path),
        },
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
