//! Near misses of the language: one error each, and what it advises.

use super::{check::Place, read};
use crate::diag;

/// `text` is refused with one message, which holds `advice`.
#[track_caller]
fn advises(text: &str, advice: &str) {
    let tokens = text.parse().expect("the test writes tokens");
    let checked = diag::collect(|diag| Some(read(tokens, Place::Attribute, diag)));
    let errors = checked.err().into_iter().flatten();
    let messages: Vec<String> = errors.map(|error| error.to_string()).collect();
    let [message] = messages.as_slice() else {
        panic!("{text}: {messages:#?}");
    };
    assert!(message.contains(advice), "{text}: {message}");
}

#[test]
fn what_stands_for_a_comma() {
    for joint in [";", "+", "&", "&&", "and"] {
        let comma = format!("write `,` instead of `{joint}`");
        for text in [
            "roles = [\"a\"] {} groups = [\"/ops\"]",
            "any(roles = [\"a\"] {} groups = [\"/ops\"])",
            "roles = [\"a\"] {} any(groups = [\"/ops\"], policy = A)",
            "policy = A {} check = f",
            "policy = A {} 1",
            "roles = [\"a\" {} \"b\"]",
            "roles = any[A {} b::C]",
        ] {
            advises(&text.replace("{}", joint), &comma);
        }
    }
    advises("roles = [\"a\"];", "write `,` instead of `;`");
    // Read on after it: the second mistake is reported, too.
    let tokens = "policy = A & roles = []".parse().expect("tokens");
    let checked = diag::collect(|diag| Some(read(tokens, Place::Attribute, diag)));
    assert_eq!(checked.err().into_iter().flatten().count(), 2);
}

#[test]
fn what_stands_for_any() {
    for joint in ["|", "||", "or"] {
        let any = format!("`{joint}` is written `any(.., ..)`");
        for text in [
            "roles = [\"a\"] {} groups = [\"/ops\"]",
            "policy = A {} roles = none[\"a\"]",
            "policy = A {} any(roles = [\"a\"])",
        ] {
            advises(&text.replace("{}", joint), &any);
        }
        let set = format!("`{joint}` is written `any[.., ..]`");
        advises(&format!("roles = [\"a\" {joint} B]"), &set);
    }
}

#[test]
fn values_that_are_joined() {
    advises("roles = \"a\" | \"b\"", "write `roles = any[\"a\", \"b\"]`");
    advises(
        "groups = A or b::C or \"d\"",
        "write `groups = any[A, b::C, \"d\"]`",
    );
    advises("roles = \"a\" & \"b\"", "write `roles = [\"a\", \"b\"]`");
    advises("roles = \"a\" and B", "write `roles = [\"a\", B]`");
    advises("roles = \"a\" | \"b\" & \"c\"", "takes a list of names");
    advises(
        "policy = A || b::C",
        "write `any(policy = A, policy = b::C)`",
    );
    advises("check = f && g", "write `check = f, check = g`");
}

#[test]
fn tokens_between_terms() {
    for text in [
        "roles = [\"a\"] - groups = [\"b\"]",
        "roles = [\"a\"] [\"b\"]",
        "roles = [\"a\"] (groups = [\"b\"])",
    ] {
        advises(text, "terms are separated by commas");
    }
    advises("roles = [\"a\"] groups = [\"b\"]", "a comma is missing");
}

#[test]
fn paths_and_words_alone() {
    advises("ADMINS", "`policy = ADMINS`");
    advises("any(ADMINS, roles = [\"a\"])", "`policy = ADMINS`");
    advises("policies::ADMINS", "`policy = policies::ADMINS`");
    advises("not(::a::ADMINS)", "`policy = ::a::ADMINS`");
    advises("checks::on_call", "`check = checks::on_call`");
    advises("checks::on_call(user)", "`check = checks::on_call`");
    advises("admin", "`roles = [\"admin\"]`");
    advises("rolse", "did you mean `roles`?");
    advises("OPTIONAL", "did you mean `optional`?");
    advises("or", "did you mean `any(..)`?");
}

#[test]
fn arguments_without_parentheses() {
    advises(
        "client_roles.api = [\"x\"]",
        "write `client_roles(\"api\") = [\"x\"]`",
    );
    advises(
        "client_roles.my-api = \"x\"",
        "write `client_roles(\"my-api\") = [\"x\"]`",
    );
    advises("claim.a.b = true", "write `claim(\"a.b\") = true`");
    advises("claim[\"a\"] = [\"x\"]", "write `claim(\"a\") = [\"x\"]`");
}

#[test]
fn values_that_are_nearly_sets() {
    for value in ["(\"a\", B)", "{\"a\", B}", "vec![\"a\", B,]", "&[\"a\", B]"] {
        advises(&format!("roles = {value}"), "write `roles = [\"a\", B]`");
    }
    advises("roles = ['a']", "write \"a\"");
    advises("roles = [b\"a\"]", "write \"a\"");
    advises("roles = any", "write `roles = any[\"..\"]`");
    advises("roles: \"a\"", "as in `roles = [\"a\"]`");
    advises("role: [\"a\"]", "as in `roles = [\"a\"]`");
}
