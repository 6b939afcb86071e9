//! A policy in words, as Markdown for an operation's description.

use std::fmt::Write as _;

use super::scopes::{are_everything, ways};
use crate::policy::term::{Asked, Mode, Policy, Question, Set, Term};

/// Where our part of a description begins; everything from here on is ours.
const HEAD: &str = "**Authorization:** ";

/// Policies that all have to hold, outermost first.
pub(super) fn all(policies: &[Policy], words: fn(&Policy) -> String) -> String {
    let words: Vec<String> = policies.iter().map(words).collect();
    words.join("\n\n**And:** ")
}

/// The whole policy.
pub(super) fn full(policy: &Policy) -> String {
    if policy.optional {
        return optional();
    }
    match policy.terms {
        [] => "any authenticated caller.".to_owned(),
        [term] => format!("{}.", term_words(term)),
        terms => {
            let mut text = String::from("all of these:\n");
            for term in terms {
                let _infallible = write!(text, "\n- {}", term_words(term));
            }
            text
        }
    }
}

/// The OAuth scopes, and whether there is more.
pub(super) fn scopes_only(policy: &Policy) -> String {
    if policy.optional {
        return optional();
    }
    let ways = ways(std::slice::from_ref(policy));
    let needed: Vec<String> = ways
        .iter()
        .filter(|way| !way.is_empty())
        .map(|way| named("scope", way, ""))
        .collect();
    let more = !are_everything(policy);
    match (needed.is_empty(), more) {
        (true, true) => "an authenticated caller with further permissions.".to_owned(),
        (true, false) => "any authenticated caller.".to_owned(),
        (false, true) => format!("{}, and further permissions.", needed.join(", or ")),
        (false, false) => format!("{}.", needed.join(", or ")),
    }
}

fn optional() -> String {
    "optional; an access token that is sent has to be valid.".to_owned()
}

/// Puts `text` at the end of a description, in place of our earlier text there.
pub(super) fn append(description: &mut Option<String>, text: Option<&str>) {
    let mut own = description.take().unwrap_or_default();
    if let Some(start) = own.find(HEAD) {
        own.truncate(start);
    }
    let own = own.trim_end();
    *description = match (own.is_empty(), text) {
        (true, None) => None,
        (false, None) => Some(own.to_owned()),
        (true, Some(text)) => Some(format!("{HEAD}{text}")),
        (false, Some(text)) => Some(format!("{own}\n\n{HEAD}{text}")),
    };
}

fn term_words(term: &Term) -> String {
    match term {
        Term::All(terms) => joined("all of", terms),
        Term::Any(terms) => joined("one of", terms),
        Term::Not(term) => format!("not {}", term_words(term)),
        Term::Ask(question) => question_words(question),
        Term::Policy(name, policy) => {
            format!(
                "the policy {} ({})",
                code(name),
                joined("all of", policy.terms)
            )
        }
        Term::Check(path, _) => format!("the check {}", code(path)),
        Term::Require(_, text) => format!("the condition {}", code(text)),
    }
}

fn joined(how_many: &str, terms: &[Term]) -> String {
    match terms {
        [] => "any authenticated caller".to_owned(),
        [term] => term_words(term),
        terms => {
            let words: Vec<String> = terms.iter().map(term_words).collect();
            format!("{how_many}: ({})", words.join("; "))
        }
    }
}

fn question_words(question: &Question) -> String {
    let prose = &question.kind.row().prose;
    let subject = question.subject.map(code);
    match (question.asked, subject) {
        (Asked::Set(set), None) => {
            format!("{}{}", prose.before, set_words(prose.noun, set, ""))
        }
        (Asked::Set(set), Some(subject)) => {
            let of = format!("{}{subject}", prose.of);
            format!("{}{}", prose.before, set_words(prose.noun_of, set, &of))
        }
        (Asked::Flag(value), subject) => {
            let [holds, does_not] = prose.flags;
            let words = if value { holds } else { does_not };
            words.replace("{}", subject.as_deref().unwrap_or_default())
        }
    }
}

fn set_words(noun: &str, set: Set, of: &str) -> String {
    match (set.mode, set.items) {
        (Mode::All, items) => named(noun, items, of),
        (Mode::Any, [item]) => named(noun, &[*item], of),
        (Mode::Any, items) => format!("one of the {noun}s {}{of}", list(items)),
        (Mode::None, [item]) => format!("not the {noun} {}{of}", code(item)),
        (Mode::None, items) => format!("none of the {noun}s {}{of}", list(items)),
    }
}

fn named(noun: &str, items: &[&str], of: &str) -> String {
    match items {
        [item] => format!("the {noun} {}{of}", code(item)),
        items => format!("the {noun}s {}{of}", list(items)),
    }
}

fn list(items: &[&str]) -> String {
    let items: Vec<String> = items.iter().map(|item| code(item)).collect();
    items.join(", ")
}

/// A code span that the text cannot leave (`CommonMark` section 6.1).
fn code(text: &str) -> String {
    let mut fence = String::from("`");
    while text.contains(&fence) {
        fence.push('`');
    }
    let text = text.replace(['\n', '\r'], " ");
    let edge = |c: Option<char>| if c == Some('`') { " " } else { "" };
    let (before, after) = (edge(text.chars().next()), edge(text.chars().next_back()));
    format!("{fence}{before}{text}{after}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::term::Kind;

    const fn set(mode: Mode, items: &'static [&'static str]) -> Set {
        Set {
            mode,
            items,
            templates: false,
        }
    }

    const ADMIN: Term = Term::roles(set(Mode::All, &["admin"]));
    const OPS: Term = Term::groups(set(Mode::Any, &["ops", "/eng/**"]));
    const NOT_X: Term = Term::Not(&Term::client_roles(Some("api"), set(Mode::All, &["x"])));
    const A_OR_B: Term = Term::scopes(set(Mode::Any, &["a", "b"]));
    const READ: Term = Term::scopes(set(Mode::All, &["reports:read"]));

    #[track_caller]
    fn check(terms: &'static [Term], expected_full: &str, expected_scopes: &str) {
        let policy = Policy::__new(terms, "");
        assert_eq!(full(&policy), expected_full);
        assert_eq!(scopes_only(&policy), expected_scopes);
    }

    #[test]
    fn words() {
        const CALLERS: Term = Term::names(Kind::Callers, None, set(Mode::Any, &["web", "jobs"]));
        const MACHINE: Term = Term::Ask(Question {
            kind: Kind::ServiceAccount,
            subject: None,
            asked: Asked::Flag(true),
        });
        check(
            &[],
            "any authenticated caller.",
            "any authenticated caller.",
        );
        check(
            &[ADMIN],
            "the role `admin`.",
            "an authenticated caller with further permissions.",
        );
        check(
            &[ADMIN, OPS, READ],
            "all of these:\n\n- the role `admin`\n- membership in one of the groups `ops`, \
             `/eng/**`\n- the scope `reports:read`",
            "the scope `reports:read`, and further permissions.",
        );
        check(
            const { &[Term::Any(&[NOT_X, Term::claim_bool("vip", true)])] },
            "one of: (not the role `x` of the client `api`; the claim `vip` is true).",
            "an authenticated caller with further permissions.",
        );
        check(
            &[CALLERS, MACHINE],
            "all of these:\n\n- a token issued to one of the clients `web`, `jobs`\n- the token of \
             a service account (client credentials)",
            "an authenticated caller with further permissions.",
        );
        check(
            &[A_OR_B],
            "one of the scopes `a`, `b`.",
            "the scope `a`, or the scope `b`.",
        );
    }

    #[test]
    fn nothing_but_scopes_in_the_short_form() {
        let policy = Policy::__new(&[ADMIN, OPS, READ], "");
        let text = scopes_only(&policy);
        assert!(!text.contains("admin") && !text.contains("ops"), "{text}");
    }

    #[test]
    fn code_spans_cannot_be_left() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`x`"), "`` `x` ``");
    }

    #[test]
    fn appending_replaces_only_what_is_ours() {
        let mut description = Some("Written by hand.".to_owned());
        append(&mut description, Some("first."));
        append(&mut description, Some("second."));
        assert_eq!(
            description.as_deref(),
            Some("Written by hand.\n\n**Authorization:** second.")
        );
        append(&mut description, None);
        assert_eq!(description.as_deref(), Some("Written by hand."));
        let mut description = None;
        append(&mut description, Some("x."));
        assert_eq!(description.as_deref(), Some("**Authorization:** x."));
    }
}
