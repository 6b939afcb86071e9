//! The names in sets: each must be one that can exist.

use std::collections::HashSet;

use keycloak_policy::{
    grammar::{claim_path, group_path, scope_token, template},
    logic::{Atom, Atoms},
    vocabulary::{Grammar, Row, Subject},
};
use proc_macro2::Span;

use crate::{
    diag::Diagnostics,
    policy::{
        formula,
        model::{Item, Key, SetTerm, Term, TermKind, each_leaf, each_set},
        text,
    },
    rule::Rule,
};

/// Blank and padded names, scope-tokens, group paths, claim paths.
pub(super) fn names(terms: &[Term], diag: &mut Diagnostics) {
    each_leaf(terms, 0, &mut |term, _| match &term.kind {
        TermKind::Set(set) => {
            subject(&set.key, diag);
            for item in &set.items {
                if let Item::Literal(literal) = item {
                    name(set.key.kind.row(), &literal.value, literal.span, diag);
                }
            }
        }
        TermKind::Flag(key, _) => subject(key, diag),
        TermKind::All(_)
        | TermKind::Any(_)
        | TermKind::Not(_)
        | TermKind::Policy(_)
        | TermKind::Check(_)
        | TermKind::Require(_)
        | TermKind::Invalid => {}
    });
}

fn subject(key: &Key, diag: &mut Diagnostics) {
    let Some(subject) = &key.subject else { return };
    if key.kind.row().subject == Subject::ClaimPath {
        check_claim_path(&subject.value, subject.span, diag);
    } else {
        blank_or_padded("client-id", &subject.value, subject.span, diag);
    }
}

fn name(row: &Row, value: &str, span: Span, diag: &mut Diagnostics) {
    if row.template
        && let Some(problem) = template::problem(value)
    {
        braces(problem, value, span, diag);
        return;
    }
    // Of text, the empty string and white space are values like others.
    if row.grammar == Grammar::Text || !blank_or_padded(row.noun, value, span, diag) {
        return;
    }
    match row.grammar {
        Grammar::GroupPath => check_group_path(value, span, diag),
        Grammar::ScopeToken => check_scope_token(value, span, diag),
        Grammar::Name | Grammar::Text => {}
    }
}

fn braces(problem: template::Problem, value: &str, span: Span, diag: &mut Diagnostics) {
    use template::Problem;

    let message = match problem {
        Problem::Unclosed => {
            format!("in {value:?} a `{{` is not closed; write `{{name}}`, or `{{{{` for a brace")
        }
        Problem::Unopened => {
            format!("in {value:?} a `}}` closes nothing; write `{{name}}`, or `}}}}` for a brace")
        }
        Problem::NoName => {
            format!("in {value:?} a path parameter has no name; write `{{name}}`, as in the route")
        }
        Problem::BadName => format!(
            "in {value:?} a path parameter has a name that no route can have; write `{{name}}`, as \
             in the route without `*`"
        ),
    };
    diag.rule_at(Rule::Template, span, message);
}

/// Whether the name is neither; reports it otherwise.
fn blank_or_padded(what: &str, value: &str, span: Span, diag: &mut Diagnostics) -> bool {
    let trimmed = value.trim();
    if trimmed.is_empty() {
        let message = format!("this {what} name is blank; write the {what}'s name, or remove it");
        diag.rule_at(Rule::BlankOrPadded, span, message);
        false
    } else if trimmed.len() != value.len() {
        diag.rule_at(
            Rule::BlankOrPadded,
            span,
            format!(
                "{value:?} begins or ends with white space, and names are compared exactly; \
                 write {trimmed:?}"
            ),
        );
        false
    } else {
        true
    }
}

/// RFC 6749 section 3.3: printable ASCII without space, `"` and `\`.
fn check_scope_token(value: &str, span: Span, diag: &mut Diagnostics) {
    let Some(wrong) = scope_token::first_illegal(value) else {
        return;
    };
    let message = if wrong == ' ' {
        let parts: Vec<String> = value.split_whitespace().map(|s| format!("{s:?}")).collect();
        format!(
            "{value:?} is several scopes; write them as items: [{}]",
            parts.join(", ")
        )
    } else {
        format!(
            "{value:?} is not a scope: a scope-token has no {wrong:?} (RFC 6749 section 3.3), so no \
             token carries it"
        )
    };
    diag.rule_at(Rule::NotAScopeToken, span, message);
}

/// Paths that no group of Keycloak has.
fn check_group_path(value: &str, span: Span, diag: &mut Diagnostics) {
    let group_path::Pattern { own, below } = group_path::pattern(value);
    let tree = if below.is_some() { "/**" } else { "" };
    let clean: Vec<&str> = own.split('/').filter(|s| !s.trim().is_empty()).collect();
    let shown = format!("/{}{tree}", clean.join("/"));
    let message = if clean.is_empty() && !own.contains('*') || own == "**" {
        "names no group: write a group's path, such as \"/ops\" or \"/eng/**\"".to_owned()
    } else if own.contains('*') {
        let stem: Vec<&str> = own.split('/').take_while(|s| !s.contains('*')).collect();
        let stem = if stem.is_empty() {
            "eng".to_owned()
        } else {
            stem.join("/")
        };
        format!(
            "can never match: `*` has a meaning only in a final `/**`; write \"/{stem}/**\" for a \
             group and everything below it"
        )
    } else if own.is_empty() || own.split('/').any(|segment| segment.trim().is_empty()) {
        format!("can never match: it has an empty segment; write {shown:?}")
    } else if let Some(padded) = own.split('/').find(|s| s.trim().len() != s.len()) {
        let message = format!(
            "the segment {padded:?} of {value:?} begins or ends with white space, and names are \
             compared exactly; write {:?}",
            padded.trim()
        );
        diag.rule_at(Rule::BlankOrPadded, span, message);
        return;
    } else {
        return;
    };
    diag.rule_at(
        Rule::GroupNeverMatches,
        span,
        format!("the group path {value:?} {message}"),
    );
}

/// Claim paths with an empty or padded segment.
fn check_claim_path(value: &str, span: Span, diag: &mut Diagnostics) {
    if !blank_or_padded("claim", value, span, diag) {
        return;
    }
    if claim_path::names(value)
        .iter()
        .any(|segment| segment.trim().is_empty())
    {
        diag.rule_at(
            Rule::ClaimPath,
            span,
            format!(
                "the claim path {value:?} has an empty segment; separate names by one dot, as in \
                 \"address.country\" (a dot inside a name is written `\\\\.`)"
            ),
        );
    }
}

/// One item twice in one set. `"ops"` and `"/ops"` are one group; constants compare by path.
pub(super) fn duplicate_items(terms: &[Term], diag: &mut Diagnostics) {
    each_set(terms, &mut |set: &SetTerm| {
        let mut atoms = Atoms::default();
        let mut seen: HashSet<usize> = HashSet::new();
        for item in &set.items {
            let number = atoms.number(formula::atom(&set.key, item));
            if seen.insert(number) {
                continue;
            }
            let same = match atoms.get(number) {
                Some(Atom::Group(path)) => format!(" (the group `/{}`)", path.join("/")),
                _ => String::new(),
            };
            diag.rule_at(
                Rule::DuplicateItem,
                item.span(),
                format!(
                    "`{}` is in this set twice{same}; remove one",
                    text::item(item)
                ),
            );
        }
    });
}
