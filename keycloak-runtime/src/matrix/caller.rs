//! Who calls: the personas of a realm, and callers that no route may take for one.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{caller::User, error::AuthError, keycloak::Keycloak};

/// A column of the matrix.
#[derive(Clone)]
pub struct Caller {
    pub(crate) name: String,
    pub(crate) note: String,
    /// The note for narrow columns: names without their kinds.
    pub(crate) brief: String,
    pub(crate) authentication: Authentication,
    /// What goes into the `Authorization` header.
    pub(crate) token: Option<String>,
}

/// The result of authentication, before any policy.
#[derive(Debug, Clone)]
pub(crate) enum Authentication {
    /// No credentials.
    Anonymous,
    /// A token that is refused, with the error's code.
    Rejected(String),
    Verified(User),
}

impl Caller {
    pub(crate) fn anonymous() -> Self {
        Self {
            name: "no token".to_owned(),
            note: "sends no credentials".to_owned(),
            brief: String::new(),
            authentication: Authentication::Anonymous,
            token: None,
        }
    }

    /// A caller with a good token.
    pub(crate) async fn persona(
        keycloak: &Keycloak,
        name: String,
        token: String,
    ) -> Result<Self, AuthError> {
        let user = keycloak.authenticate_token(&token).await?;
        Ok(Self {
            note: describe(&user, true),
            brief: describe(&user, false),
            name,
            authentication: Authentication::Verified(user),
            token: Some(token),
        })
    }

    /// A caller whose token must be refused.
    pub(crate) fn rejected(name: String, token: String, error: &AuthError) -> Self {
        Self {
            note: format!("{}: {}", error.code(), error.message()),
            brief: error.code().replace('_', " "),
            name,
            authentication: Authentication::Rejected(error.code().to_owned()),
            token: Some(token),
        }
    }

    /// The name in the matrix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Roles and groups, or what is wrong with the token.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }
}

/// Own roles, realm roles and groups in one line, with or without saying which is which.
fn describe(user: &User, with_kinds: bool) -> String {
    let own = &user.rules().client_id;
    let realm = user.realm_roles().iter().filter(|role| !is_builtin(role));
    let parts = [
        (
            own.as_str(),
            user.client_roles(own).iter().collect::<Vec<_>>(),
        ),
        ("realm", realm.collect()),
        ("groups", user.groups().iter().collect()),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(kind, names)| {
            let names = names.join(", ");
            if with_kinds {
                format!("{kind}: {names}")
            } else {
                names
            }
        })
        .collect();
    if parts.is_empty() {
        "no role, no group".to_owned()
    } else {
        parts.join(" · ")
    }
}

/// Roles that Keycloak gives to every user.
fn is_builtin(role: &str) -> bool {
    matches!(role, "offline_access" | "uma_authorization") || role.starts_with("default-roles-")
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("name", &self.name)
            .field("note", &self.note)
            .finish_non_exhaustive()
    }
}

/// Name and note; never the token.
impl Serialize for Caller {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Caller", 2)?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("note", &self.note)?;
        out.end()
    }
}
