//! Terms as formulas.

use keycloak_policy::{
    grammar::template,
    logic::{Atom, Atoms, Formula, Name},
};
use quote::ToTokens;

use super::{
    model::{Item, Key, Mode, Term, TermKind},
    text,
};

/// The formula of a term. Each call makes new atoms for what is opaque.
pub(crate) fn term(term: &Term, atoms: &mut Atoms) -> Formula {
    match &term.kind {
        TermKind::All(inner) => Formula::All(inner.iter().map(|t| self::term(t, atoms)).collect()),
        TermKind::Any(inner) => Formula::Any(inner.iter().map(|t| self::term(t, atoms)).collect()),
        TermKind::Not(inner) => self::term(inner, atoms).negated(),
        TermKind::Set(set) => {
            let items = set.items.iter().map(|item| {
                let atom = atom(&set.key, item);
                Formula::Atom(atoms.number(atom))
            });
            match set.mode {
                Mode::Bare | Mode::All => Formula::All(items.collect()),
                Mode::Any => Formula::Any(items.collect()),
                Mode::None => Formula::All(items.map(Formula::negated).collect()),
            }
        }
        TermKind::Flag(key, value) => {
            let atom = Atom::flag(key.kind, key.subject(), *value);
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

/// The question whether the caller has this item.
pub(crate) fn atom(key: &Key, item: &Item) -> Atom {
    let name = match item {
        Item::Literal(literal) if is_template(key, &literal.value) => {
            Name::Template(literal.value.clone())
        }
        Item::Literal(literal) => Name::Literal(literal.value.clone()),
        Item::Constant(path) => Name::Constant(text::tokens(path.to_token_stream())),
    };
    Atom::name(key.kind, key.subject(), name)
}

/// Whether the text is not simply the name: it has path parameters, or escaped braces.
fn is_template(key: &Key, text: &str) -> bool {
    key.kind.row().template && template::has_braces(text)
}
