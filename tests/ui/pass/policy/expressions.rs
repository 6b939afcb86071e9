//! `policy!` wherever a constant is allowed.
#![deny(warnings)]

use keycloak::{Policy, User, policy};

const ADMINS: Policy = policy!(roles = ["admin"]);
static EVERYONE: Policy = policy!();
const NESTED: Policy = policy!(any(policy = ADMINS, all(groups = ["/ops/**"], check = on_call)));
const OF_A_STATIC: Policy = policy!(not(all(policy = EVERYONE, roles = any["suspended"])));
const OPTIONAL: Policy = policy!(optional);
const WITH_PATH: Policy = policy!(scopes = ["read"], crate = ::keycloak);
const LIST: [Policy; 2] = [policy!(roles = ["a"]), policy!(roles = ["b"])];

fn on_call(user: &User) -> bool {
    user.subject() == "x"
}

struct Policies;

impl Policies {
    const EDITORS: Policy = policy!(roles = ["editor"]);
}

trait Guarded {
    const POLICY: Policy;
}

impl Guarded for Policies {
    const POLICY: Policy = policy! { all(policy = Policies::EDITORS, claim("email_verified") = true) };
}

const fn made() -> Policy {
    policy![roles = ["admin"]]
}

pub(crate) fn main() {
    let local = policy!(roles = any["a", "b"]);
    let _ = [local, made(), ADMINS, EVERYONE, NESTED, OF_A_STATIC, OPTIONAL, WITH_PATH];
    let _ = (LIST, <Policies as Guarded>::POLICY);
}
