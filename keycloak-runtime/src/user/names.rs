//! A sorted list of names in two allocations, and the iterator that handlers see.
//!
//! Lookups are binary searches that allocate nothing; names are compared byte for byte.

use std::{cmp::Ordering, fmt};

use serde::{Serialize, Serializer};

use crate::json::View;

/// Names in one text, sorted and without duplicates.
#[derive(Default)]
pub(crate) struct NameList {
    text: Box<str>,
    /// Where each name ends in `text`; it begins where the one before ends.
    ends: Box<[u32]>,
}

impl NameList {
    pub(crate) fn new(mut names: Vec<&str>) -> Self {
        names.sort_unstable();
        names.dedup();
        let mut text = String::with_capacity(names.iter().map(|name| name.len()).sum());
        let ends = names
            .into_iter()
            .map(|name| {
                text.push_str(name);
                // Names come from tokens of 16 KiB at most; more would end as an empty list.
                u32::try_from(text.len()).unwrap_or(0)
            })
            .collect();
        Self {
            text: text.into_boxed_str(),
            ends,
        }
    }

    /// From an array of strings; `None` where it is anything else.
    pub(crate) fn from_claim(claim: View<'_>) -> Option<Self> {
        let items = claim.items()?;
        let mut names = Vec::with_capacity(items.clone().count());
        for item in items {
            names.push(item.as_str()?);
        }
        Some(Self::new(names))
    }

    /// Bytes on the heap.
    pub(crate) fn memory(&self) -> usize {
        size_of_val(&*self.ends).saturating_add(self.text.len())
    }

    fn get(&self, index: usize) -> Option<&str> {
        let end = |index: usize| usize::try_from(*self.ends.get(index)?).ok();
        let start = match index.checked_sub(1) {
            Some(before) => end(before)?,
            None => 0,
        };
        self.text.get(start..end(index)?)
    }

    /// The first name for which `order` is not `Less`; `order` must fit the list's order.
    pub(crate) fn first_from(&self, order: impl Fn(&str) -> Ordering) -> Option<&str> {
        let (mut low, mut high) = (0, self.ends.len());
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

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.first_from(|own| own.cmp(name)) == Some(name)
    }

    pub(crate) fn names(&self) -> Names<'_> {
        Names {
            list: Some(self),
            next: 0,
        }
    }
}

/// The names of a caller's roles, groups or scopes, sorted, each once.
///
/// An iterator over `&str` that is cheap to clone and that can be asked directly:
/// `user.realm_roles().contains("admin")`. Serializes as a JSON array of strings.
#[derive(Clone)]
pub struct Names<'a> {
    list: Option<&'a NameList>,
    next: usize,
}

impl Names<'_> {
    pub(crate) const EMPTY: Self = Self {
        list: None,
        next: 0,
    };

    /// The names from the first one.
    #[must_use]
    pub fn iter(&self) -> Self {
        Self {
            list: self.list,
            next: 0,
        }
    }

    /// Whether `name` is among them, compared code point for code point.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.list.is_some_and(|list| list.contains(name))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names as owned strings.
    #[must_use]
    pub fn to_vec(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let name = self.list?.get(self.next)?;
        self.next = self.next.saturating_add(1);
        Some(name)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let all = self.list.map_or(0, |list| list.ends.len());
        let left = all.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Names<'_> {}

impl<'a> IntoIterator for &Names<'a> {
    type Item = &'a str;
    type IntoIter = Names<'a>;

    fn into_iter(self) -> Names<'a> {
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

    #[test]
    fn sorts_and_finds_each_name_once() {
        let list = NameList::new(vec!["b", "", "a", "b", "äb"]);
        assert_eq!(list.names(), ["", "a", "b", "äb"]);
        for name in ["", "a", "b", "äb"] {
            assert!(list.contains(name), "{name:?}");
        }
        for name in ["A", "ab", "c", "ä", " a", "a "] {
            assert!(!list.contains(name), "{name:?}");
        }
    }

    #[test]
    fn an_empty_list_contains_nothing() {
        assert!(!NameList::default().contains(""));
        assert!(Names::EMPTY.is_empty());
    }

    #[test]
    fn iterating_leaves_len_and_iter_right() {
        let list = NameList::new(vec!["a", "b", "c"]);
        let mut names = list.names();
        assert_eq!(names.next(), Some("a"));
        assert_eq!(names.len(), 2);
        assert_eq!(names.iter().len(), 3);
        assert_eq!(
            serde_json::to_value(list.names()).unwrap(),
            serde_json::json!(["a", "b", "c"])
        );
    }

    #[test]
    fn only_an_array_of_strings_is_a_list() {
        use serde_json::{Value, json};

        use crate::json::Object;
        let read = |value: Value| {
            let claims = Object::from(json!({ "names": value }).as_object().unwrap());
            NameList::from_claim(claims.root().get("names").unwrap()).is_some()
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
