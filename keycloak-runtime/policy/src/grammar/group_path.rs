//! Group paths: as policies write them, and as Keycloak makes them of names.

/// What a policy says about groups: `ops`, `/ops`, `/eng/**`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern<'p> {
    /// The group's path without its leading `/`.
    pub own: &'p str,
    /// With a final `/**`, what the paths of the groups below begin with, which count as well: the
    /// path and a `/`.
    pub below: Option<&'p str>,
}

/// Reads an item of `groups = [..]`; never a path of a token, where `*` is a character like others.
#[inline]
#[must_use]
pub const fn pattern(item: &str) -> Pattern<'_> {
    let path = match item.as_bytes() {
        [b'/', ..] => item.split_at(1).1,
        _ => item,
    };
    match path.as_bytes() {
        [below @ .., b'*', b'*'] => match below {
            [own @ .., b'/'] => Pattern {
                own: path.split_at(own.len()).0,
                below: Some(path.split_at(below.len()).0),
            },
            _ => Pattern {
                own: path,
                below: None,
            },
        },
        _ => Pattern {
            own: path,
            below: None,
        },
    }
}

/// The full path of the group that an item of a policy names, without a final `/**`.
#[must_use]
pub fn full(item: &str) -> String {
    format!("/{}", pattern(item).own)
}

/// A group's name as Keycloak writes it in a path where its setting `escape-slashes-in-group-path`
/// is on. It is off by default, and then names are written as they are.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('/', "~/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(item: &str, own: &str, below: Option<&str>) {
        assert_eq!(pattern(item), Pattern { own, below });
    }

    #[test]
    fn a_leading_slash_and_a_final_pattern_are_no_part_of_the_path() {
        check("ops", "ops", None);
        check("/ops", "ops", None);
        check("/eng/**", "eng", Some("eng/"));
        check("eng/a/**", "eng/a", Some("eng/a/"));
        check("/eng**", "eng**", None);
        check("/**", "**", None);
        check("//**", "", Some("/"));
        check("/", "", None);
        check("", "", None);
        check("/\u{e9}/**", "\u{e9}", Some("\u{e9}/"));
    }
}
