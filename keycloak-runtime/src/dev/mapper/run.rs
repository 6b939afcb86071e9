//! One run of a client's mappers over the claims of one document.

use keycloak_policy::grammar::claim_path;
use serde_json::{Map, Value};

use super::{Place, SignIn, claim, value, value::texts};
use crate::dev::{
    export::model::{ClientModel, Group, Mapper, RealmModel, RoleId, UserModel},
    origins,
    roles::TokenRoles,
    scopes::GrantedScopes,
};

/// One run of the mappers.
pub(crate) struct Run<'a> {
    pub(crate) model: &'a RealmModel,
    pub(crate) client: &'a ClientModel,
    pub(crate) user: &'a UserModel,
    pub(crate) sign_in: &'a SignIn,
    pub(crate) place: Place,
    pub(crate) roles: TokenRoles,
    pub(crate) claims: Map<String, Value>,
    pub(crate) audience: Vec<String>,
}

impl Run<'_> {
    pub(crate) fn apply(&mut self, scopes: &GrantedScopes) {
        let (model, client) = (self.model, self.client);
        let mut mappers: Vec<&Mapper> = scopes
            .names
            .iter()
            .filter_map(|name| model.scopes.get(name))
            .flat_map(|scope| &scope.mappers)
            .chain(&client.mappers)
            .collect();
        // Keycloak's priorities: roles are renamed, then added, then written, and the audience is
        // drawn from the roles at the end.
        mappers.sort_by_key(|mapper| match mapper.kind.as_str() {
            "oidc-role-name-mapper" => 10,
            "oidc-hardcoded-role-mapper" => 20,
            "oidc-audience-resolve-mapper" => 50,
            _ => 40,
        });
        for mapper in mappers {
            self.run(mapper);
        }
    }

    fn run(&mut self, mapper: &Mapper) {
        let absent = matches!(
            mapper.kind.as_str(),
            "oidc-audience-resolve-mapper" | "oidc-allowed-origins-mapper" | "oidc-sub-mapper"
        );
        // Roles are changed wherever the claims go.
        if !self.change_roles(mapper) && self.place.wants(mapper, absent) {
            self.write(mapper);
        }
    }

    /// Runs a mapper that changes the roles; whether it is one.
    fn change_roles(&mut self, mapper: &Mapper) -> bool {
        let role = |name: &str| mapper.config.get(name).map(|name| Self::role(name));
        match mapper.kind.as_str() {
            "oidc-hardcoded-role-mapper" => {
                if let Some(role) = role("role") {
                    self.roles.insert(role);
                }
            }
            "oidc-role-name-mapper" => {
                if let (Some(from), Some(to)) = (role("role"), role("new.role.name"))
                    && self.roles.remove(&from)
                {
                    self.roles.insert(to);
                }
            }
            _ => return false,
        }
        true
    }

    /// Writes the claims of a mapper.
    fn write(&mut self, mapper: &Mapper) {
        let config = |name: &str| mapper.config.get(name).map(String::as_str);
        match mapper.kind.as_str() {
            "oidc-sub-mapper" => self.put("sub", Value::from(self.user.id.as_str())),
            "oidc-acr-mapper" => self.put("acr", Value::from(self.sign_in.acr)),
            "oidc-allowed-origins-mapper" => {
                let origins = origins::allowed(self.client);
                if !origins.is_empty() {
                    self.put("allowed-origins", Value::from(origins));
                }
            }
            "oidc-audience-mapper" => {
                let named = config("included.client.audience").filter(|name| !name.is_empty());
                let named = named.or_else(|| config("included.custom.audience"));
                self.add_audience(named.unwrap_or_default());
            }
            "oidc-audience-resolve-mapper" => self.audiences_of_roles(),
            "oidc-group-membership-mapper" => self.groups(mapper),
            "oidc-usermodel-realm-role-mapper" => {
                let prefix = config("usermodel.realmRoleMapping.rolePrefix").unwrap_or_default();
                let roles: Vec<_> = prefixed(&self.roles.realm, prefix);
                self.put_roles(mapper, "realm_access.roles", roles);
            }
            "oidc-usermodel-client-role-mapper" => self.client_roles(mapper),
            "oidc-full-name-mapper" => self.full_name(),
            "oidc-address-mapper" => self.address(mapper),
            "oidc-nonce-backwards-compatible-mapper" => {
                self.insert_some("nonce", self.sign_in.nonce.clone());
            }
            "oidc-session-state-mapper" => {
                self.insert_some("session_state", self.sign_in.sid.clone());
            }
            _ => {
                let texts = self.texts(mapper);
                self.put_texts(mapper, &texts);
            }
        }
    }

    /// What a mapper writes into the claim that it names; nothing for a mapper that we do not know.
    fn texts(&self, mapper: &Mapper) -> Vec<String> {
        let config = |name: &str| mapper.config.get(name).map(String::as_str);
        let named = config("user.attribute").unwrap_or_default();
        match mapper.kind.as_str() {
            "oidc-hardcoded-claim-mapper" => config("claim.value")
                .map(str::to_owned)
                .into_iter()
                .collect(),
            "oidc-usermodel-attribute-mapper" => {
                self.attribute(named, config("aggregate.attrs") == Some("true"))
            }
            "oidc-usermodel-property-mapper" => property(self.user, named).into_iter().collect(),
            "oidc-usersessionmodel-note-mapper" => {
                let note = config("user.session.note").unwrap_or_default();
                self.session_note(note).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn audiences_of_roles(&mut self) {
        let clients: Vec<_> = self.roles.clients.keys().cloned().collect();
        for client in clients {
            // Its own roles alone do not make a client an audience of its tokens.
            if client != self.client.client_id {
                self.add_audience(&client);
            }
        }
    }

    fn full_name(&mut self) {
        let parts: Vec<_> = [&self.user.first_name, &self.user.last_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if !parts.is_empty() {
            self.put("name", Value::from(parts.join(" ")));
        }
    }

    fn insert_some(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.claims.insert(name.to_owned(), value.into());
        }
    }

    /// `role`, or `client.role` where there is a dot: the role is the part after the last one.
    fn role(name: &str) -> RoleId {
        match name.rsplit_once('.') {
            Some((client, role)) => RoleId::client(client, role),
            None => RoleId::realm(name),
        }
    }

    fn add_audience(&mut self, name: &str) {
        if !name.is_empty() && !self.audience.iter().any(|known| known == name) {
            self.audience.push(name.to_owned());
        }
    }

    fn put(&mut self, name: &str, value: Value) {
        self.claims.insert(name.to_owned(), value);
    }

    fn put_at(&mut self, path: &str, value: Value) {
        if path == "aud" {
            for name in texts(&value) {
                self.add_audience(&name);
            }
            return;
        }
        match value {
            // Several mappers may fill one list: groups and roles in `groups`, say.
            Value::Array(list) => claim::extend(&mut self.claims, path, list),
            value @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)) => claim::put(&mut self.claims, path, value),
        }
    }

    /// One value, or with `multivalued` all of them, in the mapper's JSON type.
    fn put_texts(&mut self, mapper: &Mapper, values: &[String]) {
        let Some(path) = mapper
            .config
            .get("claim.name")
            .filter(|name| !name.is_empty())
        else {
            return;
        };
        let label = mapper.config.get("jsonType.label").map(String::as_str);
        let multivalued = mapper
            .config
            .get("multivalued")
            .is_some_and(|m| m == "true");
        let typed = values.iter().filter_map(|text| value::typed(text, label));
        let value = if multivalued {
            Some(Value::Array(typed.collect())).filter(|list| *list != Value::Array(Vec::new()))
        } else {
            typed.into_iter().next()
        };
        if let Some(value) = value {
            self.put_at(&path.clone(), value);
        }
    }

    fn put_roles(&mut self, mapper: &Mapper, default_claim: &str, roles: Vec<String>) {
        if roles.is_empty() {
            return;
        }
        let claim = mapper
            .config
            .get("claim.name")
            .filter(|name| !name.is_empty());
        let claim = claim.map_or(default_claim, String::as_str).to_owned();
        // The standard claims are lists whatever the mapper says.
        let multivalued = claim == "realm_access.roles"
            || mapper
                .config
                .get("multivalued")
                .is_some_and(|m| m == "true");
        let value = if multivalued {
            Value::from(roles)
        } else {
            // Which one is up to chance in Keycloak.
            Value::from(roles.into_iter().next())
        };
        self.put_at(&claim, value);
    }

    fn client_roles(&mut self, mapper: &Mapper) {
        let config = |name: &str| {
            mapper
                .config
                .get(name)
                .map(String::as_str)
                .filter(|text| !text.is_empty())
        };
        let prefix = config("usermodel.clientRoleMapping.rolePrefix").unwrap_or_default();
        let only = config("usermodel.clientRoleMapping.clientId");
        let claim = config("claim.name").unwrap_or("resource_access.${client_id}.roles");
        let owners: Vec<_> = self
            .roles
            .clients
            .iter()
            .filter(|(client, _)| only.is_none_or(|only| only == client.as_str()))
            .map(|(client, roles)| (client.clone(), prefixed(roles, prefix)))
            .collect();
        for (client, roles) in owners {
            let path = claim.replace("${client_id}", &claim_path::escaped(&client));
            let roles = roles.into_iter().map(Value::from).collect();
            claim::extend(&mut self.claims, &path, roles);
        }
    }

    fn groups(&mut self, mapper: &Mapper) {
        let full_path = mapper.config.get("full.path").is_some_and(|f| f == "true");
        let groups: Vec<Value> = self
            .user
            .groups
            .iter()
            .filter_map(|path| {
                let name = self.model.groups.get(path).map(|group| &group.name);
                let name = if full_path { Some(path) } else { name };
                name.map(|name| Value::from(name.as_str()))
            })
            .collect();
        // A user in no group has no claim at all (seen in 26.7.3).
        if groups.is_empty() {
            return;
        }
        let claim = mapper
            .config
            .get("claim.name")
            .filter(|name| !name.is_empty());
        if let Some(claim) = claim.cloned() {
            self.put_at(&claim, Value::Array(groups));
        }
    }

    /// The user's values, else those of the first group that has some; `aggregate` joins all.
    fn attribute(&self, name: &str, aggregate: bool) -> Vec<String> {
        let mut values = self.user.attributes.get(name).cloned().unwrap_or_default();
        if values.is_empty() {
            values.extend(property(self.user, name).filter(|_| name != "emailVerified"));
        }
        let mut groups: Vec<_> = self.user.groups.iter().collect();
        groups.sort();
        for path in groups {
            if !values.is_empty() && !aggregate {
                break;
            }
            let mut next = self.model.groups.get(path);
            while let Some(group) = next {
                if let Some(own) = group.attributes.get(name).filter(|own| !own.is_empty()) {
                    for value in own {
                        if !values.contains(value) {
                            values.push(value.clone());
                        }
                    }
                    break;
                }
                next = parent(self.model, group);
            }
        }
        values
    }

    fn session_note(&self, note: &str) -> Option<String> {
        match note {
            "AUTH_TIME" => self.sign_in.auth_time.map(|time| time.to_string()),
            "client_id" if self.sign_in.client_credentials => Some(self.client.client_id.clone()),
            "clientHost" | "clientAddress" if self.sign_in.client_credentials => {
                Some("127.0.0.1".to_owned())
            }
            _ => None,
        }
    }

    fn address(&mut self, mapper: &Mapper) {
        let fields = [
            ("formatted", "formatted"),
            ("street_address", "street"),
            ("locality", "locality"),
            ("region", "region"),
            ("postal_code", "postal_code"),
            ("country", "country"),
        ];
        let mut address = Map::new();
        for (field, attribute) in fields {
            let key = format!("user.attribute.{attribute}");
            let name = mapper.config.get(&key).map_or(attribute, String::as_str);
            if let Some(value) = self.attribute(name, false).into_iter().next() {
                address.insert(field.to_owned(), Value::from(value));
            }
        }
        if !address.is_empty() {
            self.put("address", Value::Object(address));
        }
    }
}

fn parent<'m>(model: &'m RealmModel, group: &Group) -> Option<&'m Group> {
    model.groups.get(group.parent.as_deref()?)
}

fn prefixed<'a>(roles: impl IntoIterator<Item = &'a String>, prefix: &str) -> Vec<String> {
    roles
        .into_iter()
        .map(|role| format!("{prefix}{role}"))
        .collect()
}

fn property(user: &UserModel, name: &str) -> Option<String> {
    match name {
        "id" => Some(user.id.clone()),
        "username" => Some(user.username.clone()),
        "email" => user.email.clone(),
        "firstName" => user.first_name.clone(),
        "lastName" => user.last_name.clone(),
        "emailVerified" => Some(user.email_verified.to_string()),
        "enabled" => Some(user.enabled.to_string()),
        _ => None,
    }
}
