//! The policy as a propositional formula, and whether it can hold.
//!
//! The atoms are those of the language (a realm role, an own-client role, a group path, …) with
//! the few facts that tie them together; everything that cannot be seen into is an atom of its
//! own. Assigning the atoms freely is an over-approximation of real callers, so "cannot hold" is
//! never a false alarm.

mod atom;
mod formula;
mod solver;

pub use self::{
    atom::{Atom, Atoms, Name},
    formula::Formula,
    solver::Solver,
};
