//! Three-valued logic, and sets of its values for terms that are not answered yet.

/// What is known about one statement (Kleene's strong logic). Only `True` admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    /// Neither can be proven, by no further question.
    Unknown,
}

impl Truth {
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }

    /// That of a name which is not there: false if that proves it, otherwise unknown.
    pub(crate) fn of_absence(proven: bool) -> Self {
        if proven { Self::False } else { Self::Unknown }
    }
}

/// Kleene's tables, which the tests compare [`Outcomes`] with.
#[cfg(test)]
impl Truth {
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::False, Self::False) => Self::False,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.not().or(other.not()).not()
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The truth values that a term can still take: one when it is decided, more while `check` or
/// `require` terms in it are unanswered. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcomes(u8);

impl Outcomes {
    pub(crate) const TRUE: Self = Self(1);
    pub(crate) const FALSE: Self = Self(2);
    pub(crate) const UNKNOWN: Self = Self(4);
    /// Depends on an answer that is still to come.
    pub(crate) const OPEN: Self = Self(1 | 2);

    const fn has(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    pub(crate) fn can_be_true(self) -> bool {
        self.has(Self::TRUE)
    }

    pub(crate) fn is_decided(self) -> bool {
        self.0.is_power_of_two()
    }

    pub(crate) fn not(self) -> Self {
        let swapped = (self.0 & 1) << 1 | (self.0 & 2) >> 1;
        Self(swapped | self.0 & 4)
    }

    /// Every value that `a and b` can take. The two are taken as independent, which each use of
    /// `check` and `require` is.
    pub(crate) fn and(self, other: Self) -> Self {
        let (t, f, u) = (Self::TRUE, Self::FALSE, Self::UNKNOWN);
        let mut out = 0;
        if self.has(t) && other.has(t) {
            out |= t.0;
        }
        if self.has(f) || other.has(f) {
            out |= f.0;
        }
        if (self.has(u) && (other.has(u) || other.has(t))) || (other.has(u) && self.has(t)) {
            out |= u.0;
        }
        Self(out)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

impl From<Truth> for Outcomes {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::TRUE,
            Truth::False => Self::FALSE,
            Truth::Unknown => Self::UNKNOWN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [Truth; 3] = [Truth::True, Truth::False, Truth::Unknown];

    fn members(set: u8) -> Vec<Truth> {
        let mut values = VALUES.to_vec();
        values.retain(|value| Outcomes(set).has(Outcomes::from(*value)));
        values
    }

    fn union(values: impl Iterator<Item = Truth>) -> Outcomes {
        Outcomes(values.fold(0, |set, value| set | Outcomes::from(value).0))
    }

    #[test]
    fn kleene_tables_hold() {
        use Truth::{False, True, Unknown};
        let rank = |t| match t {
            False => 0,
            Unknown => 1,
            True => 2,
        };
        for a in VALUES {
            for b in VALUES {
                assert_eq!(rank(a.and(b)), rank(a).min(rank(b)), "{a:?} and {b:?}");
                assert_eq!(rank(a.or(b)), rank(a).max(rank(b)), "{a:?} or {b:?}");
            }
            assert_eq!(rank(a.not()), 2 - rank(a));
        }
    }

    #[test]
    fn sets_are_exactly_what_their_members_can_give() {
        for a in 1..8 {
            for b in 1..8 {
                let pairs = || {
                    members(a)
                        .into_iter()
                        .flat_map(move |x| members(b).into_iter().map(move |y| (x, y)))
                };
                assert_eq!(
                    Outcomes(a).and(Outcomes(b)),
                    union(pairs().map(|(x, y)| x.and(y)))
                );
                assert_eq!(
                    Outcomes(a).or(Outcomes(b)),
                    union(pairs().map(|(x, y)| x.or(y)))
                );
            }
            assert_eq!(
                Outcomes(a).not(),
                union(members(a).into_iter().map(Truth::not))
            );
        }
    }
}
