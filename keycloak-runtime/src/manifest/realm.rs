//! The manifest against a realm: policies that no caller satisfies, roles that another one includes.

use std::{fmt, sync::Arc};

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Manifest, complete};
use crate::{
    caller::User,
    dev::{RealmModel, RoleId, RunningRealm, expand},
    keycloak::Keycloak,
    policy::{
        answers::Answers,
        term::{Asked, Mode, Policy, Question, Term},
    },
};

/// Something about a policy that only the realm shows.
///
/// Serializes to `{"finding": "unsatisfied", ..}` with the fields in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RealmFinding {
    /// No user, group or service account of the export satisfies the policy, whatever scopes are
    /// asked for and whatever `check` and `require` answer.
    #[non_exhaustive]
    Unsatisfied {
        /// Module and name of the handler, or the file of a router's guard.
        place: String,
        /// The policy.
        policy: String,
    },
    /// Users of the export satisfy the policy only with a client that
    /// [`complete_tokens_from`](crate::KeycloakBuilder::complete_tokens_from) declares, and none of
    /// theirs is declared.
    #[non_exhaustive]
    Undeclared {
        /// Module and name of the handler, or the file of a router's guard.
        place: String,
        /// The policy.
        policy: String,
    },
    /// A client is declared by
    /// [`complete_tokens_from`](crate::KeycloakBuilder::complete_tokens_from), and its tokens leave
    /// roles or groups out: callers of it get past policies that exclude by them.
    #[non_exhaustive]
    Incomplete {
        /// The client id.
        client: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A role is asked for beside another one that includes it (a composite role).
    #[non_exhaustive]
    ImpliedRole {
        /// Module and name of the handler, or the file of a router's guard.
        place: String,
        /// The redundant role.
        role: String,
        /// The role that includes it.
        by: String,
    },
}

impl fmt::Display for RealmFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsatisfied { place, policy } => write!(
                f,
                "{place}: no user, group or service account of the realm satisfies {policy}"
            ),
            Self::Undeclared { place, policy } => write!(
                f,
                "{place}: {policy} excludes by roles or groups, and admits no caller while no \
                 client of theirs is declared: complete_tokens_from([..])"
            ),
            Self::Incomplete { client, problem } => write!(
                f,
                "complete_tokens_from declares the client {client:?}, but {problem}"
            ),
            Self::ImpliedRole { place, role, by } => {
                write!(f, "{place}: {role:?} is redundant, {by:?} includes it")
            }
        }
    }
}

/// What [`Manifest::audit`] found. `Display` has one line for each finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RealmAudit {
    findings: Vec<RealmFinding>,
}

impl RealmAudit {
    /// Every finding; empty if policies and realm go together.
    #[must_use]
    pub fn findings(&self) -> &[RealmFinding] {
        &self.findings
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// For a test of the application.
    ///
    /// # Panics
    /// Something was found; the message has one line for each finding.
    pub fn assert_clean(&self) {
        assert!(
            self.is_clean(),
            "policies and realm do not fit together:\n{self}"
        );
    }
}

impl fmt::Display for RealmAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut findings = self.findings.iter();
        findings.try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

impl Manifest {
    /// Looks at every policy with the realm known, as `keycloak` reads its tokens.
    ///
    /// An export without users (a partial one) says nothing about who satisfies what, so that only
    /// implied roles are reported for it.
    ///
    /// ```no_run
    /// # async fn test() -> Result<(), Box<dyn std::error::Error>> {
    /// let realm = keycloak::dev::Realm::from_export("tests/realm.json")?.start().await?;
    /// let keycloak = realm.keycloak("my-api").build()?;
    /// keycloak::policies().audit(&realm, &keycloak).assert_clean();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn audit(&self, realm: &RunningRealm, keycloak: &Keycloak) -> RealmAudit {
        let model = &realm.issuer().model;
        let mut findings = Vec::new();
        let policies = || {
            self.entries
                .iter()
                .filter_map(|entry| Some((entry, *entry.policy()?)))
        };
        if model
            .users
            .iter()
            .any(|user| user.service_account_of.is_none())
        {
            let mut open: Vec<(String, Policy, bool)> = policies()
                .map(|(entry, policy)| (entry.place(), policy, false))
                .collect();
            for candidate in realm.issuer().candidates() {
                if open.is_empty() {
                    break;
                }
                let claims = realm.issuer().possible_claims(&candidate);
                let users: Vec<User> = claims
                    .into_iter()
                    .filter(|claims| is_for_us(claims, keycloak))
                    .map(|claims| User::from_claims(&claims, &Arc::clone(keycloak.rules())))
                    .collect();
                open.retain_mut(|(_, policy, if_declared)| {
                    *if_declared |= users.iter().any(|user| {
                        let answers = Answers::default();
                        policy.outcomes_if_declared(user, &answers).can_be_true()
                    });
                    !users.iter().any(|user| may_satisfy(policy, user))
                });
            }
            let unsatisfied = open.into_iter().map(|(place, policy, if_declared)| {
                let policy = format!("{policy:#}");
                if if_declared {
                    RealmFinding::Undeclared { place, policy }
                } else {
                    RealmFinding::Unsatisfied { place, policy }
                }
            });
            findings.extend(unsatisfied);
        }
        let all: Vec<Policy> = policies().map(|(_, policy)| policy).collect();
        let incomplete = complete::problems(keycloak, realm.issuer(), &all);
        findings.extend(
            incomplete
                .into_iter()
                .map(|(client, problem)| RealmFinding::Incomplete { client, problem }),
        );
        for (entry, policy) in policies() {
            let own = &keycloak.settings().client_id;
            for (role, by) in implied(policy.terms, own, model) {
                findings.push(RealmFinding::ImpliedRole {
                    place: entry.place(),
                    role,
                    by,
                });
            }
        }
        RealmAudit { findings }
    }
}

fn may_satisfy(policy: &Policy, user: &User) -> bool {
    policy.evaluate(user, &Answers::default()).can_be_true()
}

/// Whether a token with these claims is accepted at all, as far as the realm decides it.
fn is_for_us(claims: &Map<String, Value>, keycloak: &Keycloak) -> bool {
    let settings = keycloak.settings();
    let audience = match claims.get("aud") {
        Some(Value::String(audience)) => vec![audience.as_str()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let audience_fits = settings.audiences.is_any()
        || audience
            .iter()
            .any(|audience| settings.audiences.admits(audience));
    let party = claims
        .get("azp")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let party_fits = settings.authorized_parties.admits(party);
    audience_fits && party_fits && claims.get("sub").is_some_and(Value::is_string)
}

/// A role that a caller must have, and the ids that count as it.
struct Demand {
    name: &'static str,
    ids: Vec<RoleId>,
}

/// Pairs of roles that are asked for together though one includes the other.
fn implied(terms: &'static [Term], own: &str, model: &RealmModel) -> Vec<(String, String)> {
    let mut demands = Vec::new();
    let mut found = Vec::new();
    collect(terms, own, model, &mut demands, &mut found);
    for demand in &demands {
        let includes = |other: &&Demand| {
            other.name != demand.name
                && !other.ids.is_empty()
                && other.ids.iter().all(|id| {
                    let all = expand(model, [id.clone()]);
                    demand.ids.iter().any(|id| all.contains(id))
                })
        };
        if let Some(other) = demands.iter().find(includes) {
            found.push((demand.name.to_owned(), other.name.to_owned()));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The demands of terms that must all hold; each arm of `any` is looked at by itself.
fn collect(
    terms: &'static [Term],
    own: &str,
    model: &RealmModel,
    demands: &mut Vec<Demand>,
    found: &mut Vec<(String, String)>,
) {
    let existing = |ids: Vec<RoleId>| -> Vec<RoleId> {
        ids.into_iter()
            .filter(|id| model.roles.contains_key(id))
            .collect()
    };
    for term in terms {
        match term {
            Term::All(inner) => collect(inner, own, model, demands, found),
            Term::Policy(_, policy) => collect(policy.terms, own, model, demands, found),
            Term::Any(arms) => {
                for arm in *arms {
                    found.extend(implied(std::slice::from_ref(arm), own, model));
                }
            }
            Term::Ask(Question {
                kind,
                subject,
                asked: Asked::Set(set),
            }) if set.mode == Mode::All && kind.row().lookup.is_roles() => {
                demands.extend(set.items.iter().map(|name| Demand {
                    name,
                    ids: existing(RoleId::of_term(*kind, subject.unwrap_or(own), name)),
                }));
            }
            Term::Ask(_) | Term::Not(_) | Term::Check(..) | Term::Require(..) => {}
        }
    }
}
