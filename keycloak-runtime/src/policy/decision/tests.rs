//! Each rule of reading a term, and the order in which questions are asked.

use std::sync::{Arc, Mutex};

use axum::http::Request;
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::{
    base::{fault::Fault, truth::Truth},
    caller::ClaimRules,
    policy::{answer::Answer as _, term::Kind},
};

fn user_with(claims: Value, change: impl FnOnce(&mut ClaimRules)) -> User {
    let Value::Object(mut claims) = claims else {
        panic!("claims are an object")
    };
    let mut rules = ClaimRules {
        client_id: "api".to_owned(),
        groups_claim: "groups".to_owned(),
        complete_clients: ["web".to_owned()].into(),
        name_only_groups: false,
    };
    claims.entry("azp").or_insert_with(|| json!("web"));
    change(&mut rules);
    User::from_claims(&claims, &Arc::new(rules))
}

/// A caller whose client is declared complete.
fn user(claims: Value) -> User {
    user_with(claims, |_| {})
}

/// A caller whose client is not.
fn undeclared(claims: Value) -> User {
    user_with(claims, |rules| rules.complete_clients = Box::default())
}

const fn all(items: &'static [&'static str]) -> Set {
    Set {
        mode: Mode::All,
        items,
        templates: false,
    }
}

const fn any(items: &'static [&'static str]) -> Set {
    Set {
        mode: Mode::Any,
        items,
        templates: false,
    }
}

const fn none(items: &'static [&'static str]) -> Set {
    Set {
        mode: Mode::None,
        items,
        templates: false,
    }
}

fn outcome(terms: Vec<Term>, user: &User) -> Outcomes {
    let policy = Policy::__new(terms.leak(), "test");
    let silent = policy.evaluate(user, &Answers::default());
    let reason = policy.explain_with(user, &Answers::default());
    // The explanation is made by the same walk, so it can never tell another story.
    assert_eq!(reason.outcomes(), silent);
    silent
}

#[track_caller]
fn check(terms: Vec<Term>, user: &User, expected: Truth) {
    assert_eq!(outcome(terms, user), Outcomes::from(expected));
}

fn not(term: Term) -> Term {
    Term::Not(Box::leak(Box::new(term)))
}

/// A term and its negation, which is unknown exactly where the term is.
#[track_caller]
fn check_both(term: Term, user: &User, expected: Truth) {
    check(vec![term], user, expected);
    check(vec![not(term)], user, expected.not());
}

use Truth::{False, True, Unknown};

#[test]
fn sets_ask_for_all_any_or_none() {
    let user = user(json!({"realm_access": {"roles": ["a", "b"]}}));
    for (set, expected) in [
        (all(&["a", "b"]), True),
        (all(&["a", "c"]), False),
        (any(&["c", "b"]), True),
        (any(&["c", "d"]), False),
        (none(&["c", "d"]), True),
        (none(&["c", "b"]), False),
    ] {
        check_both(Term::realm_roles(set), &user, expected);
    }
}

#[test]
fn an_empty_set_admits_nobody_even_negated() {
    let user = user(json!({"realm_access": {"roles": ["a"]}}));
    for set in [all(&[]), any(&[]), none(&[])] {
        check_both(Term::realm_roles(set), &user, Unknown);
    }
}

#[test]
fn names_are_compared_code_point_for_code_point() {
    let user = user(json!({"realm_access": {"roles": ["admin"]}}));
    for near in [
        "Admin", "admin ", " admin", "adm", "admins", "adm*", "аdmin", "",
    ] {
        check(
            vec![Term::realm_roles(Set {
                mode: Mode::All,
                items: vec![near].leak(),
                templates: false,
            })],
            &user,
            False,
        );
    }
}

#[test]
fn roles_of_other_clients_never_count() {
    let user = user(json!({
        "realm_access": {"roles": ["realm"]},
        "resource_access": {"api": {"roles": ["own"]}, "other": {"roles": ["foreign"]}},
    }));
    check_both(Term::roles(all(&["realm", "own"])), &user, True);
    check_both(Term::roles(any(&["foreign"])), &user, False);
    check_both(Term::realm_roles(any(&["own", "foreign"])), &user, False);
    check_both(Term::client_roles(None, all(&["own"])), &user, True);
    check_both(
        Term::client_roles(None, any(&["realm", "foreign"])),
        &user,
        False,
    );
    check_both(
        Term::client_roles(Some("other"), all(&["foreign"])),
        &user,
        True,
    );
    check_both(
        Term::client_roles(Some("Other"), all(&["foreign"])),
        &user,
        False,
    );
}

#[test]
fn absent_role_claims_are_empty_and_malformed_ones_unknown() {
    let absent = user(json!({}));
    check_both(Term::roles(all(&["a"])), &absent, False);
    check_both(Term::realm_roles(all(&["a"])), &absent, False);
    check_both(Term::client_roles(Some("x"), all(&["a"])), &absent, False);
    for shape in [
        json!(null),
        json!([]),
        json!("a"),
        json!({"roles": ["a", 1]}),
        json!({"roles": 1}),
    ] {
        let user = user(json!({"realm_access": shape}));
        check_both(Term::realm_roles(all(&["a"])), &user, Unknown);
        check_both(Term::roles(all(&["a"])), &user, Unknown);
        check_both(Term::client_roles(None, all(&["a"])), &user, False);
    }
    for shape in [json!(null), json!([]), json!("api")] {
        let user = user(json!({"resource_access": shape}));
        check_both(Term::client_roles(None, all(&["a"])), &user, Unknown);
        check_both(Term::roles(all(&["a"])), &user, Unknown);
        check_both(Term::realm_roles(all(&["a"])), &user, False);
    }
    let one_client = user(json!({"resource_access": {"api": ["a"], "other": {"roles": ["a"]}}}));
    check_both(Term::client_roles(None, all(&["a"])), &one_client, Unknown);
    check_both(
        Term::client_roles(Some("other"), all(&["a"])),
        &one_client,
        True,
    );
    check_both(
        Term::client_roles(Some("third"), all(&["a"])),
        &one_client,
        False,
    );
    // A role that is proven by the sound claim is proven.
    let half = user(json!({"realm_access": {"roles": ["a"]}, "resource_access": 1}));
    check_both(Term::roles(all(&["a"])), &half, True);
    check_both(Term::roles(all(&["b"])), &half, Unknown);
}

#[test]
fn groups_are_paths() {
    let user = user(json!({"groups": ["/ops", "/eng/backend", "/engine", "/a/b/c"]}));
    for (item, expected) in [
        ("ops", True),
        ("/ops", True),
        ("backend", False),
        ("/eng", False),
        ("eng", False),
        ("/eng/backend", True),
        ("eng/backend", True),
        ("/op", False),
        ("/ops2", False),
        ("/ops/sub", False),
        ("/OPS", False),
        ("/eng/**", True),
        ("eng/**", True),
        ("/eng/backend/**", True),
        ("/eng/back/**", False),
        ("/en/**", False),
        ("/a/**", True),
        ("/a/b/c/**", True),
        ("/b/**", False),
        ("/a/*", False),
        ("/x/**", False),
        ("/zz/**", False),
    ] {
        let set = Set {
            mode: Mode::All,
            items: vec![item].leak(),
            templates: false,
        };
        check_both(
            Term::groups(set),
            &user,
            if expected == True { True } else { False },
        );
        match item.strip_suffix("/**") {
            None => assert_eq!(user.in_group(item), expected == True, "{item}"),
            Some(path) => {
                assert_eq!(user.in_group_or_below(path), expected == True, "{item}");
                assert!(
                    !user.in_group(item),
                    "{item}: patterns exist in policies only"
                );
            }
        }
    }
}

/// FIELD A3: a value of the request may hold `**`.
#[test]
fn no_run_time_string_is_a_pattern() {
    let user = user(json!({"groups": ["/tenants/acme"]}));
    for text in ["/tenants/**", "tenants/**", "/**", "**", "/tenants/*"] {
        assert!(!user.in_group(text), "{text}");
        assert!(!user.in_group_or_below(text), "{text}");
    }
    let odd = self::user(json!({"groups": ["/tenants/**"]}));
    assert!(odd.in_group("/tenants/**"));
}

#[test]
fn malformed_groups_prove_nothing() {
    for shape in [
        json!(null),
        json!("/ops"),
        json!({"ops": true}),
        json!(["/ops", 1]),
    ] {
        let user = user(json!({"groups": shape}));
        check_both(Term::groups(all(&["ops"])), &user, Unknown);
    }
}

/// The caller chooses the client, and the client what the token shows.
#[test]
fn what_is_not_shown_is_absent_only_where_the_client_is_declared() {
    let claims = json!({
        "realm_access": {"roles": ["b"]}, "groups": ["/b"], "tags": ["b"], "tag": "b",
    });
    let terms = [
        Term::roles(all(&["a"])),
        Term::realm_roles(all(&["a"])),
        Term::client_roles(None, all(&["a"])),
        Term::client_roles(Some("other"), all(&["a"])),
        Term::groups(all(&["a"])),
        Term::groups(all(&["a/**"])),
        Term::claim("tags", all(&["a"])),
    ];
    for claims in [claims, json!({"tags": []})] {
        let (full, narrow) = (user(claims.clone()), undeclared(claims));
        for term in terms {
            check(vec![not(term)], &full, True);
            check(vec![not(term)], &narrow, Unknown);
            check(vec![term], &narrow, False);
            // Twice negated is asked for again.
            let twice = not(not(term));
            check(vec![twice], &narrow, False);
        }
        check(vec![Term::roles(none(&["a"]))], &full, True);
        check(vec![Term::roles(none(&["a"]))], &narrow, Unknown);
        let policy = Box::leak(Box::new(Policy::__new(
            const { &[Term::roles(ONE)] },
            "ONE",
        )));
        let not_named = not(Term::Policy("ONE", policy));
        check(vec![not_named], &full, True);
        check(vec![not_named], &narrow, Unknown);
    }
}

const ONE: Set = all(&["a"]);

#[test]
fn what_is_shown_refuses_whoever_is_declared() {
    let claims = json!({"realm_access": {"roles": ["a"]}, "tag": "b"});
    let narrow = undeclared(claims.clone());
    for user in [&user(claims.clone()), &narrow] {
        check(vec![Term::roles(none(&["a"]))], user, False);
        check(vec![Term::claim("tag", none(&["b"]))], user, False);
    }
    // A string is a list of one, and the list may have been cut.
    check_both(Term::claim("tag", all(&["a"])), &user(claims), False);
    check(vec![Term::claim("tag", none(&["a"]))], &narrow, Unknown);
}

/// Also of a client that is declared: what these claims hold was requested.
#[test]
fn claims_that_callers_fill_prove_no_absence() {
    let user = user(json!({"aud": "api", "scope": "openid", "organization": ["acme"]}));
    for claim in ["aud", "scope", "organization", "\\aud", "s\\cope"] {
        check(vec![Term::claim(claim, none(&["x"]))], &user, Unknown);
        check(vec![Term::claim(claim, all(&["x"]))], &user, False);
    }
}

#[test]
fn a_claim_of_the_wrong_shape_on_the_way_to_the_groups_proves_nothing() {
    for org in [json!("/ops"), json!(["/ops"]), json!(5)] {
        let user = user_with(json!({"org": org}), |rules| {
            rules.groups_claim = "org.teams".to_owned();
        });
        check_both(Term::groups(all(&["ops"])), &user, Unknown);
    }
    let absent = user_with(json!({"org": {}}), |rules| {
        rules.groups_claim = "org.teams".to_owned();
    });
    check_both(Term::groups(all(&["ops"])), &absent, False);
}

#[test]
fn a_bare_entry_with_a_slash_proves_nothing() {
    let user = user_with(json!({"groups": ["x/ops"]}), |rules| {
        rules.name_only_groups = true;
    });
    check_both(Term::groups(all(&["/x/ops"])), &user, Unknown);
    for entry in ["x/ops", "ops/sub"] {
        let user = user_with(json!({"groups": [entry]}), |rules| {
            rules.name_only_groups = true;
        });
        check_both(Term::groups(all(&["ops"])), &user, Unknown);
    }
}

#[test]
fn a_declaration_is_for_exactly_its_client() {
    let of = |azp: Value| user(json!({"azp": azp}));
    for other in [
        json!("Web"),
        json!("web "),
        json!(""),
        json!(["web"]),
        json!(null),
    ] {
        check(vec![Term::roles(none(&["a"]))], &of(other), Unknown);
    }
    let unnamed = user_with(json!({"azp": 1}), |rules| {
        rules.complete_clients = [String::new()].into();
    });
    check(vec![Term::roles(none(&["a"]))], &unnamed, Unknown);
}

#[test]
fn groups_without_a_path_prove_nothing_unless_configured() {
    let claims = json!({"groups": ["ops", "/eng"]});
    let strict = user(claims.clone());
    check_both(Term::groups(all(&["ops"])), &strict, Unknown);
    check_both(Term::groups(all(&["/other"])), &strict, Unknown);
    check_both(Term::groups(all(&["/eng"])), &strict, True);
    let names = user_with(claims, |rules| rules.name_only_groups = true);
    check_both(Term::groups(all(&["ops"])), &names, True);
    check_both(Term::groups(all(&["/ops"])), &names, True);
    check_both(Term::groups(all(&["dev"])), &names, False);
    // `ops` may be the group `/a/ops`, and may be below `/a`.
    check_both(Term::groups(all(&["/a/ops"])), &names, Unknown);
    check_both(Term::groups(all(&["/a/dev"])), &names, False);
    check_both(Term::groups(all(&["/a/**"])), &names, Unknown);
    check_both(Term::groups(all(&["/ops/**"])), &names, True);
}

#[test]
fn the_groups_claim_may_be_elsewhere() {
    let user = user_with(
        json!({"org": {"teams": ["/ops"]}, "groups": ["/fake"]}),
        |rules| {
            rules.groups_claim = "org.teams".to_owned();
        },
    );
    check_both(Term::groups(all(&["ops"])), &user, True);
    check_both(Term::groups(all(&["fake"])), &user, False);
}

#[test]
fn scopes_are_tokens_between_spaces() {
    let granted = user(json!({"scope": "openid  read:x"}));
    check_both(Term::scopes(all(&["openid", "read:x"])), &granted, True);
    let others = Term::scopes(any(&["read", "Openid", "openid read:x"]));
    check(vec![others], &granted, False);
    for none in [json!({}), json!({"scope": ["a"]})] {
        check_both(Term::scopes(all(&["a"])), &user(none), Unknown);
    }
}

/// Also for a client that is declared: the caller chooses what it requests.
#[test]
fn a_scope_that_is_not_there_proves_nothing() {
    let user = user(json!({"scope": "b"}));
    check(vec![Term::scopes(all(&["a"]))], &user, False);
    check(vec![Term::scopes(none(&["a"]))], &user, Unknown);
    check(
        vec![Term::Not(const { &Term::scopes(ONE) })],
        &user,
        Unknown,
    );
    check(vec![not(Term::scopes(all(&["b"])))], &user, False);
}

#[test]
fn claims_are_strings_lists_of_strings_or_booleans() {
    let user = user(json!({
        "one": "x", "many": ["x", "y"], "yes": true, "deep": {"in.side": "z"},
        "number": 1, "null": null, "mixed": ["x", 1], "empty": [],
    }));
    check_both(Term::claim("one", all(&["x"])), &user, True);
    check_both(Term::claim("one", all(&["y"])), &user, False);
    check_both(Term::claim("many", all(&["x", "y"])), &user, True);
    check_both(Term::claim("many", none(&["z"])), &user, True);
    check_both(Term::claim("empty", any(&["x"])), &user, False);
    check_both(Term::claim("deep.in\\.side", all(&["z"])), &user, True);
    check_both(Term::claim_bool("yes", true), &user, True);
    check_both(Term::claim_bool("yes", false), &user, False);
    for path in [
        "absent",
        "number",
        "null",
        "mixed",
        "deep",
        "deep.other",
        "one.x",
        "yes",
    ] {
        check_both(Term::claim(path, any(&["x"])), &user, Unknown);
        check_both(Term::claim(path, none(&["x"])), &user, Unknown);
    }
    for path in ["absent", "one", "null", "many"] {
        check_both(Term::claim_bool(path, false), &user, Unknown);
    }
}

const UNPROVEN: Term = Term::claim("absent", none(&["x"]));
const A: Term = Term::realm_roles(all(&["a"]));
const B: Term = Term::realm_roles(all(&["b"]));
const ADMINS: Policy = Policy::__new(&[A, B], "realm_roles = [\"a\"], realm_roles = [\"b\"]");

#[test]
fn terms_nest() {
    let only_a = user(json!({"realm_access": {"roles": ["a"]}}));
    check(vec![], &only_a, True);
    check(vec![A, B], &only_a, False);
    check(vec![Term::Any(&[B, A])], &only_a, True);
    check(vec![Term::Any(&[])], &only_a, False);
    check(vec![Term::All(&[A, Term::Not(&B)])], &only_a, True);
    check(vec![Term::Policy("ADMINS", &ADMINS)], &only_a, False);
    check(
        vec![Term::Not(&Term::Policy("ADMINS", &ADMINS))],
        &only_a,
        True,
    );
    check(vec![Term::Any(&[A, UNPROVEN])], &only_a, True);
    check(vec![A, UNPROVEN], &only_a, Unknown);
    check(vec![B, UNPROVEN], &only_a, False);
}

static ASKED: Mutex<Vec<&str>> = Mutex::new(Vec::new());

macro_rules! check_fn {
    ($name:literal, $answer:literal) => {
        Term::Check($name, {
            fn ask<'a>(_: &'a User, _: &'a Parts) -> super::super::check::Verdict<'a> {
                ASKED.lock().unwrap().push($name);
                Box::pin(std::future::ready($answer.answered()))
            }
            ask
        })
    };
}

fn decide(terms: Vec<Term>, user: &User) -> (Decision, Vec<&'static str>) {
    ASKED.lock().unwrap().clear();
    let parts = Request::new(()).into_parts().0;
    let policy = Policy::__new(terms.leak(), "test");
    let decision = policy
        .decide(user, &parts, Answers::default())
        .now_or_never()
        .unwrap();
    let asked = std::mem::take(&mut *ASKED.lock().unwrap());
    (decision, asked)
}

/// One test, because the functions share their record.
#[test]
fn checks_run_only_where_they_matter_and_in_order() {
    let yes = check_fn!("yes", true);
    let no = check_fn!("no", false);
    let only_a = user(json!({"realm_access": {"roles": ["a"]}}));

    let (decision, asked) = decide(vec![yes, B], &only_a);
    assert!(matches!(decision, Decision::Deny(_)) && asked.is_empty());
    let (decision, asked) = decide(vec![Term::Any(&[check_fn!("yes", true), A])], &only_a);
    assert!(matches!(decision, Decision::Allow) && asked.is_empty());
    let (decision, asked) = decide(vec![A, yes, no, check_fn!("never", true)], &only_a);
    assert!(matches!(decision, Decision::Deny(_)));
    assert_eq!(asked, ["yes", "no"]);
    let (decision, asked) = decide(vec![Term::Not(&check_fn!("no", false))], &only_a);
    assert!(matches!(decision, Decision::Allow));
    assert_eq!(asked, ["no"]);
    let (decision, asked) = decide(
        vec![Term::Any(&[
            Term::All(&[B, check_fn!("unreachable", true)]),
            check_fn!("yes", true),
        ])],
        &only_a,
    );
    assert!(matches!(decision, Decision::Allow));
    assert_eq!(asked, ["yes"]);
    // What cannot be proven any more is refused without asking, and before extraction.
    let unproven = UNPROVEN;
    let (decision, _) = decide(vec![unproven], &only_a);
    assert!(
        matches!(decision, Decision::Deny(_)),
        "unknown admits nobody"
    );
    let (decision, asked) = decide(vec![unproven, yes, Term::Require(0, "x")], &only_a);
    assert!(matches!(decision, Decision::Deny(_)) && asked.is_empty());
    let (decision, asked) = decide(vec![yes, Term::Require(0, "x")], &only_a);
    assert!(matches!(decision, Decision::Pending(_)));
    assert_eq!(asked, ["yes"]);
}

#[track_caller]
fn check_fault(terms: Vec<Term>, expected: &Fault) {
    let user = user(json!({"realm_access": {"roles": ["a"]}, "groups": ["/g"], "scope": "s"}));
    let policy = Policy::__new(terms.leak(), "test");
    assert_eq!(&policy.fault(&user, &Answers::default()), expected);
}

#[test]
fn the_fault_says_what_is_missing() {
    let scopes = |items: &'static [&'static str]| Fault::MissingScopes {
        scopes: items.into(),
    };
    let role = Term::roles(all(&["x"]));
    let group = Term::groups(all(&["x"]));
    let scope = Term::scopes(all(&["s", "x", "y"]));
    check_fault(vec![role], &Fault::MissingRoles);
    check_fault(
        vec![Term::client_roles(Some("c"), any(&["x"]))],
        &Fault::MissingRoles,
    );
    check_fault(vec![group], &Fault::MissingGroups);
    check_fault(vec![scope], &scopes(&["x", "y"]));
    check_fault(vec![Term::scopes(any(&["x", "y"]))], &scopes(&["x"]));
    check_fault(vec![A, group, role], &Fault::MissingGroups);
    // A scope that would not be enough is not asked for.
    check_fault(vec![scope, role], &Fault::MissingRoles);
    check_fault(
        vec![scope, Term::scopes(all(&["z"]))],
        &scopes(&["x", "y", "z"]),
    );
    check_fault(
        vec![Term::Any(
            const { &[Term::roles(all(&["x"])), Term::realm_roles(all(&["y"]))] },
        )],
        &Fault::MissingRoles,
    );
    check_fault(
        vec![Term::Any(
            const { &[Term::roles(all(&["x"])), Term::groups(all(&["y"]))] },
        )],
        &Fault::Forbidden,
    );
    check_fault(vec![Term::realm_roles(none(&["a"]))], &Fault::Forbidden);
    check_fault(vec![Term::Not(&A)], &Fault::Forbidden);
    check_fault(vec![Term::claim("c", all(&["x"]))], &Fault::Forbidden);
    check_fault(vec![Term::scopes(none(&["s"]))], &Fault::Forbidden);
    check_fault(vec![Term::Policy("ADMINS", &ADMINS)], &Fault::MissingRoles);
}

#[test]
fn the_client_of_the_token_is_one_and_known() {
    const WEB_OR_JOBS: Set = any(&["web", "jobs"]);
    let callers = |set| vec![Term::names(Kind::Callers, None, set)];
    let of = |azp: Value| undeclared(json!({ "azp": azp }));
    check(callers(WEB_OR_JOBS), &of(json!("jobs")), True);
    check(callers(WEB_OR_JOBS), &of(json!("Jobs")), False);
    // Another client is a proof, unlike a role that is not there.
    check(callers(none(&["web", "jobs"])), &of(json!("old")), True);
    check(callers(none(&["web", "jobs"])), &of(json!("web")), False);
    for azp in [json!(["web"]), json!(null), json!(1)] {
        check(callers(WEB_OR_JOBS), &of(azp.clone()), Unknown);
        check(callers(none(&["web"])), &of(azp), Unknown);
    }
}
