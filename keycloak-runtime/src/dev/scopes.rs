//! The `scope` parameter (RFC 6749 section 3.3) and the client scopes it brings.

use super::{
    export::model::{ClientModel, RealmModel, RoleId, UserModel},
    roles,
};

/// The client scopes that a grant has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GrantedScopes {
    /// Whether `openid` was asked for: an ID token is due, userinfo is open.
    pub(crate) openid: bool,
    /// Names of client scopes: the client's default ones, then the optional ones asked for.
    pub(crate) names: Vec<String>,
}

/// A scope was asked for that the client does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidScope;

impl GrantedScopes {
    /// What `client` gets for the parameter `requested`, before it is known who the user is.
    pub(crate) fn for_client(
        model: &RealmModel,
        client: &ClientModel,
        requested: Option<&str>,
    ) -> Result<Self, InvalidScope> {
        let known = |name: &&String| model.scopes.contains_key(*name);
        let mut scopes = Self {
            openid: false,
            names: client
                .default_scopes
                .iter()
                .filter(known)
                .cloned()
                .collect(),
        };
        for name in requested.into_iter().flat_map(|text| text.split(' ')) {
            let optional = client.optional_scopes.iter().filter(known);
            if name == "openid" {
                scopes.openid = true;
            } else if scopes.has(name) {
                // Asked for a default scope, or twice.
            } else if optional.into_iter().any(|optional| optional == name) {
                scopes.names.push(name.to_owned());
            } else {
                return Err(InvalidScope);
            }
        }
        Ok(scopes)
    }

    /// Drops the scopes whose roles the user has none of, and organizations where there are none.
    pub(crate) fn permit(mut self, model: &RealmModel, user: &UserModel) -> Self {
        let mut owned = None;
        self.names.retain(|name| {
            let Some(scope) = model.scopes.get(name) else {
                return false;
            };
            if name == "organization" && !model.settings.organizations {
                return false;
            }
            if scope.scope_mappings.is_empty() {
                return true;
            }
            let owned = owned.get_or_insert_with(|| roles::effective(model, user));
            roles::expand(model, scope.scope_mappings.iter().cloned())
                .iter()
                .any(|role| owned.contains(role))
        });
        self
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|scope| scope == name)
    }

    /// Whether the user may have offline tokens: the role must be theirs.
    pub(crate) fn offline_allowed(model: &RealmModel, user: &UserModel) -> bool {
        roles::effective(model, user).contains(&RoleId::realm("offline_access"))
    }

    /// The value of the `scope` claim and response member.
    pub(crate) fn claim(&self, model: &RealmModel) -> String {
        let visible = self.names.iter().filter(|name| {
            model
                .scopes
                .get(*name)
                .is_some_and(|scope| scope.in_token_scope)
        });
        let openid = self.openid.then_some("openid");
        let names: Vec<_> = openid
            .into_iter()
            .chain(visible.map(String::as_str))
            .collect();
        names.join(" ")
    }

    /// All scopes, as a refresh token lists them.
    pub(crate) fn all(&self) -> String {
        let openid = self.openid.then_some("openid");
        let names: Vec<_> = openid
            .into_iter()
            .chain(self.names.iter().map(String::as_str))
            .collect();
        names.join(" ")
    }
}
