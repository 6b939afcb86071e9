//! Claim paths: names separated by dots, where `\` takes the next character literally.
//!
//! Keycloak reads the claim names of its mappers the same way: `q\x.r\.s` is member `r.s` of the
//! object `qx`.

/// The first name, still escaped, and what follows its dot.
#[inline]
#[must_use]
pub fn split(path: &str) -> (&str, Option<&str>) {
    let mut escaped = false;
    for (at, c) in path.char_indices() {
        match c {
            '.' if !escaped => {
                let (name, rest) = path.split_at(at);
                return (name, rest.strip_prefix('.'));
            }
            '\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    (path, None)
}

/// The characters of a name without its escapes; a `\` at the end is one.
#[inline]
pub fn unescaped(name: &str) -> impl Iterator<Item = char> + '_ {
    let mut chars = name.chars();
    std::iter::from_fn(move || match chars.next()? {
        '\\' => Some(chars.next().unwrap_or('\\')),
        c => Some(c),
    })
}

/// All names, without their escapes.
#[must_use]
pub fn names(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = Some(path);
    while let Some(path) = rest {
        let (name, after) = split(path);
        names.push(unescaped(name).collect());
        rest = after;
    }
    names
}

/// `name` as one name of a path.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('.', "\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &[&str]) {
        assert_eq!(names(path), expected, "{path}");
    }

    #[test]
    fn dots_separate_and_backslashes_take_the_next_character() {
        check("a", &["a"]);
        check("a.b.c", &["a", "b", "c"]);
        check("a\\.b.c", &["a.b", "c"]);
        check("q\\x.r\\.s", &["qx", "r.s"]);
        check("a\\\\.b", &["a\\", "b"]);
        check("a\\", &["a\\"]);
        check("a..b.", &["a", "", "b", ""]);
        check("", &[""]);
    }

    #[test]
    fn an_escaped_name_is_one_name() {
        for name in ["a", "a.b", "a\\b", "\\.", "https://example.com/x", "\\"] {
            check(&escaped(name), &[name]);
        }
    }
}
