//! Items with path parameters: `/projects/{project}/editors`.
//!
//! `{name}` is the parameter of the matched route, `{{` and `}}` are braces. Values are data: what
//! could mean more than itself somewhere, satisfies nothing.

/// One part of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Part<'t> {
    /// Text, without escapes.
    Text(&'t str),
    /// The name of a parameter.
    Parameter(&'t str),
}

/// What is wrong with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an internal crate of two")]
pub enum Problem {
    /// A `{` without its `}`.
    Unclosed,
    /// A `}` without its `{`.
    Unopened,
    /// `{}`.
    NoName,
    /// A name with a character that no parameter's name has: white space, `{`, `/` or `*`.
    BadName,
}

/// The longest value of a parameter that is looked at, in bytes.
pub const LONGEST_VALUE: usize = 255;

/// Whether the item has braces, so that it is not simply text.
#[must_use]
pub const fn has_braces(item: &str) -> bool {
    let mut rest = item.as_bytes();
    while let [byte, others @ ..] = rest {
        if matches!(byte, b'{' | b'}') {
            return true;
        }
        rest = others;
    }
    false
}

/// What is wrong with the item, if anything.
#[must_use]
pub const fn problem(item: &str) -> Option<Problem> {
    let mut rest = item.as_bytes();
    loop {
        rest = match rest {
            [] => return None,
            [b'{', b'{', others @ ..] | [b'}', b'}', others @ ..] => others,
            [b'}', ..] => return Some(Problem::Unopened),
            [b'{', name @ ..] => match after_name(name) {
                Ok(others) => others,
                Err(problem) => return Some(problem),
            },
            [_, others @ ..] => others,
        };
    }
}

/// What follows the `}` of the name that is at the start.
const fn after_name(text: &[u8]) -> Result<&[u8], Problem> {
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Err(Problem::Unclosed),
            [b'}', others @ ..] => {
                return if rest.len() == text.len() {
                    Err(Problem::NoName)
                } else {
                    Ok(others)
                };
            }
            [b'{' | b'/' | b'*' | b' ' | 0..=0x1f | 0x7f, ..] => {
                return Err(Problem::BadName);
            }
            [_, others @ ..] => others,
        };
    }
}

/// The parts of an item without [`problem`]; of another one, as far as they can be read.
pub fn parts(item: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = item;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        if let ('{' | '}', Some(escaped)) = (first, rest.get(..2))
            && (escaped == "{{" || escaped == "}}")
        {
            let (text, _) = escaped.split_at(1);
            rest = rest.get(2..).unwrap_or_default();
            return Some(Part::Text(text));
        }
        if let Some(name) = rest.strip_prefix('{')
            && let Some((name, others)) = name.split_once('}')
        {
            rest = others;
            return Some(Part::Parameter(name));
        }
        let end = rest.find(['{', '}']).filter(|end| *end > 0);
        let (text, others) = rest.split_at(end.unwrap_or(rest.len()));
        rest = others;
        Some(Part::Text(text))
    })
}

/// The names of the parameters.
pub fn parameters(item: &str) -> impl Iterator<Item = &str> {
    parts(item).filter_map(|part| match part {
        Part::Parameter(name) => Some(name),
        Part::Text(_) => None,
    })
}

/// The names of a route's parameters, `{name}` and `{*rest}`.
pub fn of_route(route: &str) -> impl Iterator<Item = &str> {
    route.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        Some(name.trim_start_matches('*'))
    })
}

/// Whether a parameter may have this value: it is short, names one thing, and is nothing but itself
/// in a path, a list or a pattern.
#[must_use]
pub fn is_plain_value(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= LONGEST_VALUE
        && value != "."
        && value != ".."
        && value.trim().len() == value.len()
        && !value
            .chars()
            .any(|c| matches!(c, '/' | '#' | '*' | ',') || c.is_control())
}

/// The item with the values of its parameters; `None` where one is missing or not plain.
#[must_use]
pub fn filled<'v>(item: &str, value: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let mut text = String::with_capacity(item.len());
    for part in parts(item) {
        text.push_str(match part {
            Part::Text(part) => part,
            Part::Parameter(name) => value(name).filter(|value| is_plain_value(value))?,
        });
    }
    Some(text)
}

/// Whether some values of the parameters make `name` of the item.
#[must_use]
pub fn matches(item: &str, name: &str) -> bool {
    captures(item, name).is_some()
}

/// The values that make `name` of the item, by the names of the parameters; the shortest where there
/// are several.
#[must_use]
pub fn captures<'t>(item: &'t str, name: &'t str) -> Option<Vec<(&'t str, &'t str)>> {
    let parts: Vec<Part<'t>> = parts(item).collect();
    let mut values = Vec::new();
    capture(&parts, name, &mut values).then_some(values)
}

fn capture<'t>(parts: &[Part<'t>], name: &'t str, values: &mut Vec<(&'t str, &'t str)>) -> bool {
    match parts {
        [] => name.is_empty(),
        [Part::Text(text), others @ ..] => name
            .strip_prefix(text)
            .is_some_and(|rest| capture(others, rest, values)),
        [Part::Parameter(parameter), others @ ..] => {
            let known = values.iter().find(|(own, _)| own == parameter).copied();
            let ends = name.char_indices();
            let mut ways = ends
                .map(|(at, c)| name.split_at(at.saturating_add(c.len_utf8())))
                .take_while(|(value, _)| !value.contains('/'));
            ways.any(|(value, rest)| {
                if !is_plain_value(value) || known.is_some_and(|(_, own)| own != value) {
                    return false;
                }
                values.push((parameter, value));
                let found = capture(others, rest, values);
                if !found {
                    values.pop();
                }
                found
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_escapes() {
        let of = |item| parts(item).collect::<Vec<_>>();
        assert_eq!(
            of("/projects/{project}/editors"),
            [
                Part::Text("/projects/"),
                Part::Parameter("project"),
                Part::Text("/editors")
            ]
        );
        assert_eq!(
            of("{a}{b-2}"),
            [Part::Parameter("a"), Part::Parameter("b-2")]
        );
        assert_eq!(
            of("x{{y}}z"),
            [
                Part::Text("x"),
                Part::Text("{"),
                Part::Text("y"),
                Part::Text("}"),
                Part::Text("z")
            ]
        );
        assert_eq!(of(""), []);
        assert_eq!(
            of("ä{ö}ü"),
            [Part::Text("ä"), Part::Parameter("ö"), Part::Text("ü")]
        );
    }

    #[test]
    fn parameters_of_routes() {
        let of = |route| of_route(route).collect::<Vec<_>>();
        assert_eq!(of("/wards/{ward}/{*rest}"), ["ward", "rest"]);
        assert_eq!(of("/"), [""; 0]);
        assert_eq!(of("/odd{"), [""; 0]);
    }

    #[test]
    fn problems() {
        for item in ["", "a", "{a}", "{{", "}}", "{{{a}}}", "x-{a}-{b}", "{ä}"] {
            assert_eq!(problem(item), None, "{item}");
        }
        for (item, expected) in [
            ("{", Problem::Unclosed),
            ("a{b", Problem::Unclosed),
            ("}", Problem::Unopened),
            ("a}b", Problem::Unopened),
            ("{{}", Problem::Unopened),
            ("{}", Problem::NoName),
            ("{*rest}", Problem::BadName),
            ("{a b}", Problem::BadName),
            ("{a{b}}", Problem::BadName),
            ("{a/b}", Problem::BadName),
        ] {
            assert_eq!(problem(item), Some(expected), "{item}");
        }
    }

    #[test]
    fn values_are_data() {
        let fill = |value: &'static str| filled("/p/{x}/e", |name| (name == "x").then_some(value));
        for value in [
            "a", "a b", "ä", "%2F", "a.b", "...", "{y}", "..a", "\"", "\\", "a:b",
        ] {
            assert_eq!(fill(value), Some(format!("/p/{value}/e")), "{value}");
        }
        let long = "x".repeat(256).leak();
        for value in [
            "", ".", "..", "a/b", "/", "#", "a#b", "*", "**", "a*", "a,b", ",", " a", "a ",
            "\u{a0}a", "\0", "a\nb", "\u{7f}", "\u{85}", long,
        ] {
            assert_eq!(fill(value), None, "{value:?}");
        }
        assert_eq!(filled("{y}", |_| None), None);
        assert_eq!(filled("{{x}}", |_| None), Some("{x}".to_owned()));
    }

    #[test]
    fn names_that_a_template_can_make() {
        for (item, name, expected) in [
            ("/p/{x}/e", "/p/1/e", true),
            ("/p/{x}/e", "/p/1/2/e", false),
            ("/p/{x}/e", "/p//e", false),
            ("{shop}-clerk", "bern-clerk", true),
            ("{shop}-clerk", "-clerk", false),
            ("{a}-{b}", "x-y-z", true),
            ("{a}-{b}", "xy", false),
            ("{{a}}", "{a}", true),
            ("{a}-{a}", "x-x", true),
            ("{a}-{a}", "x-y", false),
        ] {
            assert_eq!(matches(item, name), expected, "{item} {name}");
        }
        let captured = captures("/p/{x}/{y}", "/p/1/two");
        assert_eq!(captured, Some(vec![("x", "1"), ("y", "two")]));
    }
}
