//! Who can come with what claims: for the audit, without signing anything.

use serde_json::{Map, Value};

use super::{
    export::model::{ClientModel, UserModel},
    issuer::{Grant, Issuer, Order},
    mapper::SignIn,
    scopes::GrantedScopes,
};

/// Somebody who may have tokens.
pub(crate) struct Candidate {
    pub(crate) user: UserModel,
    /// Only this client gives tokens for a service account.
    pub(crate) only: Option<String>,
}

impl Issuer {
    /// The users and service accounts of the export, and for each group somebody who is in it and
    /// has nothing else.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let model = &self.model;
        let mut candidates: Vec<Candidate> = model
            .users
            .iter()
            .filter(|user| user.enabled)
            .map(|user| Candidate {
                user: user.clone(),
                only: user.service_account_of.clone(),
            })
            .collect();
        candidates.extend(model.groups.keys().map(|path| Candidate {
            user: UserModel {
                id: format!("member of {path}"),
                username: format!("member of {path}"),
                enabled: true,
                roles: vec![model.default_role.clone()],
                groups: vec![path.clone()],
                ..UserModel::default()
            },
            only: None,
        }));
        candidates
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
                [None, Some(optional)].map(|scopes| self.claims_with(candidate, client, scopes))
            })
            .flatten()
            .collect()
    }

    fn claims_with(
        &self,
        candidate: &Candidate,
        client: &ClientModel,
        scopes: Option<String>,
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
        let scope = order.scopes.claim(&self.model);
        let now = self.now();
        Some(self.access_claims(&order, now, now, false, &scope))
    }
}
