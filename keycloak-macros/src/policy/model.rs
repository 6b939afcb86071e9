//! The policy as the checker and the expansion see it: names resolved, shapes right.
//!
//! Invariant: everything an error may be about carries the user's tokens.

use keycloak_policy::vocabulary::Kind;
use proc_macro2::Span;
use syn::{Expr, ExprPath, LitStr, Path};

use crate::{realm, spanned::Spanned};

/// What one attribute or `policy!` says.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The policy: terms that must all hold.
    pub(crate) terms: Vec<Term>,
    /// The word `optional`.
    pub(crate) optional: Option<Span>,
    /// `realm_export = "…"`.
    pub(crate) realm_export: Option<LitStr>,
    /// `crate = path`.
    pub(crate) krate: Option<Path>,
    /// The realm that names are checked against.
    pub(crate) realm: Option<realm::Source>,
}

/// One term and its tokens.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// What is asked for.
    pub(crate) kind: TermKind,
    /// The key word: where errors about the whole term point to.
    pub(crate) span: Span,
}

/// The terms of the language.
#[derive(Clone, Debug)]
pub(crate) enum TermKind {
    /// `all(..)`.
    All(Vec<Term>),
    /// `any(..)`.
    Any(Vec<Term>),
    /// `not(..)`.
    Not(Box<Term>),
    /// `key = set`.
    Set(SetTerm),
    /// `key = true | false`.
    Flag(Key, bool),
    /// `policy = path`.
    Policy(ExprPath),
    /// `check = path`.
    Check(ExprPath),
    /// `require = expression`.
    Require(Box<Expr>),
    /// A term that was refused already. It keeps its place, so that `any(bad)` is not reported as
    /// empty too, and the checks treat it as a question of its own.
    Invalid,
}

/// A key with a set of names.
#[derive(Clone, Debug)]
pub(crate) struct SetTerm {
    /// What the names are.
    pub(crate) key: Key,
    /// How many of them are asked for.
    pub(crate) mode: Mode,
    /// The names, in the order written.
    pub(crate) items: Vec<Item>,
    /// The set's tokens.
    pub(crate) span: Span,
}

/// What is asked about: a row of the vocabulary, and what is in its parentheses.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    /// A client id or the path of a claim; `None` for our own client, and where none is taken.
    pub(crate) subject: Option<Spanned<String>>,
}

impl Key {
    /// The text in the parentheses.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.subject.as_ref().map(|subject| subject.value.as_str())
    }
}

/// How many names of a set are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `[..]`: all of them.
    Bare,
    /// `all[..]`.
    All,
    /// `any[..]`.
    Any,
    /// `none[..]`.
    None,
}

/// One name of a set.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A string literal.
    Literal(Spanned<String>),
    /// A path to a `const &str`.
    Constant(ExprPath),
}

impl Item {
    /// The user's tokens.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Literal(literal) => literal.span,
            Self::Constant(path) => syn::spanned::Spanned::span(path),
        }
    }
}

/// Calls `visit` for every term that has no terms inside, however deep, with the number of `not(..)`
/// it is under, `nots` of them outside of `terms`.
pub(crate) fn each_leaf<'a>(
    terms: &'a [Term],
    nots: usize,
    visit: &mut impl FnMut(&'a Term, usize),
) {
    for term in terms {
        match &term.kind {
            TermKind::All(inner) | TermKind::Any(inner) => each_leaf(inner, nots, visit),
            TermKind::Not(inner) => {
                each_leaf(std::slice::from_ref(inner), nots.saturating_add(1), visit);
            }
            TermKind::Set(_)
            | TermKind::Flag(..)
            | TermKind::Policy(_)
            | TermKind::Check(_)
            | TermKind::Require(_)
            | TermKind::Invalid => visit(term, nots),
        }
    }
}

/// Calls `visit` for every set of `terms`, however deep.
pub(crate) fn each_set<'a>(terms: &'a [Term], visit: &mut impl FnMut(&'a SetTerm)) {
    each_leaf(terms, 0, &mut |term, _| {
        if let TermKind::Set(set) = &term.kind {
            visit(set);
        }
    });
}
