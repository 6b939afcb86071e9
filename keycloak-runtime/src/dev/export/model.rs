//! A realm, as far as tokens need it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use keycloak_policy::vocabulary::{Kind, Lookup};

use crate::{base::secret::Secret, jose::algorithm::Algorithm};

/// A role of the realm or of one client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RoleId {
    Realm(String),
    Client { client: String, role: String },
}

impl RoleId {
    pub(crate) fn realm(role: impl Into<String>) -> Self {
        Self::Realm(role.into())
    }

    pub(crate) fn client(client: impl Into<String>, role: impl Into<String>) -> Self {
        Self::Client {
            client: client.into(),
            role: role.into(),
        }
    }

    /// The roles that a term means by `name`, whether the realm has them or not; `client` is the
    /// one in its parentheses, or our own. None for terms that are not about roles.
    pub(crate) fn of_term(kind: Kind, client: &str, name: &str) -> Vec<Self> {
        match kind.row().lookup {
            Lookup::AnyRoles => vec![Self::realm(name), Self::client(client, name)],
            Lookup::RealmRoles => vec![Self::realm(name)],
            Lookup::ClientRoles => vec![Self::client(client, name)],
            Lookup::Groups | Lookup::Scopes | Lookup::Clients | Lookup::None => Vec::new(),
        }
    }
}

impl fmt::Display for RoleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Realm(role) => write!(f, "realm role `{role}`"),
            Self::Client { client, role } => write!(f, "role `{role}` of client `{client}`"),
        }
    }
}

/// Lives of tokens and sessions, in seconds, and what else the realm decides.
#[derive(Debug, Clone)]
pub(crate) struct RealmSettings {
    pub(crate) access_token_lifespan: i64,
    pub(crate) session_idle: i64,
    pub(crate) session_max: i64,
    pub(crate) code_lifespan: i64,
    pub(crate) login_lifespan: i64,
    pub(crate) revoke_refresh_token: bool,
    pub(crate) refresh_token_max_reuse: i64,
    pub(crate) signature_algorithm: Algorithm,
    pub(crate) login_with_email: bool,
    /// Without organizations, their scope is never granted.
    pub(crate) organizations: bool,
    /// Whether users must have e-mail, first and last name (`VERIFY_PROFILE` with the default
    /// user profile).
    pub(crate) profile_required: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) parent: Option<String>,
    pub(crate) roles: Vec<RoleId>,
    pub(crate) attributes: BTreeMap<String, Vec<String>>,
}

/// How a password is checked.
#[derive(Clone)]
pub(crate) enum Credential {
    Plain(Secret),
    Hashed(PasswordHash),
    /// A hash of an algorithm that is not imitated; its name.
    Unsupported(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Hashed(_) => "Hashed",
            Self::Unsupported(_) => "Unsupported",
        })
    }
}

#[derive(Clone)]
pub(crate) struct PasswordHash {
    pub(crate) algorithm: HashAlgorithm,
    pub(crate) iterations: u32,
    pub(crate) salt: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum HashAlgorithm {
    Pbkdf2Sha1,
    Pbkdf2Sha256,
    Pbkdf2Sha512,
    Argon2 {
        variant: Argon2Variant,
        memory_kib: u32,
        parallelism: u32,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Argon2Variant {
    D,
    I,
    Id,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct UserModel {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) enabled: bool,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) attributes: BTreeMap<String, Vec<String>>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) required_actions: Vec<String>,
    pub(crate) roles: Vec<RoleId>,
    /// Paths.
    pub(crate) groups: Vec<String>,
    /// The client whose service account this is.
    pub(crate) service_account_of: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Mapper {
    pub(crate) name: String,
    /// Keycloak's provider id, such as `oidc-audience-mapper`.
    pub(crate) kind: String,
    pub(crate) config: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ScopeModel {
    pub(crate) name: String,
    pub(crate) in_token_scope: bool,
    pub(crate) mappers: Vec<Mapper>,
    pub(crate) scope_mappings: Vec<RoleId>,
}

#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the switches of a client in Keycloak's own representation"
)]
pub(crate) struct ClientModel {
    pub(crate) client_id: String,
    pub(crate) name: Option<String>,
    pub(crate) secret: Option<Secret>,
    pub(crate) enabled: bool,
    pub(crate) public: bool,
    pub(crate) bearer_only: bool,
    pub(crate) standard_flow: bool,
    pub(crate) direct_access: bool,
    pub(crate) service_account: bool,
    pub(crate) full_scope: bool,
    pub(crate) openid: bool,
    /// Made by Keycloak itself (`account`, `realm-management`, …), not by the export's author.
    pub(crate) builtin: bool,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) web_origins: Vec<String>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) mappers: Vec<Mapper>,
    pub(crate) default_scopes: Vec<String>,
    pub(crate) optional_scopes: Vec<String>,
    pub(crate) scope_mappings: Vec<RoleId>,
    pub(crate) signature_algorithm: Option<Algorithm>,
}

impl ClientModel {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    pub(crate) fn attribute_is_true(&self, name: &str) -> bool {
        self.attribute(name) == Some("true")
    }

    pub(crate) fn is_lightweight(&self) -> bool {
        self.attribute_is_true("client.use.lightweight.access.token.enabled")
    }
}

/// A realm as Keycloak would have it after importing the export.
#[derive(Debug, Clone)]
pub(crate) struct RealmModel {
    pub(crate) name: String,
    pub(crate) display_name: Option<String>,
    pub(crate) settings: RealmSettings,
    /// Every role with the roles it includes.
    pub(crate) roles: BTreeMap<RoleId, BTreeSet<RoleId>>,
    pub(crate) default_role: RoleId,
    /// By path.
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) default_groups: Vec<String>,
    /// In the order of the export.
    pub(crate) users: Vec<UserModel>,
    pub(crate) clients: Vec<ClientModel>,
    pub(crate) scopes: BTreeMap<String, ScopeModel>,
    pub(crate) default_scopes: Vec<String>,
    pub(crate) optional_scopes: Vec<String>,
    /// What differs from the real thing, for the log.
    pub(crate) notes: Vec<String>,
}

impl RealmModel {
    pub(crate) fn new(name: String) -> Self {
        let default_role = RoleId::Realm(format!("default-roles-{}", name.to_lowercase()));
        Self {
            name,
            display_name: None,
            // Keycloak's defaults for a new realm.
            settings: RealmSettings {
                access_token_lifespan: 300,
                session_idle: 1_800,
                session_max: 36_000,
                code_lifespan: 60,
                login_lifespan: 1_800,
                revoke_refresh_token: false,
                refresh_token_max_reuse: 0,
                signature_algorithm: Algorithm::RS256,
                login_with_email: true,
                organizations: false,
                profile_required: Vec::new(),
            },
            roles: BTreeMap::new(),
            default_role,
            groups: BTreeMap::new(),
            default_groups: Vec::new(),
            users: Vec::new(),
            clients: Vec::new(),
            scopes: BTreeMap::new(),
            default_scopes: Vec::new(),
            optional_scopes: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&ClientModel> {
        self.clients
            .iter()
            .find(|client| client.client_id == client_id)
    }

    /// The user with that name, in any case, or, where the realm allows it, that e-mail address.
    pub(crate) fn login(&self, name: &str) -> Option<&UserModel> {
        let name = name.to_lowercase();
        self.user(&name).or_else(|| {
            let by_email = |user: &&UserModel| user.email.as_deref() == Some(name.as_str());
            self.users
                .iter()
                .find(by_email)
                .filter(|_| self.settings.login_with_email)
        })
    }

    /// The user with exactly that name; names are kept in lower case.
    pub(crate) fn user(&self, username: &str) -> Option<&UserModel> {
        self.users.iter().find(|user| user.username == username)
    }

    pub(crate) fn service_account(&self, client_id: &str) -> Option<&UserModel> {
        self.users
            .iter()
            .find(|user| user.service_account_of.as_deref() == Some(client_id))
    }
}

impl RealmModel {
    /// Whether the user may sign in without being asked to complete the account first.
    pub(crate) fn is_set_up(&self, user: &UserModel) -> bool {
        self.missing(user).is_empty()
    }

    /// What the user would be asked for first.
    pub(crate) fn missing(&self, user: &UserModel) -> Vec<String> {
        let lacks = |name: &&String| match name.as_str() {
            "email" => user.email.is_none(),
            "firstName" => user.first_name.is_none(),
            "lastName" => user.last_name.is_none(),
            other => user
                .attributes
                .get(other)
                .is_none_or(|values| values.iter().all(String::is_empty)),
        };
        let fields = self.settings.profile_required.iter().filter(lacks);
        let fields = fields.map(|name| format!("`{name}`"));
        let actions = user.required_actions.iter();
        fields
            .chain(actions.map(|action| format!("the action `{action}`")))
            .collect()
    }

    /// The notes that mention one of the names, in backquotes.
    pub(crate) fn notes_about(&self, names: &[&str]) -> Vec<String> {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let mentions = |note: &&String| names.iter().any(|name| note.contains(name));
        self.notes.iter().filter(mentions).cloned().collect()
    }
}
