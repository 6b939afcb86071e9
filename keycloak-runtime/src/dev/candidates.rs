//! Who can come with what claims: for the audit, without signing anything.

use std::fmt;

use serde_json::{Map, Value};

use super::{
    export::model::{ClientModel, RoleId, UserModel},
    issuer::{Grant, Issuer, Order},
    mapper::{Place, SignIn},
    roles,
    scopes::GrantedScopes,
};

/// A user or service account that may have tokens.
pub(crate) struct Candidate {
    pub(crate) user: UserModel,
    /// Only this client gives tokens for a service account.
    pub(crate) only: Option<String>,
}

/// What a user can be given in the realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Assignment {
    Role(RoleId),
    /// Membership of the group at the path.
    Group(String),
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => role.fmt(f),
            Self::Group(path) => write!(f, "group `{path}`"),
        }
    }
}

impl Issuer {
    /// The users and service accounts of the export, and for each group a made-up user who is in
    /// it and has nothing else.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let groups = self.model.groups.keys().cloned();
        let members = groups.map(|path| self.made_up(Assignment::Group(path)));
        self.people().chain(members).collect()
    }

    /// A made-up user who has it and nothing else, and the users and service accounts of the export who
    /// have it.
    pub(crate) fn holders(&self, of: &Assignment) -> Vec<Candidate> {
        let has = |candidate: &Candidate| match of {
            Assignment::Role(role) => roles::effective(&self.model, &candidate.user).contains(role),
            Assignment::Group(path) => candidate.user.groups.contains(path),
        };
        let mut holders = vec![self.made_up(of.clone())];
        holders.extend(self.people().filter(has));
        holders
    }

    fn people(&self) -> impl Iterator<Item = Candidate> {
        let users = self.model.users.iter().filter(|user| user.enabled);
        users.map(|user| Candidate {
            user: user.clone(),
            only: user.service_account_of.clone(),
        })
    }

    fn made_up(&self, with: Assignment) -> Candidate {
        let name = format!("a user with {with}");
        let mut user = UserModel {
            id: name.clone(),
            username: name,
            enabled: true,
            roles: vec![self.model.default_role.clone()],
            ..UserModel::default()
        };
        match with {
            Assignment::Role(role) => user.roles.push(role),
            Assignment::Group(path) => user.groups.push(path),
        }
        Candidate { user, only: None }
    }

    /// The claims of access tokens that the candidate can have: from each client, with its default
    /// scopes and with all of its optional ones.
    pub(crate) fn possible_claims(&self, candidate: &Candidate) -> Vec<Map<String, Value>> {
        let clients = self.model.clients.iter().filter(|client| {
            let own = candidate.only.as_ref();
            client.enabled
                && client.openid
                && !client.bearer_only
                && own.map_or(!client.builtin, |own| *own == client.client_id)
        });
        clients
            .flat_map(|client| {
                let optional = client.optional_scopes.join(" ");
                [None, Some(optional)]
                    .map(|scopes| self.claims_with(candidate, client, scopes, Place::Access))
            })
            .flatten()
            .collect()
    }

    /// The claims at `place` that the candidate can have from this client, whether or not it gives
    /// tokens now: with its default scopes, with each of its optional ones, and with all of them.
    pub(crate) fn claims_from(
        &self,
        client: &ClientModel,
        candidate: &Candidate,
        place: Place,
    ) -> Vec<Map<String, Value>> {
        let optional = client.optional_scopes.iter();
        let optional: Vec<&str> = optional
            .filter(|name| self.model.scopes.contains_key(*name))
            .map(String::as_str)
            .collect();
        let each = optional.iter().map(|name| Some((*name).to_owned()));
        [None, Some(optional.join(" "))]
            .into_iter()
            .chain(each)
            .filter_map(|scopes| self.claims_with(candidate, client, scopes, place))
            .collect()
    }

    fn claims_with(
        &self,
        candidate: &Candidate,
        client: &ClientModel,
        scopes: Option<String>,
        place: Place,
    ) -> Option<Map<String, Value>> {
        let scopes = scopes.filter(|scopes| !scopes.is_empty());
        let scopes = GrantedScopes::for_client(&self.model, client, scopes.as_deref()).ok()?;
        let service = candidate.only.is_some();
        let order = Order {
            client,
            user: &candidate.user,
            scopes: scopes.permit(&self.model, &candidate.user),
            sign_in: SignIn {
                acr: "1",
                client_credentials: service,
                ..SignIn::default()
            },
            grant: if service {
                Grant::ClientCredentials
            } else {
                Grant::Password
            },
            lifespan: None,
            issued_ago: 0,
        };
        if place == Place::Introspection {
            // Keycloak writes the answer with the mappers, and copies nothing that they wrote into
            // the token.
            let party = Value::from(client.client_id.as_str());
            let claims = Map::from_iter([("azp".to_owned(), party)]);
            return Some(self.map(&order, place, claims, Vec::new()));
        }
        let scope = order.scopes.claim(&self.model);
        let now = self.now();
        Some(self.access_claims(&order, now, now, false, &scope))
    }
}
