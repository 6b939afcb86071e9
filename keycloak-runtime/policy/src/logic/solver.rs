//! Whether formulas can hold together: a small DPLL solver with a bound on its work.
//!
//! Invariant: an answer is exact. When the work exceeds the bound there is no answer, and then no
//! error is reported.

use super::{
    atom::{Atom, Atoms},
    formula::Formula,
};
use crate::vocabulary::Kind;

/// Clause visits for all questions of one attribute. A hand-written policy needs a few hundred.
const WORK: usize = 4_000_000;

/// A variable, or its negation.
#[derive(Clone, Copy, Debug)]
struct Literal {
    variable: usize,
    positive: bool,
}

impl Literal {
    fn negated(self) -> Self {
        Self {
            variable: self.variable,
            positive: !self.positive,
        }
    }
}

/// Answers questions about formulas over one set of atoms.
#[derive(Debug)]
pub struct Solver<'a> {
    atoms: &'a Atoms,
    work: usize,
}

impl<'a> Solver<'a> {
    /// For formulas over `atoms`.
    #[must_use]
    pub fn new(atoms: &'a Atoms) -> Self {
        Self { atoms, work: WORK }
    }

    /// Whether no caller makes all of `formulas` true; `false` also when it is not known.
    pub fn unsatisfiable<'f>(&mut self, formulas: impl IntoIterator<Item = &'f Formula>) -> bool {
        let mut cnf = Cnf {
            variables: self.atoms.all().len(),
            clauses: Vec::new(),
        };
        let mut used = Vec::new();
        for formula in formulas {
            formula.collect_atoms(&mut used);
            let root = cnf.literal(formula);
            cnf.clauses.push(vec![root]);
        }
        self.facts(&mut used, &mut cnf);
        let mut values = vec![None; cnf.variables];
        cnf.solve(&mut values, &mut self.work) == Some(false)
    }

    /// Whether every caller makes `formula` true; `false` also when it is not known.
    pub fn valid(&mut self, formula: &Formula) -> bool {
        self.unsatisfiable([&formula.clone().negated()])
    }

    /// Whether every caller who makes `premise` true makes `conclusion` true.
    pub fn implies(&mut self, premise: &Formula, conclusion: &Formula) -> bool {
        if let (Formula::Atom(a), Formula::Atom(b)) = (premise, conclusion) {
            return match (self.atoms.get(*a), self.atoms.get(*b)) {
                (Some(a), Some(b)) => a.implies(b),
                _ => false,
            };
        }
        self.unsatisfiable([premise, &conclusion.clone().negated()])
    }

    /// What ties the used atoms together, as clauses.
    fn facts(&self, used: &mut Vec<usize>, cnf: &mut Cnf) {
        used.sort_unstable();
        used.dedup();
        let known = |numbers: &[usize]| -> Vec<(usize, &Atom)> {
            let atoms = numbers.iter();
            atoms
                .filter_map(|number| Some((*number, self.atoms.get(*number)?)))
                .collect()
        };
        let used = known(used);
        for (a, first) in &used {
            for (b, second) in &used {
                if a != b && first.implies(second) {
                    cnf.clauses.push(vec![negative(*a), positive(*b)]);
                }
                if a < b && first.excludes(second) {
                    cnf.clauses.push(vec![negative(*a), negative(*b)]);
                }
            }
            // A role is a realm role or an own-client role. Where one of the two is not spoken
            // of, it is free, and the role with it.
            let Atom::Name {
                kind: Kind::Roles,
                name,
                ..
            } = first
            else {
                continue;
            };
            let part = |kind| {
                let atom = Atom::name(kind, None, name.clone());
                used.iter().find(|(_, other)| **other == atom)
            };
            let realm = part(Kind::RealmRoles);
            let own = part(Kind::ClientRoles);
            if let (Some((realm, _)), Some((own, _))) = (realm, own) {
                cnf.clauses
                    .push(vec![negative(*a), positive(*realm), positive(*own)]);
            }
        }
    }
}

fn positive(variable: usize) -> Literal {
    Literal {
        variable,
        positive: true,
    }
}

fn negative(variable: usize) -> Literal {
    positive(variable).negated()
}

/// Clauses, each of which must have a true literal.
struct Cnf {
    variables: usize,
    clauses: Vec<Vec<Literal>>,
}

impl Cnf {
    /// The literal in the place of `formula` (Tseitin).
    fn literal(&mut self, formula: &Formula) -> Literal {
        match formula {
            Formula::Atom(number) => positive(*number),
            Formula::Not(inner) => self.literal(inner).negated(),
            Formula::All(inner) => {
                let parts: Vec<Literal> = inner.iter().map(|f| self.literal(f)).collect();
                self.conjunction(&parts)
            }
            Formula::Any(inner) => {
                let parts: Vec<Literal> = inner.iter().map(|f| self.literal(f).negated()).collect();
                self.conjunction(&parts).negated()
            }
        }
    }

    fn conjunction(&mut self, parts: &[Literal]) -> Literal {
        if let [only] = parts {
            return *only;
        }
        let whole = positive(self.variables);
        self.variables = self.variables.saturating_add(1);
        for part in parts {
            self.clauses.push(vec![whole.negated(), *part]);
        }
        let reverse = parts.iter().map(|part| part.negated());
        self.clauses.push(reverse.chain([whole]).collect());
        whole
    }

    /// Whether an assignment makes every clause true; `None` when `work` ran out.
    fn solve(&self, values: &mut [Option<bool>], work: &mut usize) -> Option<bool> {
        let mut trail = Vec::new();
        let found = self.search(values, &mut trail, work);
        if found != Some(true) {
            undo(values, &trail);
        }
        found
    }

    fn search(
        &self,
        values: &mut [Option<bool>],
        trail: &mut Vec<usize>,
        work: &mut usize,
    ) -> Option<bool> {
        let next = match self.propagate(values, trail, work)? {
            Propagated::Conflict => return Some(false),
            Propagated::Done => return Some(true),
            Propagated::Open(literal) => literal,
        };
        for literal in [next, next.negated()] {
            if let Some(value) = values.get_mut(literal.variable) {
                *value = Some(literal.positive);
            }
            if self.solve(values, work)? {
                return Some(true);
            }
            undo(values, &[literal.variable]);
        }
        Some(false)
    }

    /// Follows single remaining literals until nothing is left to follow.
    fn propagate(
        &self,
        values: &mut [Option<bool>],
        trail: &mut Vec<usize>,
        work: &mut usize,
    ) -> Option<Propagated> {
        loop {
            let mut changed = false;
            let mut shortest: Option<(usize, Literal)> = None;
            for clause in &self.clauses {
                *work = work.checked_sub(1)?;
                let mut open = None;
                let mut count = 0_usize;
                let mut satisfied = false;
                for literal in clause {
                    match values.get(literal.variable).copied().flatten() {
                        Some(value) if value == literal.positive => {
                            satisfied = true;
                            break;
                        }
                        Some(_) => {}
                        None => {
                            count = count.saturating_add(1);
                            open = Some(*literal);
                        }
                    }
                }
                if satisfied {
                    continue;
                }
                let Some(literal) = open else {
                    return Some(Propagated::Conflict);
                };
                if count == 1 {
                    if let Some(value) = values.get_mut(literal.variable) {
                        *value = Some(literal.positive);
                    }
                    trail.push(literal.variable);
                    changed = true;
                } else if shortest.is_none_or(|(length, _)| count < length) {
                    shortest = Some((count, literal));
                }
            }
            if !changed {
                return Some(
                    shortest.map_or(Propagated::Done, |(_, literal)| Propagated::Open(literal)),
                );
            }
        }
    }
}

enum Propagated {
    /// A clause has no true literal left.
    Conflict,
    /// Every clause has a true literal.
    Done,
    /// This literal of the shortest open clause is to be tried.
    Open(Literal),
}

fn undo(values: &mut [Option<bool>], trail: &[usize]) {
    for variable in trail {
        if let Some(value) = values.get_mut(*variable) {
            *value = None;
        }
    }
}
