//! Each rule with its own cases: what it refuses, in which words, and what it must let pass.

use super::Place;
use crate::{diag, policy};

/// Every message about a policy, in order.
fn messages(text: &str, place: Place) -> Vec<String> {
    let tokens = text.parse().expect("the test writes tokens");
    let checked = diag::collect(|diag| Some(policy::read(tokens, place, diag)));
    let errors = checked.err().into_iter().flatten();
    errors.map(|error| error.to_string()).collect()
}

fn codes(text: &str) -> Vec<String> {
    let all = messages(text, Place::Attribute).into_iter();
    all.map(|message| {
        let code = message
            .rsplit_once('[')
            .expect("every message ends with a code")
            .1;
        code.trim_end_matches(']').to_owned()
    })
    .collect()
}

#[track_caller]
fn passes(text: &str) {
    assert_eq!(
        messages(text, Place::Attribute),
        Vec::<String>::new(),
        "{text}"
    );
}

#[track_caller]
fn refused(text: &str, expected: &[&str]) {
    assert_eq!(
        codes(text),
        expected,
        "{text}: {:#?}",
        messages(text, Place::Attribute)
    );
}

#[test]
fn unknown_keys() {
    refused("role = [\"a\"]", &["KC001"]);
    refused("role = \"a\"", &["KC001"]);
    refused("role(\"a\")", &["KC001"]);
    refused("or(roles = [\"a\"])", &["KC001"]);
    refused("none(roles = [\"a\"])", &["KC001"]);
    refused("r#crate_ = ::x", &["KC001"]);
    let message = &messages("role = [\"a\"]", Place::Attribute)[0];
    assert!(message.contains("did you mean `roles`?"), "{message}");
}

#[test]
fn shapes() {
    for text in [
        "roles",
        "roles()",
        "roles(\"admin\")",
        "roles = \"admin\"",
        "roles = ADMIN",
        "roles = any(\"a\")",
        "roles = not[\"a\"]",
        "roles = some[\"a\"]",
        "roles = {\"a\"}",
        "roles = (\"a\")",
        "roles = 1",
        "roles = true",
        "roles = [1]",
        "roles = [concat!(\"a\", \"b\")]",
        "roles = [\"a\"x]",
        "roles = ['a']",
        "roles = [b\"a\"]",
        "roles = [true]",
        "roles(\"x\") = [\"a\"]",
        "client_roles(\"api\")",
        "client_roles(API) = [\"a\"]",
        "client_roles(\"a\", \"b\") = [\"a\"]",
        "client_roles() = [\"a\"]",
        "claim = [\"a\"]",
        "claim(\"a\")",
        "claim(\"a\") = \"b\"",
        "claim(\"a\") = 1",
        "policy = \"ADMINS\"",
        "policy = [ADMINS]",
        "policy(ADMINS)",
        "check = \"f\"",
        "check = f()",
        "check = f(user)",
        "check = |user| true",
        "require",
        "require(a == b)",
        "any = [\"a\"]",
        "not = [\"a\"]",
        "any(roles = [\"a\"]) = 1",
        "optional = true",
        "optional()",
        "realm_export = PATH",
        "realm_export",
        "crate = \"keycloak\"",
        "crate",
    ] {
        refused(text, &["KC002"]);
    }
}

#[test]
fn syntax() {
    for text in [
        "\"admin\"",
        "[\"admin\"]",
        "(roles = [\"a\"])",
        "!roles = [\"a\"]",
        "roles == [\"a\"]",
        "roles = ",
        "roles: [\"a\"]",
        "roles [\"a\"]",
        "roles = [\"a\" \"b\"]",
        "roles = [\"a\"] groups = [\"b\"]",
        "roles = [\"a\"] && groups = [\"b\"]",
        "roles = [\"a\"] || groups = [\"b\"]",
        "roles = [\"a\"],, groups = [\"b\"]",
        ", roles = [\"a\"]",
        "roles = [\"a\",, \"b\"]",
        "any(\"a\")",
        "not(!x)",
        "require = ",
        "require = a b",
        "require = +",
        "require = (a",
    ] {
        let Ok(_) = text.parse::<proc_macro2::TokenStream>() else {
            continue;
        };
        refused(text, &["KC003"]);
    }
}

#[test]
fn empty() {
    for text in [
        "roles = []",
        "roles = any[]",
        "roles = none[]",
        "any()",
        "all()",
        "not()",
        "claim(\"a\") = []",
        "any(roles = [\"a\"], any())",
    ] {
        refused(text, &["KC004"]);
    }
    passes("");
}

#[test]
fn duplicate_items() {
    refused("roles = [\"a\", \"a\"]", &["KC005"]);
    refused("roles = any[\"a\", \"b\", \"a\"]", &["KC005"]);
    refused("groups = any[\"ops\", \"/ops\"]", &["KC005"]);
    refused("groups = [\"/a/**\", \"a/**\"]", &["KC005"]);
    refused("roles = [ADMIN, ADMIN]", &["KC005"]);
    refused("roles = [m::ADMIN, m :: ADMIN]", &["KC005"]);
    passes("roles = [ADMIN, m::ADMIN, \"ADMIN\"]");
    passes("groups = [\"/a\", \"/a/b\"]");
}

#[test]
fn names() {
    for text in [
        "roles = [\"\"]",
        "roles = [\" \"]",
        "roles = [\" a\"]",
        "roles = [\"a\\t\"]",
        "groups = [\"\"]",
        "groups = [\"/a/ b\"]",
        "scopes = [\"\"]",
        "client_roles(\"\") = [\"a\"]",
        "client_roles(\"api \") = [\"a\"]",
        "claim(\"\") = [\"a\"]",
        "claim(\" a\") = true",
    ] {
        refused(text, &["KC006"]);
    }
    passes("roles = [\"team lead\"], claim(\"a\") = [\"\"], claim(\"b\") = [\" x \"]");
    for scope in ["a b", "a\\\"b", "a\\\\b", "ä", "a\\u{7f}"] {
        refused(&format!("scopes = [\"{scope}\"]"), &["KC007"]);
    }
    passes("scopes = [\"openid\", \"orders:read\", \"https://x/y.z\", \"!#[]~\"]");
}

#[test]
fn group_paths() {
    for path in [
        "/", "//", "/ops/", "ops/", "//ops", "/a//b", "*", "/*", "**", "/**", "/a*", "/a/*",
        "/a**", "/a/**/b", "/**/a", "/a/**/", "a//**", "/a/ /b",
    ] {
        refused(&format!("groups = [\"{path}\"]"), &["KC008"]);
    }
    passes(
        "groups = any[\"ops\", \"/sre\", \"/eng/backend\", \"/x/**\", \"y/z/**\", \"/a b/c.d\"]",
    );
}

#[test]
fn claim_paths() {
    for path in [".", "a.", ".a", "a..b", "a. .b"] {
        refused(&format!("claim(\"{path}\") = [\"x\"]"), &["KC009"]);
        refused(&format!("claim(\"{path}\") = true"), &["KC009"]);
    }
    passes("claim(\"a.b\\\\.c\") = [\"x\"], claim(r\"https://x\\.y/z\") = true");
}

#[test]
fn bare_lists_under_not() {
    refused("not(roles = [\"a\", \"b\"])", &["KC010"]);
    refused(
        "not(any(roles = [\"a\", \"b\"], groups = [\"c\"]))",
        &["KC010"],
    );
    refused(
        "any(groups = [\"x\"], not(all(roles = [\"a\", \"b\"], groups = [\"c\"])))",
        &["KC010"],
    );
    for text in [
        "not(scopes = [\"a\"])",
        "scopes = none[\"a\"]",
        "any(roles = [\"a\"], not(any(groups = [\"g\"], scopes = [\"a\"])))",
        "not(all(roles = [\"a\"], not(scopes = none[\"a\"])))",
    ] {
        refused(text, &["KC034"]);
    }
    passes("not(not(scopes = [\"a\"]))");
    passes("not(scopes = none[\"a\"])");
    passes("not(roles = [\"a\"])");
    passes("not(roles = any[\"a\", \"b\"])");
    passes("not(roles = all[\"a\", \"b\"])");
    passes("not(roles = none[\"a\", \"b\"])");
}

#[test]
fn not_takes_one() {
    refused("not(roles = [\"a\"], groups = [\"b\"])", &["KC011"]);
    refused("not(roles = [\"a\"], roles = none[\"a\"])", &["KC011"]);
    passes("not(all(roles = [\"a\"], groups = [\"b\"]))");
    passes("not(roles = [\"a\"],)");
}

#[test]
fn duplicate_keys() {
    refused("roles = [\"a\"], roles = [\"b\"]", &["KC012"]);
    refused("roles = [\"a\"], roles = all[\"b\"]", &["KC012"]);
    refused(
        "roles = none[\"a\"], groups = [\"g\"], roles = none[\"b\"]",
        &["KC012"],
    );
    refused(
        "client_roles(\"x\") = [\"a\"], client_roles(\"x\") = [\"b\"]",
        &["KC012"],
    );
    refused("claim(\"x\") = [\"a\"], claim(\"x\") = [\"b\"]", &["KC012"]);
    refused("all(roles = [\"a\"], roles = [\"b\"])", &["KC012"]);
    refused("optional, optional", &["KC012"]);
    refused("crate = ::a, crate = ::b", &["KC012"]);
    passes("roles = [\"a\"], roles = any[\"b\", \"c\"]");
    passes("roles = any[\"a\", \"d\"], roles = any[\"b\", \"c\"]");
    passes("roles = [\"a\"], roles = none[\"b\"]");
    passes("roles = [\"a\"], realm_roles = [\"b\"]");
    passes("client_roles(\"x\") = [\"a\"], client_roles(\"y\") = [\"b\"], client_roles = [\"c\"]");
    passes("any(roles = [\"a\"], roles = [\"b\"])");
    passes("any(all(roles = [\"a\"], roles = [\"b\"]), groups = [\"c\"])");
    passes("require = a, require = a, check = f, check = f, policy = P, policy = P");
}

#[test]
fn contradictions() {
    for text in [
        "roles = [\"a\"], roles = none[\"a\"]",
        "roles = all[\"a\"], none_of_this = 1, not(roles = [\"a\"])",
        "roles = [\"a\"], not(roles = [\"a\"])",
        "realm_roles = [\"x\"], not(roles = [\"x\"])",
        "client_roles = [\"x\"], not(roles = [\"x\"])",
        "roles = [\"x\"], realm_roles = none[\"x\"], client_roles = none[\"x\"]",
        "roles = any[\"a\", \"b\"], roles = none[\"a\", \"b\"]",
        "groups = [\"ops\"], groups = none[\"/ops\"]",
        "groups = [\"/a/b\"], groups = none[\"/a/**\"]",
        "groups = [\"/a\"], not(groups = [\"/a/**\"])",
        "groups = [\"/a/b/**\"], groups = none[\"/a/**\"]",
        "claim(\"x\") = true, claim(\"x\") = false",
        "claim(\"x\") = true, not(claim(\"x\") = true)",
        "claim(\"x\") = [\"a\"], claim(\"x\") = none[\"a\"]",
        "roles = [ADMIN], roles = none[ADMIN]",
        "policy = P, not(policy = P)",
        "any(roles = [\"a\"], groups = [\"b\"]), not(any(roles = [\"a\"], groups = [\"b\"]))",
        "any(all(roles = [\"a\"], not(roles = [\"a\"])), groups = [\"g\"])",
        "not(roles = none[\"a\"]), not(roles = [\"a\"])",
        "roles = [\"a\"], any(roles = none[\"a\"], all(roles = none[\"a\"], groups = [\"g\"]))",
    ] {
        let codes = codes(text);
        assert!(
            codes.iter().any(|code| code == "KC013"),
            "{text}: {codes:?}"
        );
    }
    passes("roles = [\"x\"], not(realm_roles = [\"x\"])");
    passes("client_roles = [\"x\"], client_roles(\"api\") = none[\"x\"]");
    passes("client_roles(\"api\") = [\"x\"], not(client_roles = [\"x\"])");
    passes("client_roles(\"api\") = [\"x\"], not(roles = [\"x\"])");
    passes("groups = [\"/a/**\"], groups = none[\"/a\"]");
    passes("groups = [\"/ab\"], groups = none[\"/a/**\"]");
    passes("groups = [\"/a\"], groups = none[\"/a/b/**\"]");
    passes("claim(\"x\") = [\"a\"], claim(\"x\") = any[\"b\", \"c\"]");
    passes("claim(\"x\") = true, not(claim(\"x\") = false)");
    passes("claim(\"a.b\") = true, claim(\"a\\\\.b\") = false");
    passes("roles = [ADMIN], roles = none[\"ADMIN\"]");
    passes("roles = [ADMIN], roles = none[m::ADMIN]");
    passes("check = f, not(check = f)");
    passes("require = a, not(require = a)");
    passes("roles = any[\"a\", \"b\"], roles = none[\"a\"]");
    passes("roles = none[\"a\"], any(roles = [\"a\"], groups = [\"g\"])");
}

#[test]
fn tautologies() {
    for text in [
        "any(roles = [\"a\"], not(roles = [\"a\"]))",
        "any(roles = [\"a\"], roles = none[\"a\"])",
        "any(roles = [\"a\"], not(realm_roles = [\"a\"]))",
        "any(groups = [\"/a/**\"], not(groups = [\"/a/b\"]))",
        "any(not(claim(\"x\") = true), not(claim(\"x\") = false))",
        "not(all(roles = [\"a\"], not(roles = [\"a\"])))",
        "any(claim(\"c\") = [\"s\"], groups = [\"g\"], claim(\"c\") = none[\"s\"])",
        "any(policy = P, not(policy = P))",
    ] {
        refused(text, &["KC014"]);
    }
    passes("any(realm_roles = [\"a\"], not(roles = [\"a\"]))");
    passes("any(check = f, not(check = f))");
    passes("any(claim(\"x\") = true, claim(\"x\") = false)");
    passes("any(roles = [ADMIN], not(roles = [\"admin\"]))");
}

#[test]
fn redundancies() {
    for text in [
        "any(roles = [\"a\"], all(roles = [\"a\"], groups = [\"g\"]))",
        "any(roles = [\"a\"], roles = [\"a\", \"b\"])",
        "any(roles = any[\"a\", \"b\"], roles = [\"a\"])",
        "any(roles = [\"a\"], realm_roles = [\"a\"])",
        "any(groups = [\"/a/**\"], groups = [\"/a\"])",
        "any(groups = [\"/a/b/c\"], groups = [\"/a/**\"])",
        "any(roles = [\"a\"], roles = [\"a\"])",
        "any(groups = [\"ops\"], groups = [\"/ops\"])",
        "groups = any[\"/a/**\", \"/a/b\"]",
        "not(any(roles = [\"a\"], all(roles = [\"a\"], groups = [\"s\"])))",
    ] {
        refused(text, &["KC015"]);
    }
    passes("any(realm_roles = [\"a\"], client_roles = [\"a\"])");
    passes("any(roles = [\"a\"], groups = [\"a\"])");
    passes("any(check = f, check = f)");
    passes("any(require = a, require = a)");
    passes("any(roles = any[\"a\", \"b\"], roles = any[\"b\", \"c\"])");
    passes("groups = [\"/a/**\", \"/a/b\"]");
    passes("groups = any[\"/a/**\", \"/ab\"]");
    passes("any(roles = [\"a\"])");
    passes("any(roles = [ADMIN], roles = [\"admin\"])");
}

#[test]
fn options() {
    refused("optional, roles = [\"a\"]", &["KC016"]);
    refused(
        "roles = [\"a\"], groups = [\"g\"], optional",
        &["KC016", "KC016"],
    );
    refused("optional, require = true", &["KC018"]);
    refused("any(optional)", &["KC017"]);
    refused("any(roles = [\"a\"], crate = ::x)", &["KC017"]);
    passes("optional");
    passes("optional, crate = ::keycloak");
    assert_eq!(
        messages("any(roles = [\"a\"], require = x)", Place::Macro).len(),
        1
    );
}

#[test]
fn all_problems_at_once() {
    refused(
        "role = [\"a\"], groups = [\"/x/\"], roles = [], scopes = [\"a b\"], not(), \
         client_roles = [\"q\", \"q\"], \"x\"",
        &[
            "KC003", "KC001", "KC004", "KC004", "KC008", "KC007", "KC005",
        ],
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let nested = |depth: usize| {
        format!(
            "{}roles = [\"a\"]{}",
            "any(".repeat(depth),
            ")".repeat(depth)
        )
    };
    passes(&nested(60));
    refused(&nested(2_000), &["KC003"]);
    let expression = format!("require = {}a{}", "(".repeat(2_000), ")".repeat(2_000));
    refused(&expression, &["KC003"]);
}

#[test]
fn large_policies_are_judged_in_time() {
    let many: Vec<String> = (0..2_000).map(|n| format!("\"role-{n}\"")).collect();
    let many = many.join(", ");
    passes(&format!("roles = any[{many}], groups = none[{many}]"));
    let arms: Vec<String> = (0..60)
        .map(|n| format!("all(roles = [\"r{n}\"], any(groups = [\"g{n}\"], scopes = [\"s{n}\"]))"))
        .collect();
    passes(&format!("any({}), roles = none[\"x\"]", arms.join(", ")));
}

#[test]
fn nothing_panics() {
    for text in [
        "= = =",
        "any(any(any(",
        "roles = [[[]]]",
        ",,,,",
        "crate crate",
        "require = ,",
        "claim()=",
        "not(not(not()))",
        "all all all",
        "roles = any any[\"a\"]",
        "<<<>>>",
        "roles = <T as X>::Y",
        "policy = <T as X>::Y",
        "check = ::a::b",
        "$",
        "#[x] roles = [\"a\"]",
        "'a",
        "roles = ['a]",
        "roles = -1",
        "..=",
        "roles =[\"a\"] .",
        "any{roles = [\"a\"]}",
        "any[roles = [\"a\"]]",
    ] {
        if text.parse::<proc_macro2::TokenStream>().is_ok() {
            let _ = messages(text, Place::Attribute);
        }
    }
}
