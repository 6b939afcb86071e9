//! What became of the cases.

use std::collections::BTreeMap;

use crate::{case::Expect, has_notion, http::Answer};

/// What one answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An attack, refused by 400, 401 or 403.
    Refused,
    /// An attack, answered 200.
    LetThrough,
    /// A control, answered 200.
    Admitted,
    /// A control, refused.
    ControlRefused,
    /// An attack, answered by another status, or not at all.
    Other,
    /// A control, answered by another status, or not at all.
    ControlOther,
    /// Not about this server: the HTTP server beneath answers, or there is no such route.
    NotAsked,
}

impl Verdict {
    /// By the status.
    pub fn of(expected: Expect, answer: Option<&Answer>) -> Self {
        if expected == Expect::NotHttp {
            return Self::NotAsked;
        }
        let is_control = matches!(expected, Expect::Admitted | Expect::Anonymous);
        match (answer.map(|answer| answer.status), is_control) {
            (Some(404), _) => Self::NotAsked,
            (Some(200), true) => Self::Admitted,
            (Some(200), false) => Self::LetThrough,
            (Some(400 | 401 | 403), true) => Self::ControlRefused,
            (Some(400 | 401 | 403), false) => Self::Refused,
            (_, true) => Self::ControlOther,
            (_, false) => Self::Other,
        }
    }
}

/// The cases of one family against one server.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub refused: usize,
    pub let_through: usize,
    pub admitted: usize,
    pub controls_refused: usize,
    pub other: usize,
    pub controls_other: usize,
    /// The cases with a wrong answer, each once.
    pub names: BTreeMap<String, &'static str>,
}

impl Counts {
    pub fn attacks(&self) -> usize {
        self.refused + self.let_through + self.other
    }

    pub fn controls(&self) -> usize {
        self.admitted + self.controls_refused + self.controls_other
    }

    pub fn plus(&self, other: &Self) -> Self {
        Self {
            refused: self.refused + other.refused,
            let_through: self.let_through + other.let_through,
            admitted: self.admitted + other.admitted,
            controls_refused: self.controls_refused + other.controls_refused,
            other: self.other + other.other,
            controls_other: self.controls_other + other.controls_other,
            names: BTreeMap::new(),
        }
    }
}

/// All of it: server, family, counts.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<(&'static str, &'static str), Counts>);

impl Table {
    pub fn add(
        &mut self,
        server: &'static str,
        family: &'static str,
        case: &str,
        verdict: Verdict,
    ) {
        let counts = self.0.entry((server, family)).or_default();
        let (count, wrong) = match verdict {
            Verdict::Refused => (&mut counts.refused, None),
            Verdict::LetThrough => (&mut counts.let_through, Some("let through")),
            Verdict::Admitted => (&mut counts.admitted, None),
            Verdict::ControlRefused => (&mut counts.controls_refused, Some("valid, refused")),
            Verdict::Other => (&mut counts.other, Some("5xx or no answer")),
            Verdict::ControlOther => (&mut counts.controls_other, Some("valid, 5xx or no answer")),
            Verdict::NotAsked => return,
        };
        *count += 1;
        if let Some(wrong) = wrong {
            counts.names.insert(case.to_owned(), wrong);
        }
    }

    /// Nothing where the server was not asked.
    pub fn of(&self, server: &'static str, family: &'static str) -> Option<&Counts> {
        self.0.get(&(server, family))
    }

    /// The sum over the families of which the server has a notion, or of the others.
    pub fn sum(&self, server: &'static str, notion: bool) -> Counts {
        self.0
            .iter()
            .filter(|((of, family), _)| *of == server && has_notion(of, family) == notion)
            .fold(Counts::default(), |sum, (_, counts)| sum.plus(counts))
    }
}
