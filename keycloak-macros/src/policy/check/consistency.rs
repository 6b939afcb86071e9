//! Contradiction, tautology and redundancy, decided on the policy as a formula.
//!
//! A report is made at the smallest place that is wrong, and what contains it is not reported
//! again.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a term without parts of its own is taken whole"
)]

use keycloak_policy::{
    logic::{Atom, Atoms, Formula, Solver},
    vocabulary::{Grammar, Kind},
};
use proc_macro2::Span;

use crate::{
    diag::Diagnostics,
    policy::{
        formula,
        model::{Item, Mode, SetTerm, Term, TermKind},
        text,
    },
    rule::Rule,
};

/// Checks terms that must all hold.
pub(super) fn check(terms: &[Term], diag: &mut Diagnostics) {
    let mut atoms = Atoms::default();
    let nodes: Vec<Node<'_>> = terms.iter().map(|t| Node::new(t, &mut atoms)).collect();
    let mut checked = Consistency {
        atoms: &atoms,
        solver: Solver::new(&atoms),
        diag,
    };
    let mut parts = Vec::new();
    for node in &nodes {
        if !checked.node(node) {
            node.parts(true, &mut parts);
        }
    }
    checked.contradiction(&parts, "no caller could ever be admitted");
}

/// A term with its formula.
struct Node<'a> {
    term: &'a Term,
    formula: Formula,
    children: Vec<Self>,
}

/// One of several things that must hold together.
struct Part {
    formula: Formula,
    span: Span,
    text: String,
}

impl<'a> Node<'a> {
    fn new(term: &'a Term, atoms: &mut Atoms) -> Self {
        let mut children = |inner: &'a [Term]| -> Vec<Self> {
            inner.iter().map(|t| Node::new(t, atoms)).collect()
        };
        let formulas = |nodes: &[Self]| nodes.iter().map(|n| n.formula.clone()).collect();
        let (formula, children) = match &term.kind {
            TermKind::All(inner) => {
                let children = children(inner);
                (Formula::All(formulas(&children)), children)
            }
            TermKind::Any(inner) => {
                let children = children(inner);
                (Formula::Any(formulas(&children)), children)
            }
            TermKind::Not(inner) => {
                let child = Node::new(inner, atoms);
                (child.formula.clone().negated(), vec![child])
            }
            TermKind::Set(_)
            | TermKind::Flag(..)
            | TermKind::Policy(_)
            | TermKind::Check(_)
            | TermKind::Require(_)
            | TermKind::Invalid => (formula::term(term, atoms), Vec::new()),
        };
        Self {
            term,
            formula,
            children,
        }
    }

    /// The smallest parts that must hold together so that the term does (or does not) hold.
    fn parts(&self, positive: bool, out: &mut Vec<Part>) {
        match &self.term.kind {
            TermKind::All(_) if positive => self.children.iter().for_each(|n| n.parts(true, out)),
            TermKind::Any(_) if !positive => self.children.iter().for_each(|n| n.parts(false, out)),
            TermKind::Not(_) => self.children.iter().for_each(|n| n.parts(!positive, out)),
            TermKind::Set(set) if (set.mode == Mode::Any) != positive => {
                let (Formula::All(items) | Formula::Any(items)) = &self.formula else {
                    return;
                };
                let wanted = set.mode != Mode::None && positive;
                for (item, formula) in set.items.iter().zip(items) {
                    out.push(Part {
                        formula: if positive {
                            formula.clone()
                        } else {
                            formula.clone().negated()
                        },
                        span: item.span(),
                        text: single(set, item, wanted),
                    });
                }
            }
            _ => out.push(Part {
                formula: if positive {
                    self.formula.clone()
                } else {
                    self.formula.clone().negated()
                },
                span: self.term.span,
                text: if positive {
                    text::term(self.term)
                } else {
                    format!("not({})", text::term(self.term))
                },
            }),
        }
    }
}

/// One item of a set as a term of its own.
fn single(set: &SetTerm, item: &Item, wanted: bool) -> String {
    let mode = if wanted { "" } else { "none" };
    format!("{} = {mode}[{}]", text::key(&set.key), text::item(item))
}

struct Consistency<'a> {
    atoms: &'a Atoms,
    solver: Solver<'a>,
    diag: &'a mut Diagnostics,
}

impl Consistency<'_> {
    /// Checks the terms inside `node`; whether it was reported that something in it never or always
    /// holds.
    fn node(&mut self, node: &Node<'_>) -> bool {
        let reported: Vec<bool> = node.children.iter().map(|n| self.node(n)).collect();
        let inner = reported.contains(&true);
        match &node.term.kind {
            TermKind::Any(_) => self.alternatives(node, &reported) || inner,
            TermKind::Not(_) if !inner && self.solver.valid(&node.formula) => {
                self.diag.rule_at(
                    Rule::Tautology,
                    node.term.span,
                    format!(
                        "tautology: `{}` holds for every caller, because no caller satisfies what it \
                         refuses; remove it",
                        text::term(node.term)
                    ),
                );
                true
            }
            TermKind::Set(set) if set.mode == Mode::Any => {
                self.items(set, &node.formula);
                false
            }
            _ => inner,
        }
    }

    fn alternatives(&mut self, node: &Node<'_>, reported: &[bool]) -> bool {
        let mut any = false;
        let mut live: Vec<&Node<'_>> = Vec::new();
        for (arm, reported) in node.children.iter().zip(reported) {
            if *reported {
                continue;
            }
            let mut parts = Vec::new();
            arm.parts(true, &mut parts);
            if self.contradiction(&parts, "this arm of `any(..)` admits no caller") {
                any = true;
            } else {
                live.push(arm);
            }
        }
        if self.tautology(node.term, &live) {
            return true;
        }
        self.redundancy(&live);
        any
    }

    /// Reports `parts` if no caller satisfies all of them.
    fn contradiction(&mut self, parts: &[Part], consequence: &str) -> bool {
        let core: Vec<&Part> = parts.iter().collect();
        if parts.len() < 2 && parts.iter().all(|p| matches!(p.formula, Formula::Atom(_))) {
            return false;
        }
        if !self.solver.unsatisfiable(core.iter().map(|p| &p.formula)) {
            return false;
        }
        let core = self.smallest(core);
        let Some((last, others)) = core.split_last() else {
            return false;
        };
        let hint = self.hint(&core);
        let others: Vec<String> = others.iter().map(|p| format!("`{}`", p.text)).collect();
        let message = if others.is_empty() {
            format!(
                "contradiction: no caller satisfies `{}`, so {consequence}; remove it",
                last.text
            )
        } else {
            format!(
                "contradiction: no caller satisfies `{}` together with {}{hint}, so {consequence}; \
                 remove one of them",
                last.text,
                others.join(" and ")
            )
        };
        self.diag.rule_at(Rule::Contradiction, last.span, message);
        true
    }

    /// Leaves out every part without which the others still contradict.
    fn smallest<'p>(&mut self, mut core: Vec<&'p Part>) -> Vec<&'p Part> {
        let mut at = 0;
        while at < core.len() {
            let mut fewer = core.clone();
            fewer.remove(at);
            if self.solver.unsatisfiable(fewer.iter().map(|p| &p.formula)) {
                core = fewer;
            } else {
                at = at.saturating_add(1);
            }
        }
        core
    }

    /// Why names that look different concern each other.
    fn hint(&self, parts: &[&Part]) -> String {
        let mut numbers = Vec::new();
        for part in parts {
            part.formula.collect_atoms(&mut numbers);
        }
        let atoms = || numbers.iter().filter_map(|n| self.atoms.get(*n));
        let has = |wanted: fn(&Atom) -> bool| atoms().any(wanted);
        let single = atoms().find_map(Atom::single);
        if has(|a| a.is_kind(Kind::Roles)) && has(Atom::is_part_of_roles) {
            " (`roles` means realm roles and the roles of our own client)".to_owned()
        } else if has(|a| matches!(a, Atom::GroupTree(_))) {
            " (`/**` means the group itself and everything below it)".to_owned()
        } else if let Some(single) = single {
            format!(" ({single}; `any[..]` asks for one of several)")
        } else {
            String::new()
        }
    }

    /// Reports an `any(..)` that every caller satisfies.
    fn tautology(&mut self, any: &Term, arms: &[&Node<'_>]) -> bool {
        let negated: Vec<Part> = arms
            .iter()
            .map(|arm| Part {
                formula: arm.formula.clone().negated(),
                span: arm.term.span,
                text: text::term(arm.term),
            })
            .collect();
        let core: Vec<&Part> = negated.iter().collect();
        if core.is_empty() || !self.solver.unsatisfiable(core.iter().map(|p| &p.formula)) {
            return false;
        }
        let core = self.smallest(core);
        let hint = self.hint(&core);
        let arms: Vec<String> = core.iter().map(|p| format!("`{}`", p.text)).collect();
        self.diag.rule_at(
            Rule::Tautology,
            core.last().map_or(any.span, |part| part.span),
            format!(
                "tautology: every caller satisfies {}{hint}, so this `any(..)` asks nothing; \
                 remove it",
                arms.join(" or ")
            ),
        );
        true
    }

    /// Reports arms that another arm covers.
    fn redundancy(&mut self, arms: &[&Node<'_>]) {
        let formulas: Vec<&Formula> = arms.iter().map(|arm| &arm.formula).collect();
        let covered = self.covered(&formulas);
        for (arm, by) in &covered {
            let (Some(arm), Some(by)) = (arms.get(*arm), arms.get(*by)) else {
                continue;
            };
            let message = self.covered_message(&text::term(by.term), &[&arm.formula, &by.formula]);
            self.diag.rule_at(Rule::Redundancy, arm.term.span, message);
        }
    }

    /// The same among the items of `any[..]`: only group paths can cover each other there.
    fn items(&mut self, set: &SetTerm, formula: &Formula) {
        let (Grammar::GroupPath, Formula::Any(items)) = (set.key.kind.row().grammar, formula)
        else {
            return;
        };
        let formulas: Vec<&Formula> = items.iter().collect();
        for (item, by) in self.covered(&formulas) {
            // The same item twice is reported as such.
            let same = |a: &Formula, b: &Formula| matches!((a, b), (Formula::Atom(a), Formula::Atom(b)) if a == b);
            let (Some(a), Some(b)) = (items.get(item), items.get(by)) else {
                continue;
            };
            let (Some(item), Some(by)) = (set.items.get(item), set.items.get(by)) else {
                continue;
            };
            if same(a, b) {
                continue;
            }
            let message = self.covered_message(&text::item(by), &[a, b]);
            self.diag.rule_at(Rule::Redundancy, item.span(), message);
        }
    }

    fn covered_message(&self, by: &str, formulas: &[&Formula]) -> String {
        let parts: Vec<Part> = formulas
            .iter()
            .map(|formula| Part {
                formula: (*formula).clone(),
                span: Span::call_site(),
                text: String::new(),
            })
            .collect();
        let hint = self.hint(&parts.iter().collect::<Vec<_>>());
        format!(
            "redundant: a caller who satisfies this satisfies `{by}` of the same `any` already{hint}; \
             remove it"
        )
    }

    /// Pairs (covered, by what), each covered one once. Of two that cover each other, the later.
    fn covered(&mut self, formulas: &[&Formula]) -> Vec<(usize, usize)> {
        let mut numbers = Vec::new();
        let families: Vec<Vec<usize>> = formulas
            .iter()
            .map(|formula| {
                numbers.clear();
                formula.collect_atoms(&mut numbers);
                numbers.clone()
            })
            .collect();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (arm, formula) in formulas.iter().enumerate() {
            let by = formulas.iter().enumerate().position(|(other, covering)| {
                let gone = pairs.iter().any(|(covered, _)| *covered == other);
                other != arm
                    && !gone
                    && self.related(&families, arm, other)
                    && self.solver.implies(formula, covering)
                    && (other < arm || !self.solver.implies(covering, formula))
            });
            if let Some(by) = by {
                pairs.push((arm, by));
            }
        }
        pairs
    }

    /// Whether one arm's atoms say anything about the other's. Where they do not, neither covers
    /// the other, because neither is impossible or certain.
    fn related(&self, families: &[Vec<usize>], a: usize, b: usize) -> bool {
        let (Some(a), Some(b)) = (families.get(a), families.get(b)) else {
            return false;
        };
        a.iter().any(|x| {
            b.iter().any(|y| {
                x == y
                    || match (self.atoms.get(*x), self.atoms.get(*y)) {
                        (Some(x), Some(y)) => x.concerns(y),
                        _ => false,
                    }
            })
        })
    }
}
