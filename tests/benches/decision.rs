//! The decision alone: a policy on a user that is already there. Nothing is allocated.
//!
//! `cargo bench -p keycloak-tests --bench decision`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use keycloak::{
    __fuzz, Policy, policy,
    testing::{self, UserBuilder},
};
use support::HUNDRED;

const ONE_ROLE: Policy = policy!(roles = ["role-0"]);
const NOBODY: Policy = policy!(roles = ["absent"]);
const COMMON: Policy = policy!(roles = ["role-0"], groups = any["ops", "/eng/**"]);
const CLAIM: Policy = policy!(claim("department") = ["sales"]);
const TEN: Policy = policy!(
    roles = any[
        "a-0", "a-1", "a-2", "a-3", "a-4", "a-5", "a-6", "a-7", "a-8", "role-0"
    ]
);
fn user(roles: usize) -> UserBuilder {
    let base = testing::user("alice")
        .group("/eng/backend")
        .claim("department", "sales");
    (0..roles).fold(base, |user, n| user.realm_role(format!("role-{n}")))
}

fn policies(c: &mut Criterion) {
    let user = user(4).realm_role("admin").build();
    let mut group = c.benchmark_group("decision");
    for (name, policy, admits) in [
        ("one role", &ONE_ROLE, true),
        ("a role that is missing", &NOBODY, false),
        ("role and group", &COMMON, true),
        ("claim", &CLAIM, true),
        ("10 roles", &TEN, true),
        ("100 roles", &HUNDRED, true),
    ] {
        assert_eq!(__fuzz::admits(policy, &user), admits, "{name}");
        group.bench_function(name, |b| {
            b.iter(|| __fuzz::admits(black_box(policy), black_box(&user)));
        });
    }
    group.finish();
}

fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("decision by roles of the user");
    for roles in [1, 10, 100, 1_000] {
        let user = user(roles).build();
        group.bench_function(BenchmarkId::from_parameter(roles), |b| {
            b.iter(|| __fuzz::admits(black_box(&ONE_ROLE), black_box(&user)));
        });
    }
    group.finish();
}

criterion_group!(benches, policies, growth);
criterion_main!(benches);
