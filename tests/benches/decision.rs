//! The decision alone: a policy on a user that is already there. Nothing is allocated.
//!
//! `cargo bench -p keycloak-tests --bench decision`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use keycloak::{Policy, User, policy, probe, testing};

const ONE_ROLE: Policy = policy!(roles = ["role-0"]);
const NOBODY: Policy = policy!(roles = ["absent"]);
const COMMON: Policy = policy!(roles = ["role-0"], groups = any["ops", "/eng/**"]);
const CLAIM: Policy = policy!(claim("department") = ["sales"]);
const TEN: Policy = policy!(
    roles = any[
        "a-0", "a-1", "a-2", "a-3", "a-4", "a-5", "a-6", "a-7", "a-8", "role-0"
    ]
);
const HUNDRED: Policy = policy!(
    roles = any[
        "a-00", "a-01", "a-02", "a-03", "a-04", "a-05", "a-06", "a-07", "a-08", "a-09",
        "a-10", "a-11", "a-12", "a-13", "a-14", "a-15", "a-16", "a-17", "a-18", "a-19",
        "a-20", "a-21", "a-22", "a-23", "a-24", "a-25", "a-26", "a-27", "a-28", "a-29",
        "a-30", "a-31", "a-32", "a-33", "a-34", "a-35", "a-36", "a-37", "a-38", "a-39",
        "a-40", "a-41", "a-42", "a-43", "a-44", "a-45", "a-46", "a-47", "a-48", "a-49",
        "a-50", "a-51", "a-52", "a-53", "a-54", "a-55", "a-56", "a-57", "a-58", "a-59",
        "a-60", "a-61", "a-62", "a-63", "a-64", "a-65", "a-66", "a-67", "a-68", "a-69",
        "a-70", "a-71", "a-72", "a-73", "a-74", "a-75", "a-76", "a-77", "a-78", "a-79",
        "a-80", "a-81", "a-82", "a-83", "a-84", "a-85", "a-86", "a-87", "a-88", "a-89",
        "a-90", "a-91", "a-92", "a-93", "a-94", "a-95", "a-96", "a-97", "a-98", "role-0"
    ]
);

fn user(roles: usize) -> User {
    let base = testing::user("alice")
        .group("/eng/backend")
        .claim("department", "sales");
    (0..roles)
        .fold(base, |user, n| user.realm_role(format!("role-{n}")))
        .build()
}

fn policies(c: &mut Criterion) {
    let user = user(5);
    let mut group = c.benchmark_group("decision");
    for (name, policy, admits) in [
        ("one role", &ONE_ROLE, true),
        ("a role that is missing", &NOBODY, false),
        ("role and group", &COMMON, true),
        ("claim", &CLAIM, true),
        ("10 roles", &TEN, true),
        ("100 roles", &HUNDRED, true),
    ] {
        assert_eq!(probe::admits(policy, &user), admits, "{name}");
        group.bench_function(name, |b| {
            b.iter(|| probe::admits(black_box(policy), black_box(&user)));
        });
    }
    group.finish();
}

fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("decision by roles of the user");
    for roles in [1, 10, 100, 1_000] {
        let user = user(roles);
        group.bench_function(BenchmarkId::from_parameter(roles), |b| {
            b.iter(|| probe::admits(black_box(&ONE_ROLE), black_box(&user)));
        });
    }
    group.finish();
}

criterion_group!(benches, policies, growth);
criterion_main!(benches);
