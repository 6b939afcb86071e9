//! What a text of the settings shows of the file or the shell that it went through: quotes,
//! unexpanded variables, lists of another syntax, a byte order mark. None of them is meant.

/// A problem and its cure; neither repeats the text.
pub(crate) type Artefact = (&'static str, &'static str);

const QUOTED: Artefact = (
    "has quotation marks that became part of it",
    "remove the quotation marks: what set the variable took them literally",
);
const LISTED: Artefact = (
    "is a list in brackets",
    "separate the entries by commas, without brackets and quotation marks (`a,b`)",
);
const UNEXPANDED: Artefact = (
    "holds a variable that nothing expanded (`${..}` or the like)",
    "write the value in the place of `${..}`, or let what starts this process expand it",
);
const MARKED: Artefact = (
    "begins with a byte order mark",
    "save it as UTF-8 without byte order mark",
);

/// What is wrong with a name, a URL or a list entry.
pub(crate) fn artefact(text: &str) -> Option<Artefact> {
    let inner = text.trim();
    if text.contains('\u{feff}') {
        Some(MARKED)
    } else if inner.starts_with('[') || inner.ends_with("\"]") || inner.ends_with("']") {
        Some(LISTED)
    } else if inner.starts_with(['"', '\'', '`']) || inner.ends_with(['"', '\'', '`']) {
        Some(QUOTED)
    } else {
        unexpanded(inner, |text, opening| text.contains(opening)).then_some(UNEXPANDED)
    }
}

/// What is wrong with a secret, which may hold any character: only what no secret is as a whole.
pub(crate) fn artefact_of_secret(text: &str) -> Option<Artefact> {
    let inner = text.trim();
    let quoted = |quote: char| {
        inner
            .strip_prefix(quote)
            .is_some_and(|rest| rest.ends_with(quote))
    };
    if text.starts_with('\u{feff}') {
        Some(MARKED)
    } else if quoted('"') || quoted('\'') {
        Some(QUOTED)
    } else {
        unexpanded(inner, |text, opening| text.starts_with(opening)).then_some(UNEXPANDED)
    }
}

/// `${NAME}`, `$(NAME)`, `{{ name }}`, `$NAME` as a whole.
fn unexpanded(text: &str, opened: impl Fn(&str, &str) -> bool) -> bool {
    let pairs = [("${", '}'), ("$(", ')'), ("{{", '}')];
    pairs
        .iter()
        .any(|(opening, closing)| opened(text, opening) && text.contains(*closing))
        || text.strip_prefix('$').is_some_and(|name| {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && name
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_artefact() {
        for (text, expected) in [
            ("\"demo\"", QUOTED),
            ("'api'", QUOTED),
            ("demo\"", QUOTED),
            ("[\"a\"", LISTED),
            ("\"b\"]", LISTED),
            ("[]", LISTED),
            ("[a", LISTED),
            ("${REALM}", UNEXPANDED),
            ("https://${HOST}/auth", UNEXPANDED),
            ("$(REALM)", UNEXPANDED),
            ("{{ .Values.realm }}", UNEXPANDED),
            ("$REALM", UNEXPANDED),
            ("\u{feff}demo", MARKED),
        ] {
            assert_eq!(artefact(text), Some(expected), "{text}");
        }
        for text in [
            "demo",
            "o'brien",
            "a$b",
            "my realm",
            "a{b}",
            "$x",
            "https://[::1]:8080",
        ] {
            assert_eq!(artefact(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_may_hold_what_a_name_may_not() {
        for text in ["it's", "\"", "a\"b\"", "a${b}", "[x]", "'a\"", "$", "$a"] {
            assert_eq!(artefact_of_secret(text), None, "{text}");
        }
        for text in [
            "\"x\"",
            "'x'",
            "${SECRET}",
            "$(SECRET)",
            "$SECRET",
            "\u{feff}x",
        ] {
            assert!(artefact_of_secret(text).is_some(), "{text}");
        }
    }
}
