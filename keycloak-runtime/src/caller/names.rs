//! The names of a user: sorted lists over the claims they are in, as handlers see them.
//!
//! A name is not copied: it is known by its place in the claims, so that all lists of a user are one
//! allocation. Lookups are binary searches that allocate nothing; names are compared byte for byte.

use std::{cmp::Ordering, fmt, ops::Range};

use serde::{Serialize, Serializer};

use crate::base::json::View;

/// Where a text is in the claims.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    start: u32,
    end: u32,
}

impl Place {
    /// Of what is not there: it ends before it begins, which no place does.
    pub(super) const NOWHERE: Self = Self {
        start: u32::MAX,
        end: 0,
    };

    pub(super) fn is_somewhere(self) -> bool {
        self.start <= self.end
    }

    /// The place of `part`, which was read out of `text`.
    pub(super) fn of(part: &str, text: &str) -> Option<Self> {
        let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        let end = start.checked_add(part.len())?;
        text.get(start..end)?;
        Self::at(start, part.len())
    }

    /// The place of `length` bytes from `start` on.
    pub(super) fn at(start: usize, length: usize) -> Option<Self> {
        Some(Self {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(start.checked_add(length)?).ok()?,
        })
    }

    /// The place in what follows `text`, of one that was counted from the beginning of `text`.
    pub(super) fn after(self, text: &str) -> Option<Self> {
        let Range { start, end } = self.range()?;
        Self::at(start.checked_sub(text.len())?, end.checked_sub(start)?)
    }

    pub(super) fn read(self, text: &str) -> Option<&str> {
        text.get(self.range()?)
    }

    /// How the text compares with `name`: byte for byte, which is cheaper than as characters.
    pub(super) fn order(self, text: &str, name: &str) -> Ordering {
        let own = self.range().and_then(|range| text.as_bytes().get(range));
        own.cmp(&Some(name.as_bytes()))
    }

    fn range(self) -> Option<Range<usize>> {
        let index = |at: u32| usize::try_from(at).ok();
        Some(index(self.start)?..index(self.end)?)
    }
}

/// Which of a user's names are one list: sorted, and each once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    from: u32,
    to: u32,
}

/// All names of one user, while they are collected.
pub(super) struct Collected<'c> {
    text: &'c str,
    places: Vec<Place>,
    /// Of the list that is being read; kept for its room.
    names: Vec<&'c str>,
}

impl<'c> Collected<'c> {
    /// Names will be read out of `text`.
    pub(super) fn of(text: &'c str) -> Self {
        Self {
            text,
            places: Vec::new(),
            names: Vec::new(),
        }
    }

    /// From an array of strings; `None` where it is anything else.
    pub(super) fn claim(&mut self, claim: View<'c>) -> Option<Part> {
        self.list(claim.items()?.map(View::as_str))
    }

    /// `None` where one of the names is none.
    pub(super) fn list(&mut self, names: impl Iterator<Item = Option<&'c str>>) -> Option<Part> {
        self.names.clear();
        for name in names {
            self.names.push(name?);
        }
        self.names.sort_unstable();
        self.names.dedup();
        let index = |places: &Vec<Place>| u32::try_from(places.len()).ok();
        let from = index(&self.places)?;
        for name in &self.names {
            self.places.push(Place::of(name, self.text)?);
        }
        let to = index(&self.places)?;
        Some(Part { from, to })
    }

    pub(super) fn into_places(self) -> Box<[Place]> {
        self.places.into_boxed_slice()
    }
}

/// The names of a caller's roles, groups or scopes, sorted, each once.
///
/// A view that is cheap to copy: `user.realm_roles().contains("admin")`,
/// `for role in user.realm_roles()`. Serializes as a JSON array of strings.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    text: &'a str,
    places: &'a [Place],
}

impl<'a> Names<'a> {
    pub(crate) const EMPTY: Names<'static> = Names {
        text: "",
        places: &[],
    };

    /// The names of `part`.
    pub(super) fn new(text: &'a str, places: &'a [Place], part: Part) -> Self {
        let index = |at: u32| usize::try_from(at).ok();
        let own = index(part.from)
            .zip(index(part.to))
            .and_then(|(from, to)| places.get(from..to));
        Self {
            text,
            places: own.unwrap_or_default(),
        }
    }

    fn get(&self, index: usize) -> Option<&'a str> {
        self.places.get(index)?.read(self.text)
    }

    /// The first name for which `order` is not `Less`; `order` must fit the list's order.
    pub(crate) fn first_from(&self, order: impl Fn(&str) -> Ordering) -> Option<&'a str> {
        let (mut low, mut high) = (0, self.places.len());
        while low < high {
            let middle = low.midpoint(high);
            if order(self.get(middle)?) == Ordering::Less {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        self.get(low)
    }

    /// The names, in their order.
    #[must_use]
    pub fn iter(&self) -> NamesIter<'a> {
        NamesIter {
            text: self.text,
            places: self.places.iter(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether `name` is among them, compared code point for code point.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        let found = self
            .places
            .binary_search_by(|own| own.order(self.text, name));
        found.is_ok()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The names as owned strings.
    #[must_use]
    pub fn to_vec(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

/// The names of [`Names`], one after the other.
#[derive(Debug, Clone)]
pub struct NamesIter<'a> {
    text: &'a str,
    places: std::slice::Iter<'a, Place>,
}

impl<'a> Iterator for NamesIter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.places.next()?.read(self.text)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl DoubleEndedIterator for NamesIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.places.next_back()?.read(self.text)
    }
}

impl ExactSizeIterator for NamesIter<'_> {}

impl<'a> IntoIterator for Names<'a> {
    type Item = &'a str;
    type IntoIter = NamesIter<'a>;

    fn into_iter(self) -> NamesIter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &Names<'a> {
    type Item = &'a str;
    type IntoIter = NamesIter<'a>;

    fn into_iter(self) -> NamesIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<T: AsRef<str>> PartialEq<[T]> for Names<'_> {
    fn eq(&self, other: &[T]) -> bool {
        self.iter().eq(other.iter().map(AsRef::as_ref))
    }
}

impl<T: AsRef<str>, const N: usize> PartialEq<[T; N]> for Names<'_> {
    fn eq(&self, other: &[T; N]) -> bool {
        *self == other[..]
    }
}

impl<T: AsRef<str>> PartialEq<Vec<T>> for Names<'_> {
    fn eq(&self, other: &Vec<T>) -> bool {
        *self == other[..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], look: impl FnOnce(Names<'_>)) {
        // As in the claims: one text, from which the names are taken.
        let text = names.concat();
        let mut rest = text.as_str();
        let mut parts = Vec::new();
        for name in names {
            let (part, after) = rest.split_at(name.len());
            parts.push(part);
            rest = after;
        }
        let mut collected = Collected::of(&text);
        collected
            .list(["x"].iter().map(|_| Some(&text[..0])))
            .unwrap();
        let part = collected.list(parts.into_iter().map(Some)).unwrap();
        let places = collected.into_places();
        look(Names::new(&text, &places, part));
    }

    #[test]
    fn sorts_and_finds_each_name_once() {
        check(&["b", "", "a", "b", "äb"], |list| {
            assert_eq!(list, ["", "a", "b", "äb"]);
            for name in ["", "a", "b", "äb"] {
                assert!(list.contains(name), "{name:?}");
            }
            for name in ["A", "ab", "c", "ä", " a", "a "] {
                assert!(!list.contains(name), "{name:?}");
            }
        });
    }

    #[test]
    fn an_empty_list_contains_nothing() {
        check(&[], |list| assert!(!list.contains("")));
        assert!(Names::EMPTY.is_empty());
    }

    #[test]
    fn a_text_from_elsewhere_has_no_place() {
        let text = "abc".to_owned();
        let other = "abc".to_owned();
        assert!(Place::of(&text[1..2], &text).is_some());
        assert!(Place::of(&other, &text).is_none());
        assert!(Place::of(&text, &other).is_none());
    }

    #[test]
    fn a_list_is_iterated_as_often_as_wanted() {
        check(&["a", "b", "c"], |list| {
            let mut names = list.iter();
            assert_eq!(names.next(), Some("a"));
            assert_eq!(names.next_back(), Some("c"));
            assert_eq!((names.len(), list.len(), list.iter().len()), (1, 3, 3));
            assert_eq!(list.into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
            assert_eq!(
                serde_json::to_value(list).unwrap(),
                serde_json::json!(["a", "b", "c"])
            );
        });
    }

    #[test]
    fn only_an_array_of_strings_is_a_list() {
        use serde_json::{Value, json};

        use crate::base::json::Object;
        let read = |value: Value| {
            let claims = Object::from(json!({ "names": value }).as_object().unwrap());
            let claim = claims.root().get("names").unwrap();
            Collected::of(claims.text()).claim(claim).is_some()
        };
        assert!(read(json!(["a"])));
        for value in [
            json!("a"),
            json!(["a", 1]),
            json!({"a": 1}),
            json!(null),
            json!([["a"]]),
        ] {
            assert!(!read(value.clone()), "{value}");
        }
    }
}
