//! The caller after all checks: what handlers and policies see.
//!
//! Claims are read once, when the user is made; what has the wrong type is kept apart from what is
//! absent, because a negated term must not take either for "has none" (see
//! [`decision`](crate::policy::decision)).

mod access;
pub(crate) mod actor;
pub(crate) mod claim;
mod claim_path;
pub(crate) mod client;
pub(crate) mod evidence;
pub(crate) mod group;
mod marks;
mod names;
pub(crate) mod role;
pub(crate) mod scope;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use serde_json::{Map, Value};

pub(crate) use self::access::heap_block;
#[cfg(any(test, feature = "test-util"))]
pub(crate) use self::claim_path::insert as insert_claim;
use self::names::{Collected, Part, Place};
pub use self::names::{Names, NamesIter};
use self::{
    claim_path::{is_cut_off, lookup},
    evidence::{Evidence, proves_absence},
    marks::{Mark, Marks},
};
use crate::base::json::{Object, View};

/// The verified caller.
///
/// Cheap to clone: all clones share one allocation. It is made only of a verified token (and, with
/// feature `test-util`, by `keycloak::testing`).
///
/// As an axum extractor it answers 401 or 503 where the caller is not authenticated; with
/// [`#[protected]`](macro@crate::protected) it is already there. `Option<User>` is `None` where the
/// caller sent no credentials, and still refuses a bad token.
///
/// Serializes to JSON with the members of the Python library's user model: `sub`, `username`,
/// `preferred_username`, `email`, `email_verified`, `given_name`, `family_name`, `name`, `roles`
/// (realm roles and roles of our own client), `groups`, and `scopes`. Absent ones are `null` or
/// empty. `Debug` shows no claim and no token.
#[derive(Clone)]
pub struct User {
    inner: Arc<Inner>,
}

struct Inner {
    claims: Object,
    rules: Arc<ClaimRules>,
    expires_at: SystemTime,
    marks: Marks,
    /// The names of all lists below.
    places: Box<[Place]>,
    realm_roles: Container<Part>,
    /// Clients and their roles, sorted by client id.
    client_roles: Container<Box<[ClientRoles]>>,
    groups: Container<Part>,
    /// Whether tokens of the client that it was issued to are declared complete.
    complete: bool,
    /// The signed token, where Keycloak's answer about it is in `claims` and lacks some of it.
    richer_token: Option<User>,
    /// Whether a group lacks the leading `/`, as a mapper without full path writes them.
    bare_groups: bool,
    scopes: Container<Part>,
}

/// The roles of one client.
struct ClientRoles {
    client: Place,
    roles: Container<Part>,
}

/// A claim that holds names. Absent and malformed are different things to a negated term.
#[derive(Clone, Copy)]
pub(crate) enum Container<T> {
    Absent,
    /// Another JSON type than Keycloak writes: grants nothing and proves nothing.
    Malformed,
    Present(T),
}

impl<T> Container<T> {
    fn read<'c>(claim: Option<View<'c>>, parse: impl FnOnce(View<'c>) -> Option<T>) -> Self {
        match claim {
            None => Self::Absent,
            Some(claim) => parse(claim).map_or(Self::Malformed, Self::Present),
        }
    }

    fn map<U>(self, of: impl FnOnce(T) -> U) -> Container<U> {
        match self {
            Self::Present(value) => Container::Present(of(value)),
            Self::Absent => Container::Absent,
            Self::Malformed => Container::Malformed,
        }
    }

    fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Malformed => None,
        }
    }
}

/// How one `Keycloak` reads claims: fixed at `build()`, shared by all of its users.
#[derive(Debug, Clone)]
pub(crate) struct ClaimRules {
    /// Our own client id: `roles` means realm roles or the roles of this client.
    pub(crate) client_id: String,
    /// Where the groups are; `groups` unless configured.
    pub(crate) groups_claim: String,
    /// The clients whose tokens leave out no role and no group of their user.
    pub(crate) complete_clients: Box<[String]>,
    /// Whether groups without a leading `/` count (mapper without full path).
    pub(crate) name_only_groups: bool,
}

impl User {
    /// From the claims of a verified token (or an introspection answer); `sub` is checked before.
    pub(crate) fn from_claims(claims: impl Into<Object>, rules: &Arc<ClaimRules>) -> Self {
        let claims: Object = claims.into();
        // In one pass, as each token that is new comes through here.
        let (mut exp, mut azp, mut scope) = (None, None, None);
        let (mut realm_access, mut resource_access) = (None, None);
        let mut marks = Marks::new();
        for (name, claim) in claims.root().members().into_iter().flatten() {
            match name {
                "exp" => exp = Some(claim),
                "realm_access" => realm_access = Some(claim),
                "resource_access" => resource_access = Some(claim),
                "scope" => scope = Some(claim),
                _ => {
                    if name == "azp" {
                        azp = claim.as_str();
                    }
                    marks.note(name, claim, claims.text());
                }
            }
        }
        let mut names = Collected::of(claims.text());
        let realm_roles = read_roles(realm_access, &mut names);
        let client_roles = Container::read(resource_access, |value| {
            let mut clients = Vec::new();
            for (client, access) in value.members()? {
                clients.push((client, read_roles(Some(access), &mut names)));
            }
            clients.sort_unstable_by_key(|(client, _)| *client);
            let clients = clients.into_iter().map(|(client, roles)| {
                let client = Place::of(client, claims.text())?;
                Some(ClientRoles { client, roles })
            });
            clients.collect()
        });
        let groups = match lookup(&claims, &rules.groups_claim) {
            None if is_cut_off(&claims, &rules.groups_claim) => Container::Malformed,
            claim => Container::read(claim, |value| names.claim(value)),
        };
        let scopes = Container::read(scope, |value| {
            let scopes = value.as_str()?.split(' ').filter(|scope| !scope.is_empty());
            names.list(scopes.map(Some))
        });
        let places = names.into_places();
        let bare_groups = groups.present().is_some_and(|groups| {
            let groups = Names::new(claims.text(), &places, *groups);
            groups.iter().any(|group| !group.starts_with('/'))
        });
        Self {
            inner: Arc::new(Inner {
                expires_at: expiry(exp),
                marks,
                places,
                realm_roles,
                client_roles,
                scopes,
                groups,
                complete: azp
                    .is_some_and(|azp| rules.complete_clients.iter().any(|own| own == azp)),
                richer_token: None,
                bare_groups,
                claims,
                rules: Arc::clone(rules),
            }),
        }
    }

    /// The stable id of the caller: claim `sub` (RFC 9068 section 2.2).
    #[must_use]
    pub fn subject(&self) -> &str {
        self.mark(Mark::Subject).unwrap_or_default()
    }

    /// The login name: claim `preferred_username`, or `username` of an introspection answer.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.text("preferred_username")
            .or_else(|| self.text("username"))
    }

    /// The e-mail address: claim `email`. Whether it is verified is `email_verified`.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// The full name: claim `name`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// The realm roles: `realm_access.roles`. Empty where the claim is absent or malformed.
    #[must_use]
    pub fn realm_roles(&self) -> Names<'_> {
        names(self.realm_access())
    }

    /// The roles of one client: `resource_access["<client>"].roles`, the key compared exactly.
    #[must_use]
    pub fn client_roles(&self, client: &str) -> Names<'_> {
        self.client_access(client).map_or(Names::EMPTY, names)
    }

    /// Whether the caller has `role` as a realm role or as a role of our own client id.
    ///
    /// The same question as `roles = ["…"]` in a policy; roles of other clients never count. `false`
    /// means that the token does not show it, which does not mean that the caller lacks it: the client
    /// decides what its tokens carry. To ask for absence, use [`lacks_role`](Self::lacks_role) and not
    /// `!user.has_role(..)`.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        role::realm_or_own(self, role) == Evidence::Shown
    }

    /// Whether the caller is proven to have `role` neither as a realm role nor as a role of our own
    /// client id.
    ///
    /// The same question as `roles = none["…"]` in a policy: true only for tokens of clients that
    /// [`complete_tokens_from`](crate::KeycloakBuilder::complete_tokens_from) declares.
    #[must_use]
    pub fn lacks_role(&self, role: &str) -> bool {
        proves_absence(self, |user| role::realm_or_own(user, role))
    }

    /// Whether the caller is in exactly the group at `path`: `"ops"` and `"/ops"` are the top-level
    /// group. Every character is literal, also `*`: patterns exist in policies only. `false` proves no
    /// absence; [`is_outside_group`](Self::is_outside_group) does.
    #[must_use]
    pub fn in_group(&self, path: &str) -> bool {
        group::exactly(self, path) == Evidence::Shown
    }

    /// Whether the caller is proven not to be in exactly the group at `path`, as `groups = none["…"]`
    /// asks in a policy: true only for tokens of clients that
    /// [`complete_tokens_from`](crate::KeycloakBuilder::complete_tokens_from) declares.
    #[must_use]
    pub fn is_outside_group(&self, path: &str) -> bool {
        proves_absence(self, |user| group::exactly(user, path))
    }

    /// Whether the caller is in the group at `path` or in one below it, as `"<path>/**"` asks in a
    /// policy. Every character of `path` is literal, and `false` proves no absence.
    #[must_use]
    pub fn in_group_or_below(&self, path: &str) -> bool {
        group::below(self, path) == Evidence::Shown
    }

    /// The groups as the token has them: paths such as `/eng/backend`, or names where the mapper
    /// writes no full paths.
    #[must_use]
    pub fn groups(&self) -> Names<'_> {
        names(self.group_access())
    }

    /// The granted scope-tokens: claim `scope`, separated by spaces (RFC 6749 section 3.3).
    #[must_use]
    pub fn scopes(&self) -> Names<'_> {
        names(self.scope_access())
    }

    /// A claim by its path, such as `"address.country"`; `\.` is a literal dot.
    ///
    /// `None` where the claim is absent or is not a `T`.
    ///
    /// ```no_run
    /// # fn f(user: &keycloak::User) {
    /// let level = user.claim::<u64>("clearance.level").unwrap_or(0);
    /// # }
    /// ```
    #[must_use]
    pub fn claim<'a, T: Deserialize<'a>>(&'a self, path: &str) -> Option<T> {
        T::deserialize(self.lookup(path)?).ok()
    }

    /// The client that the token was issued to: claim `azp` (OpenID Connect Core section 2).
    #[must_use]
    pub fn authorized_party(&self) -> Option<&str> {
        self.text("azp")
    }

    /// The administrator who acts as the caller: the `sub` of the claim `act` (RFC 8693 section 4.1),
    /// which Keycloak writes from 26.8 on. Whoever may not be acted for is excluded by
    /// `impersonated = false` in a policy.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.lookup("act.sub").and_then(View::as_str)
    }

    /// The issuer of the token: claim `iss`, one of those that the settings accept.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    /// The session that the token belongs to: claim `sid`. Tokens of service accounts have none.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.text("sid")
    }

    /// The id of the token: claim `jti`.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.text("jti")
    }

    /// The level of authentication: claim `acr` (OpenID Connect Core section 2).
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// When the user signed in: claim `auth_time`, which tokens of service accounts and of direct
    /// access grants do not have.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        let seconds = self.claim::<u64>("auth_time")?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }

    /// All claims as a type of the application; `None` where they do not fit.
    ///
    /// ```no_run
    /// #[derive(serde::Deserialize)]
    /// struct Employee<'c> {
    ///     department: &'c str,
    /// }
    ///
    /// # fn f(user: &keycloak::User) {
    /// let department = user.claims_as::<Employee>().map(|employee| employee.department);
    /// # }
    /// ```
    #[must_use]
    pub fn claims_as<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        T::deserialize(self.inner.claims.root()).ok()
    }

    /// Whether the token is proven to be its client's own (client credentials, RFC 6749 section
    /// 4.4), as `service_account = true` asks in a policy. `false` does not prove a user: that is
    /// `service_account = false`.
    ///
    /// Keycloak shows it by the name `service-account-<client id>` together with the claim
    /// `clientAddress`, which its client scopes `profile` and `service_account` write.
    #[must_use]
    pub fn is_service_account(&self) -> bool {
        client::is_service_account(self, true) == Evidence::Shown
    }

    /// When the token expires: claim `exp`, without leeway.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.inner.expires_at
    }

    /// The claims as Keycloak sent them, made anew at each call; [`claim`](Self::claim) reads one
    /// without that.
    #[must_use]
    pub fn to_claims(&self) -> Map<String, Value> {
        self.inner.claims.to_map()
    }
}

/// `{"roles": [..]}`, as `realm_access` and each member of `resource_access` are.
fn read_roles<'c>(access: Option<View<'c>>, names: &mut Collected<'c>) -> Container<Part> {
    match access {
        None => Container::Absent,
        Some(access) if access.members().is_some() => {
            Container::read(access.get("roles"), |roles| names.claim(roles))
        }
        Some(_) => Container::Malformed,
    }
}

fn names(container: Container<Names<'_>>) -> Names<'_> {
    match container {
        Container::Present(names) => names,
        Container::Absent | Container::Malformed => Names::EMPTY,
    }
}

/// `exp` as a point in time; long past where it is none, though verification asks for it.
fn expiry(exp: Option<View<'_>>) -> SystemTime {
    exp.and_then(View::as_f64)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = self.client_roles(&self.inner.rules.client_id);
        let mut roles: Vec<&str> = self.realm_roles().iter().chain(own).collect();
        roles.sort_unstable();
        roles.dedup();
        let mut out = serializer.serialize_struct("User", 11)?;
        out.serialize_field("sub", self.subject())?;
        out.serialize_field("username", &self.username())?;
        out.serialize_field("preferred_username", &self.text("preferred_username"))?;
        out.serialize_field("email", &self.email())?;
        out.serialize_field("email_verified", &self.claim::<bool>("email_verified"))?;
        out.serialize_field("given_name", &self.text("given_name"))?;
        out.serialize_field("family_name", &self.text("family_name"))?;
        out.serialize_field("name", &self.name())?;
        out.serialize_field("roles", &roles)?;
        out.serialize_field("groups", &self.groups())?;
        out.serialize_field("scopes", &self.scopes())?;
        out.end()
    }
}

#[cfg(test)]
mod tests;
