//! Random policies and random users: the decision equals that of a naive evaluator.
//!
//! The evaluator below shares no code with the product: it reads raw JSON on every question,
//! splits paths into segments, knows every answer beforehand, and short-cuts nothing.
//!
//! `KEYCLOAK_PROPERTY_PAIRS` says how many pairs to try, 20,000 by default.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    reason = "small numbers, and a reader that is meant to be as plain as can be"
)]

use std::sync::Arc;

use axum::http::{Request, request::Parts};
use futures_util::FutureExt;
use serde_json::{Map, Value, json};

use super::{
    answer::Answer as _,
    answers::Answers,
    check::Verdict,
    decision::Decision,
    parameters::Parameters,
    term::{Asked, Kind, Mode, Policy, Question, Set, Term},
};
use crate::base::truth::Outcomes;
use crate::{
    caller::{ClaimRules, User},
    enforce::admit::{Pending, pending_for_tests},
};

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// With the path parameters of [`path`].
const NAMES: [&str; 7] = ["a", "b", "c", "a.b", "{x}", "{star}", "a{dot}{x}"];
const GROUPS: [&str; 13] = [
    "a",
    "/a",
    "/a/b",
    "a/b",
    "/a/**",
    "b/**",
    "/a/b/**",
    "/b",
    "/ab",
    "/{x}/b",
    "/{x}/**",
    "/a/{star}",
    "{missing}",
];

/// One parameter is a name, the others must be nothing but text, or are not there.
fn path() -> Parameters {
    [
        ("x", "a"),
        ("star", "**"),
        ("dot", "."),
        ("twice", "a"),
        ("twice", "a"),
    ]
    .into_iter()
    .collect()
}

/// The item as the request has it.
fn filled(item: &str) -> Option<String> {
    for bad in ["{star}", "{dot}", "{missing}", "{twice}"] {
        if item.contains(bad) {
            return None;
        }
    }
    Some(item.replace("{x}", "a"))
}
const OWN_GROUPS: [&str; 8] = ["/a", "/a/b", "/a/b/c", "/ab", "/b", "a", "b", "/b/a"];
const CLIENTS: [&str; 3] = ["api", "other", "third"];
const PARTIES: [&str; 3] = ["web", "Jobs", "other"];
const PATHS: [&str; 6] = ["x", "x.y", "x\\.y", "x.y.z", "flag", "deep.flag"];

fn yes<'a>(_: &'a User, _: &'a Parts) -> Verdict<'a> {
    Box::pin(std::future::ready(true.answered()))
}

fn no<'a>(_: &'a User, _: &'a Parts) -> Verdict<'a> {
    Box::pin(std::future::ready(false.answered()))
}

const SCOPES: [&str; 4] = ["a", "b", "c", "a.b"];

fn random_set(random: &mut Random, from: &[&'static str]) -> Set {
    let mode = random.pick(&[Mode::All, Mode::Any, Mode::None]);
    let count = if random.one_in(40) {
        0
    } else {
        1 + random.below(3)
    };
    let items: Vec<&str> = (0..count).map(|_| random.pick(from)).collect();
    Set {
        mode,
        templates: items.iter().any(|item| item.contains('{')),
        items: items.leak(),
    }
}

fn random_terms(random: &mut Random, depth: usize) -> &'static [Term] {
    let count = random.below(4);
    let terms: Vec<Term> = (0..count).map(|_| random_term(random, depth)).collect();
    terms.leak()
}

fn random_term(random: &mut Random, depth: usize) -> Term {
    let kinds = if depth == 0 { 12 } else { 17 };
    match random.below(kinds) {
        0 => Term::roles(random_set(random, &NAMES)),
        1 => Term::realm_roles(random_set(random, &NAMES)),
        2 => Term::client_roles(
            random.one_in(2).then(|| random.pick(&CLIENTS)),
            random_set(random, &NAMES),
        ),
        3 => Term::groups(random_set(random, &GROUPS)),
        4 => Term::scopes(random_set(random, &SCOPES)),
        5 => Term::claim(random.pick(&PATHS), random_set(random, &NAMES)),
        6 => Term::claim_bool(random.pick(&PATHS), random.one_in(2)),
        7 if random.one_in(2) => Term::Check("yes", yes),
        7 => Term::Check("no", no),
        8 => Term::Require(u8::try_from(random.below(4)).unwrap(), "expression"),
        9 => Term::names(Kind::Callers, None, random_set(random, &PARTIES)),
        10 => Term::Ask(Question {
            kind: Kind::ServiceAccount,
            subject: None,
            asked: Asked::Flag(random.one_in(2)),
        }),
        11 => Term::Ask(Question {
            kind: Kind::Impersonated,
            subject: None,
            asked: Asked::Flag(random.one_in(2)),
        }),
        12 => Term::All(random_terms(random, depth - 1)),
        13 | 14 => Term::Any(random_terms(random, depth - 1)),
        15 => Term::Not(Box::leak(Box::new(random_term(random, depth - 1)))),
        _ => {
            let policy = Policy::__new(random_terms(random, depth - 1), "named");
            Term::Policy("NAMED", Box::leak(Box::new(policy)))
        }
    }
}

fn random_strings(random: &mut Random, from: &[&str]) -> Value {
    let count = random.below(4);
    (0..count).map(|_| random.pick(from)).collect()
}

/// Something of the wrong type, now and then.
fn spoil(random: &mut Random, value: Value) -> Value {
    if !random.one_in(8) {
        return value;
    }
    match random.below(7) {
        0 => json!(null),
        1 => json!("a"),
        2 => json!(1),
        3 => json!(["a", 1]),
        4 => json!({ "roles": value }),
        5 => json!([value]),
        _ => json!({}),
    }
}

fn random_user(random: &mut Random) -> (Map<String, Value>, ClaimRules) {
    let mut claims = Map::new();
    let put = |random: &mut Random, claims: &mut Map<String, Value>, name: &str, value: Value| {
        if !random.one_in(4) {
            let value = spoil(random, value);
            claims.insert(name.to_owned(), value);
        }
    };
    let roles = random_strings(random, &NAMES);
    let roles = spoil(random, roles);
    put(
        random,
        &mut claims,
        "realm_access",
        json!({ "roles": roles }),
    );
    let mut access = Map::new();
    for client in CLIENTS {
        let roles = random_strings(random, &NAMES);
        let roles = spoil(random, roles);
        put(random, &mut access, client, json!({ "roles": roles }));
    }
    put(
        random,
        &mut claims,
        "resource_access",
        Value::Object(access),
    );
    let own = if random.one_in(4) {
        OWN_GROUPS.as_slice()
    } else {
        &OWN_GROUPS[..5]
    };
    let groups = random_strings(random, own);
    put(random, &mut claims, "groups", groups);
    let scopes = random_strings(random, &NAMES);
    let scopes: Vec<&str> = scopes
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    put(random, &mut claims, "scope", json!(scopes.join(" ")));
    for name in ["x", "x.y", "flag"] {
        let value = match random.below(4) {
            0 => json!(random.pick(&NAMES)),
            1 => random_strings(random, &NAMES),
            2 => json!(random.one_in(2)),
            _ => json!({ "y": random.pick(&NAMES), "z": true }),
        };
        put(random, &mut claims, name, value);
    }
    let azp = if random.one_in(3) { "Jobs" } else { "web" };
    // Never spoilt: a list of one would be the name itself once it is shortened.
    let own = |random: &mut Random, claims: &mut Map<String, Value>, name: &str, value: &str| {
        if !random.one_in(6) {
            claims.insert(name.to_owned(), json!(value));
        }
    };
    own(random, &mut claims, "azp", azp);
    let names = [
        "alice",
        "service-account-web",
        "service-account-jobs",
        "service",
    ];
    let name = random.pick(&names);
    own(random, &mut claims, "preferred_username", name);
    if random.one_in(3) {
        own(random, &mut claims, "username", "alice");
    }
    own(random, &mut claims, "clientAddress", "192.0.2.1");
    match random.below(6) {
        0 | 1 => drop(claims.insert("act".to_owned(), json!({ "sub": "support" }))),
        2 => drop(claims.insert("act".to_owned(), json!("support"))),
        _ => {}
    }
    put(random, &mut claims, "deep", json!({ "flag": true }));
    let reading = ClaimRules {
        client_id: "api".to_owned(),
        groups_claim: "groups".to_owned(),
        complete_clients: if random.one_in(2) {
            ["web".to_owned()].into()
        } else {
            Box::default()
        },
        name_only_groups: random.one_in(3),
    };
    (claims, reading)
}

/// What a naive reader of the documents would decide. `None` is unknown.
struct Naive<'u> {
    claims: &'u Map<String, Value>,
    rules: &'u ClaimRules,
    require: [bool; 4],
}

fn naive_not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}

fn naive_all(values: &[Option<bool>]) -> Option<bool> {
    if values.contains(&Some(false)) {
        Some(false)
    } else if values.contains(&None) {
        None
    } else {
        Some(true)
    }
}

fn naive_any(values: &[Option<bool>]) -> Option<bool> {
    let negated: Vec<Option<bool>> = values.iter().map(|value| naive_not(*value)).collect();
    naive_not(naive_all(&negated))
}

fn strings(value: &Value) -> Option<Vec<String>> {
    serde_json::from_value(value.clone()).ok()
}

impl Naive<'_> {
    fn policy(&self, terms: &[Term], negated: bool) -> Option<bool> {
        let values: Vec<Option<bool>> = terms.iter().map(|term| self.term(term, negated)).collect();
        naive_all(&values)
    }

    fn term(&self, term: &Term, negated: bool) -> Option<bool> {
        // What is not there is false where it is asked for; where its absence is asked for, only
        // a client that was declared proves it.
        let declared = self
            .claims
            .get("azp")
            .and_then(Value::as_str)
            .is_some_and(|azp| self.rules.complete_clients.iter().any(|own| own == azp));
        let shown = move |found: Option<bool>, negated: bool| match found {
            Some(false) if negated && !declared => None,
            other => other,
        };
        match term {
            Term::All(terms) => self.policy(terms, negated),
            Term::Any(terms) => {
                let values: Vec<Option<bool>> =
                    terms.iter().map(|term| self.term(term, negated)).collect();
                naive_any(&values)
            }
            Term::Not(term) => naive_not(self.term(term, !negated)),
            Term::Policy(_, policy) => self.policy(policy.terms, negated),
            Term::Ask(question) => self.question(question, negated, &shown),
            Term::Check(name, _) => Some(*name == "yes"),
            Term::Require(number, _) => Some(self.require[usize::from(*number)]),
        }
    }

    fn question(
        &self,
        question: &Question,
        negated: bool,
        shown: &impl Fn(Option<bool>, bool) -> Option<bool>,
    ) -> Option<bool> {
        let set = match question.asked {
            Asked::Set(set) => set,
            Asked::Flag(value) if question.kind == Kind::ServiceAccount => {
                let azp = self.claims.get("azp")?.as_str()?.to_lowercase();
                let Some(Value::String(name)) = self.claims.get("preferred_username") else {
                    return None;
                };
                let of_client = name.strip_prefix("service-account-");
                if let Some(client) = of_client {
                    self.claims.get("clientAddress")?.as_str()?;
                    if client != azp {
                        return None;
                    }
                }
                return Some(of_client.is_some() == value);
            }
            Asked::Flag(value) if question.kind == Kind::Impersonated => {
                let impersonated = match self.claims.get("act") {
                    None => false,
                    Some(Value::Object(_)) => true,
                    Some(_) => return None,
                };
                return Some(impersonated == value);
            }
            Asked::Flag(value) => {
                return Some(self.claim(question.subject?)?.as_bool()? == value);
            }
        };
        let client = question.subject.unwrap_or("api");
        Self::set(set, negated, |item, negated| match question.kind {
            Kind::Roles => {
                let found = naive_any(&[self.realm_role(item), self.client_role("api", item)]);
                shown(found, negated)
            }
            Kind::RealmRoles => shown(self.realm_role(item), negated),
            Kind::ClientRoles => shown(self.client_role(client, item), negated),
            Kind::Groups => shown(self.group(item), negated),
            Kind::Scopes => {
                let own = self.claims.get("scope")?.as_str()?;
                match own.split(' ').any(|own| own == item) {
                    false if negated => None,
                    granted => Some(granted),
                }
            }
            Kind::Callers => Some(self.claims.get("azp")?.as_str()? == item),
            Kind::ServiceAccount | Kind::Impersonated => None,
            Kind::Claim => match self.claim(question.subject?)? {
                Value::String(own) => shown(Some(own == item), negated),
                own => shown(Some(strings(&own)?.iter().any(|own| own == item)), negated),
            },
        })
    }

    fn set(set: Set, negated: bool, holds: impl Fn(&str, bool) -> Option<bool>) -> Option<bool> {
        let negated = negated != (set.mode == Mode::None);
        let items = set.items.iter();
        let values = items.map(|item| holds(&filled(item)?, negated));
        let values: Vec<Option<bool>> = values.collect();
        match set.mode {
            _ if values.is_empty() => None,
            Mode::All => naive_all(&values),
            Mode::Any => naive_any(&values),
            Mode::None => naive_not(naive_any(&values)),
        }
    }

    fn roles_in(access: Option<&Value>, role: &str) -> Option<bool> {
        let Some(access) = access else {
            return Some(false);
        };
        match access.as_object()?.get("roles") {
            None => Some(false),
            Some(roles) => Some(strings(roles)?.iter().any(|own| own == role)),
        }
    }

    fn realm_role(&self, role: &str) -> Option<bool> {
        Self::roles_in(self.claims.get("realm_access"), role)
    }

    fn client_role(&self, client: &str, role: &str) -> Option<bool> {
        match self.claims.get("resource_access") {
            None => Some(false),
            Some(access) => Self::roles_in(access.as_object()?.get(client), role),
        }
    }

    fn group(&self, item: &str) -> Option<bool> {
        let Some(groups) = self.claims.get("groups") else {
            return Some(false);
        };
        let segments = |path: &str| -> Vec<String> {
            path.trim_start_matches('/')
                .split('/')
                .map(str::to_owned)
                .collect()
        };
        let mut wanted = segments(item);
        let below = wanted.last().is_some_and(|last| last == "**");
        if below {
            wanted.pop();
        }
        let mut proven = true;
        for group in strings(groups)? {
            let own = segments(&group);
            let matches = own == wanted || (below && own.starts_with(&wanted));
            if group.starts_with('/') {
                if matches {
                    return Some(true);
                }
            } else if self.rules.name_only_groups {
                if own == wanted && own.len() == 1 {
                    return Some(true);
                }
                if below || own.len() > 1 || (wanted.len() > 1 && wanted.last() == own.last()) {
                    proven = false;
                }
            } else {
                proven = false;
            }
        }
        proven.then_some(false)
    }

    fn claim(&self, path: &str) -> Option<Value> {
        let names: Vec<String> = path
            .replace("\\.", "\u{0}")
            .split('.')
            .map(|name| name.replace('\u{0}', "."))
            .collect();
        let mut value = Value::Object(self.claims.clone());
        for name in names {
            value = value.as_object()?.get(&name)?.clone();
        }
        Some(value)
    }
}

/// The decision by the way a request takes: guard, then `require` by `require`.
fn decide(policy: Policy, user: &User, parts: &Parts, require: [bool; 4]) -> bool {
    let answers = match policy
        .decide(user, parts, Answers::with(Some(path())))
        .now_or_never()
        .unwrap()
    {
        Decision::Allow => return true,
        Decision::Deny(answers) => {
            let reason = policy.explain_with(user, &answers);
            assert!(!reason.outcomes().can_be_true());
            return false;
        }
        Decision::Pending(answers) => answers,
    };
    let mut pending: Pending = pending_for_tests(policy, user, answers);
    for (number, answer) in (0..).zip(require) {
        if pending.needs(number) {
            pending.answer(number, answer.answered());
        }
    }
    pending.finish().is_ok()
}

#[test]
fn decides_as_a_naive_evaluator_does() {
    const USERS: usize = 50;
    let pairs: usize = std::env::var("KEYCLOAK_PROPERTY_PAIRS")
        .map_or(20_000, |pairs| pairs.parse().expect("a number of pairs"));
    let mut random = Random(20_261_124);
    let parts = Request::new(()).into_parts().0;
    let (mut tried, mut admitted, mut unknown, mut open) = (0_usize, 0_usize, 0_usize, 0_usize);
    while tried < pairs {
        let policy = Policy::__new(random_terms(&mut random, 3), "random");
        for _ in 0..USERS {
            let (claims, rules) = random_user(&mut random);
            let require = [0, 1, 2, 3].map(|_| random.one_in(2));
            let user = User::from_claims(&claims, &Arc::new(rules.clone()));
            let naive = Naive {
                claims: &claims,
                rules: &rules,
                require,
            }
            .policy(policy.terms, false);
            let decided = decide(policy, &user, &parts, require);
            assert_eq!(
                decided,
                naive == Some(true),
                "policy {policy:#}\nclaims {claims:?}\nrules {rules:?}\nrequire {require:?}\n{naive:?}"
            );
            let first = policy.evaluate(&user, &Answers::default());
            if first.is_decided() {
                assert_eq!(first == Outcomes::TRUE, naive == Some(true));
                assert_eq!(first == Outcomes::UNKNOWN, naive.is_none());
            } else {
                open += 1;
            }
            tried += 1;
            admitted += usize::from(decided);
            unknown += usize::from(naive.is_none());
        }
    }
    println!("{tried} pairs: {admitted} admitted, {unknown} unprovable, {open} open at the guard");
    // A generator that only ever refused would prove nothing.
    assert!(admitted * 10 > tried && unknown * 50 > tried && open * 50 > tried);
}

/// Takes something out of `value`: members of objects and of arrays, however deep. An array that
/// holds anything but strings stays whole: it is malformed, and a part of it need not be.
fn leave_out(random: &mut Random, value: &mut Value, claim: bool) {
    match value {
        Value::Object(members) => {
            members.retain(|_, _| !random.one_in(4));
            for (name, member) in members {
                let own = matches!(
                    name.as_str(),
                    "realm_access" | "resource_access" | "groups" | "scope"
                );
                leave_out(random, member, claim && !own);
            }
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.retain(|_| !random.one_in(3));
            // A list of one is written as a string by some mappers.
            if let [only] = &items[..]
                && claim
                && random.one_in(2)
            {
                *value = only.clone();
            }
        }
        _ => {}
    }
}

/// Scopes are members, too, though the claim is one string.
fn leave_scopes_out(random: &mut Random, claims: &mut Map<String, Value>) {
    if let Some(Value::String(scopes)) = claims.get_mut("scope") {
        let kept: Vec<&str> = scopes.split(' ').filter(|_| !random.one_in(3)).collect();
        *scopes = kept.join(" ");
    }
}

/// The law of negation (`evidence.rs`): a caller chooses the client, and the client what the token
/// leaves out.
#[test]
fn leaving_claims_out_never_turns_a_refusal_into_an_admission() {
    const USERS: usize = 50;
    let pairs: usize = std::env::var("KEYCLOAK_PROPERTY_PAIRS")
        .map_or(20_000, |pairs| pairs.parse().expect("a number of pairs"));
    let mut random = Random(20_261_128);
    let parts = Request::new(()).into_parts().0;
    let (mut tried, mut admitted, mut lost) = (0_usize, 0_usize, 0_usize);
    while tried < pairs {
        let policy = Policy::__new(random_terms(&mut random, 3), "random");
        for _ in 0..USERS {
            let (claims, rules) = random_user(&mut random);
            let require = [0, 1, 2, 3].map(|_| random.one_in(2));
            let mut shorter = Value::Object(claims.clone());
            leave_out(&mut random, &mut shorter, true);
            let Value::Object(mut shorter) = shorter else {
                unreachable!()
            };
            leave_scopes_out(&mut random, &mut shorter);
            // No client decides about this one: Keycloak itself writes it.
            match claims.get("act") {
                Some(act) => drop(shorter.insert("act".to_owned(), act.clone())),
                None => drop(shorter.remove("act")),
            }
            let verdict = |claims: &Map<String, Value>, rules: &ClaimRules| {
                let user = User::from_claims(claims, &Arc::new(rules.clone()));
                decide(policy, &user, &parts, require)
            };
            // The client of the shorter token is not declared. Its name stays, since `callers`
            // asks for it and another client is another answer.
            let undeclared = ClaimRules {
                complete_clients: Box::default(),
                ..rules.clone()
            };
            let (with_all, with_less) = (verdict(&claims, &rules), verdict(&shorter, &undeclared));
            assert!(
                with_all || !with_less,
                "policy {policy:#}\nclaims {claims:?}\nleft {shorter:?}\nrules {rules:?}"
            );
            tried += 1;
            admitted += usize::from(with_less);
            lost += usize::from(with_all && !with_less);
        }
    }
    println!("{tried} pairs: {admitted} admitted with less, {lost} lost their admission");
    // Where no caller is admitted, nothing is tested.
    assert!(admitted * 20 > tried && lost * 100 > tried);
}
