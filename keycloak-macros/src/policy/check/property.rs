//! Random policies: what the checker says about them against every caller of a small universe.
//!
//! The policies are written as text and go through the whole pipeline; the evaluator below knows
//! nothing of the checker's formulas and solver.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "small numbers of the test's own"
)]

use std::fmt::Write as _;

use super::Place;
use crate::{diag, policy};

/// A policy in the test's own terms.
#[derive(Clone, Debug)]
enum Node {
    Leaf(Leaf),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

#[derive(Clone, Debug)]
struct Leaf {
    key: usize,
    mode: usize,
    items: Vec<usize>,
}

/// Key, and its items.
const KEYS: [(&str, &[&str]); 8] = [
    ("roles", &["a", "b"]),
    ("realm_roles", &["a", "b"]),
    ("client_roles", &["a", "b"]),
    ("client_roles(\"api\")", &["a"]),
    ("groups", &["g", "/g/h", "/g/**", "k", "/k/**", "/g/h/**"]),
    ("scopes", &["s", "t"]),
    ("claim(\"c\")", &["x", "y"]),
    ("callers", &["v", "w"]),
];
/// Beyond the keys: boolean claims.
const TRUE: usize = KEYS.len();
const FALSE: usize = KEYS.len() + 1;
const MODES: [&str; 4] = ["", "all", "any", "none"];

/// A caller: bit sets over the names of the universe.
#[derive(Clone, Copy, Debug)]
struct Caller {
    realm: u8,
    own: u8,
    api: u8,
    groups: u8,
    scopes: u8,
    claim: u8,
    /// The one client, or another.
    azp: usize,
    flag: Option<bool>,
}

/// The groups of the universe: those the policies name, and one below each that they do not.
const GROUPS: [&str; 5] = ["/g", "/g/h", "/g/z", "/g/h/z", "/k/z"];
const GROUP_K: u8 = 1 << 5;

fn callers() -> Vec<Caller> {
    let mut all = Vec::new();
    for bits in 0..4096_u32 {
        // Where two names behave alike, one caller in many is enough: the universe is complete for
        // roles, groups and the flag; the independent names vary with the rest.
        let realm = (bits & 3) as u8;
        let own = ((bits >> 2) & 3) as u8;
        let groups = ((bits >> 4) & 63) as u8;
        let flag = match (bits >> 10) & 3 {
            0 => None,
            1 => Some(true),
            2 => Some(false),
            _ => continue,
        };
        for rest in 0..96_u8 {
            all.push(Caller {
                realm,
                own,
                groups,
                flag,
                azp: usize::from(rest >> 5),
                api: rest & 1,
                scopes: (rest >> 1) & 3,
                claim: (rest >> 3) & 3,
            });
        }
    }
    all
}

fn in_group(caller: Caller, item: &str) -> bool {
    let path = if item.starts_with('/') {
        item.to_owned()
    } else {
        format!("/{item}")
    };
    let mut own = GROUPS
        .iter()
        .enumerate()
        .filter(|(n, _)| caller.groups & (1 << n) != 0);
    let k = (caller.groups & GROUP_K != 0).then_some("/k");
    let mut all = own.by_ref().map(|(_, group)| *group).chain(k);
    match path.strip_suffix("/**") {
        Some(root) => all.any(|group| group == root || group.starts_with(&format!("{root}/"))),
        None => all.any(|group| group == path),
    }
}

fn has(caller: Caller, key: usize, item: usize) -> bool {
    let bit = |set: u8| set & (1 << item) != 0;
    match key {
        0 => bit(caller.realm) || bit(caller.own),
        1 => bit(caller.realm),
        2 => bit(caller.own),
        3 => bit(caller.api),
        4 => in_group(caller, KEYS[4].1[item]),
        5 => bit(caller.scopes),
        6 => bit(caller.claim),
        7 => caller.azp == item,
        _ => caller.flag == Some(key == TRUE),
    }
}

fn holds(node: &Node, caller: Caller) -> bool {
    match node {
        Node::All(inner) => inner.iter().all(|n| holds(n, caller)),
        Node::Any(inner) => inner.iter().any(|n| holds(n, caller)),
        Node::Not(inner) => !holds(inner, caller),
        Node::Leaf(leaf) if leaf.key >= KEYS.len() => has(caller, leaf.key, 0),
        Node::Leaf(leaf) => {
            let mut items = leaf.items.iter().map(|item| has(caller, leaf.key, *item));
            match leaf.mode {
                0 | 1 => items.all(|has| has),
                2 => items.any(|has| has),
                _ => !items.any(|has| has),
            }
        }
    }
}

fn write(node: &Node, out: &mut String) {
    match node {
        Node::All(inner) => list("all", inner, out),
        Node::Any(inner) => list("any", inner, out),
        Node::Not(inner) => list("not", std::slice::from_ref(inner), out),
        Node::Leaf(leaf) if leaf.key == TRUE => out.push_str("claim(\"flag\") = true"),
        Node::Leaf(leaf) if leaf.key == FALSE => out.push_str("claim(\"flag\") = false"),
        Node::Leaf(leaf) => {
            let (key, names) = KEYS[leaf.key];
            let items: Vec<String> = leaf
                .items
                .iter()
                .map(|i| format!("{:?}", names[*i]))
                .collect();
            write!(out, "{key} = {}[{}]", MODES[leaf.mode], items.join(", ")).unwrap();
        }
    }
}

fn list(word: &str, inner: &[Node], out: &mut String) {
    write!(out, "{word}(").unwrap();
    for node in inner {
        write(node, out);
        out.push_str(", ");
    }
    out.push(')');
}

/// Xorshift: the cases are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn node(&mut self, depth: usize) -> Node {
        match if depth == 0 { 9 } else { self.below(10) } {
            0 | 1 => Node::All(self.nodes(depth)),
            2..=4 => Node::Any(self.nodes(depth)),
            5 | 6 => Node::Not(Box::new(self.node(depth - 1))),
            _ => Node::Leaf(self.leaf()),
        }
    }

    fn nodes(&mut self, depth: usize) -> Vec<Node> {
        (0..=self.below(3)).map(|_| self.node(depth - 1)).collect()
    }

    fn leaf(&mut self) -> Leaf {
        let key = self.below(KEYS.len() + 2);
        let mut items: Vec<usize> = Vec::new();
        if key < KEYS.len() {
            let names = KEYS[key].1.len();
            let first = self.below(names);
            items.push(first);
            let second = self.below(names);
            if second != first && self.below(2) == 0 {
                items.push(second);
            }
        }
        Leaf {
            key,
            mode: self.below(4),
            items,
        }
    }
}

/// What is wrong with the policy, by trying everybody.
#[derive(Debug, Default)]
struct Naive {
    nobody: bool,
    everybody: bool,
    covered: bool,
}

fn nobody(node: &Node, callers: &[Caller]) -> bool {
    !callers.iter().any(|caller| holds(node, *caller))
}

fn judge(node: &Node, callers: &[Caller], found: &mut Naive) {
    match node {
        Node::Leaf(leaf) => {
            if leaf.mode == 2 && leaf.key == 4 {
                let arms: Vec<Node> = leaf
                    .items
                    .iter()
                    .map(|item| {
                        Node::Leaf(Leaf {
                            key: 4,
                            mode: 1,
                            items: vec![*item],
                        })
                    })
                    .collect();
                found.covered |= covered(&arms, callers);
            }
        }
        Node::All(inner) => inner.iter().for_each(|n| judge(n, callers, found)),
        Node::Any(inner) => {
            for n in inner {
                judge(n, callers, found);
            }
            found.nobody |= inner.iter().any(|arm| nobody(arm, callers));
            found.everybody |= callers.iter().all(|caller| holds(node, *caller));
            found.covered |= covered(inner, callers);
        }
        Node::Not(inner) => {
            judge(inner, callers, found);
            found.everybody |= nobody(inner, callers);
        }
    }
}

fn covered(arms: &[Node], callers: &[Caller]) -> bool {
    arms.iter().enumerate().any(|(at, arm)| {
        arms.iter().enumerate().any(|(other, by)| {
            at != other && callers.iter().all(|c| !holds(arm, *c) || holds(by, *c))
        })
    })
}

/// The codes the checker reports for a policy.
fn codes(text: &str) -> Vec<String> {
    let tokens = text.parse().expect("the test writes tokens");
    let checked = diag::collect(|diag| Some(policy::read(tokens, Place::Macro, diag)));
    let errors = checked.err().into_iter().flatten();
    errors
        .map(|error| {
            let message = error.to_string();
            let code = message
                .rsplit_once('[')
                .expect("every message ends with a code")
                .1;
            code.trim_end_matches(']').to_owned()
        })
        .collect()
}

#[test]
fn the_checker_agrees_with_trying_everybody() {
    let policies = if cfg!(debug_assertions) { 25 } else { 2_000 };
    let callers = callers();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut pairs = 0_usize;
    let mut wrong = 0_usize;
    for _ in 0..policies {
        let terms: Vec<Node> = (0..=random.below(3)).map(|_| random.node(3)).collect();
        let whole = Node::All(terms.clone());
        let mut text = String::new();
        for term in &terms {
            write(term, &mut text);
            text.push_str(", ");
        }
        let codes = codes(&text);
        let reported = |code: &str| codes.iter().any(|own| own == code);

        let mut naive = Naive::default();
        naive.nobody |= nobody(&whole, &callers);
        for term in &terms {
            judge(term, &callers, &mut naive);
        }
        pairs += callers.len();

        // No false alarm.
        assert!(
            !reported("KC013") || naive.nobody,
            "false contradiction: {text}"
        );
        assert!(
            !reported("KC014") || naive.everybody,
            "false tautology: {text}"
        );
        assert!(
            !reported("KC015") || naive.covered,
            "false redundancy: {text}"
        );
        // Nothing missed: one report at a place may stand for what contains the place.
        let any = reported("KC013") || reported("KC014") || reported("KC015");
        assert!(any || !naive.nobody, "missed contradiction: {text}");
        assert!(any || !naive.everybody, "missed tautology: {text}");
        assert!(any || !naive.covered, "missed redundancy: {text}");
        wrong += usize::from(any);
    }
    println!("{policies} policies, {wrong} refused, {pairs} pairs of policy and caller");
    assert!(
        wrong > policies / 20 && wrong < policies,
        "the cases are one-sided: {wrong}"
    );
}
