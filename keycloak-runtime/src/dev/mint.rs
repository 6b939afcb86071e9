//! Mints tokens: the claims of access, ID and refresh tokens as Keycloak 26.7.3 writes them.

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{
    export::model::ClientModel,
    ids,
    issuer::{Issued, Issuer, Order},
    keys::{CryptoFailure, Header},
    mapper::{Place, Run},
    roles,
    session::{ClientSession, Session},
};
use crate::jose::algorithm::Algorithm;

impl Issuer {
    /// Mints tokens; with a session they come with a refresh token.
    pub(crate) fn mint(
        &self,
        order: &Order<'_>,
        sid: Option<&str>,
    ) -> Result<Issued, CryptoFailure> {
        let Order { client, scopes, .. } = order;
        let settings = &self.model.settings;
        let now = self.now().saturating_sub(order.issued_ago);
        let mut state = self.state();
        let session = sid.and_then(|sid| state.sessions.open.get(sid));
        let ends = session.map_or(i64::MAX, |session| session.ends(settings));
        let offline = session.is_some_and(|session| session.offline);
        let expires = self.expires(order, now, session);
        let scope = scopes.claim(&self.model);

        let access = self.access_claims(order, now, expires, offline, &scope);
        let access_token = state.keys.sign(&self.access_header(client), &access)?;
        let id_token = if scopes.openid {
            let header = self.id_header(client);
            let at_hash = half_hash(header.algorithm, &access_token);
            let claims = self.id_claims(order, now, expires, &at_hash);
            Some(state.keys.sign(&header, &claims)?)
        } else {
            None
        };
        let refreshable = client.attribute("use.refresh.tokens") != Some("false");
        let mut refresh_token = None;
        let mut refresh_expires_in = 0;
        if let Some(sid) = sid.filter(|_| refreshable) {
            if !offline {
                refresh_expires_in = ends.saturating_sub(now);
            }
            let ends = (!offline).then_some(ends);
            let claims = self.refresh_claims(order, sid, &access, now, ends);
            refresh_token = Some(state.keys.sign_refresh(&claims)?);
            if let Some(session) = state.sessions.open.get_mut(sid) {
                let fresh = || ClientSession::new(scopes.clone(), order.sign_in.acr);
                let held = session.clients.entry(client.client_id.clone());
                held.or_insert_with(fresh).scopes = scopes.clone();
            }
        }
        Ok(Issued {
            access_token,
            expires_in: expires.saturating_sub(now),
            refresh_token,
            refresh_expires_in,
            id_token,
            sid: sid.map(str::to_owned),
            scope,
        })
    }

    /// When an access token ends: after the order's lifespan, or else the client's or the realm's. A
    /// session's longest life bounds its tokens, but for a lifespan that a test asks for.
    fn expires(&self, order: &Order<'_>, now: i64, session: Option<&Session>) -> i64 {
        let settings = &self.model.settings;
        let Some(lifespan) = order.lifespan else {
            let own = order.client.attribute("access.token.lifespan");
            let own = own.and_then(|seconds| seconds.parse().ok());
            let lifespan = own
                .filter(|seconds| *seconds > 0)
                .unwrap_or(settings.access_token_lifespan);
            let longest = session
                .filter(|session| !session.offline)
                .map_or(i64::MAX, |session| {
                    session.started.saturating_add(settings.session_max)
                });
            return now.saturating_add(lifespan).min(longest);
        };
        now.saturating_add(lifespan)
    }

    fn access_header(&self, client: &ClientModel) -> Header<'static> {
        let rfc9068 = client.attribute_is_true("access.token.header.type.rfc9068");
        Header {
            algorithm: client
                .signature_algorithm
                .unwrap_or(self.model.settings.signature_algorithm),
            typ: if rfc9068 { "at+jwt" } else { "JWT" },
        }
    }

    fn id_header(&self, client: &ClientModel) -> Header<'static> {
        let own = client.attribute("id.token.signed.response.alg");
        Header {
            algorithm: own
                .and_then(|name| name.parse().ok())
                .unwrap_or(self.model.settings.signature_algorithm),
            typ: "JWT",
        }
    }

    /// `ends` is the session's end; an offline session has none.
    fn refresh_claims(
        &self,
        order: &Order<'_>,
        sid: &str,
        access: &Map<String, Value>,
        now: i64,
        ends: Option<i64>,
    ) -> Map<String, Value> {
        let Order { client, scopes, .. } = order;
        let mut claims = Map::new();
        let typ = if ends.is_some() { "Refresh" } else { "Offline" };
        if let Some(ends) = ends {
            claims.insert("exp".to_owned(), ends.into());
        }
        claims.insert("iat".to_owned(), now.into());
        claims.insert("jti".to_owned(), ids::random_uuid().into());
        claims.insert("iss".to_owned(), self.url.as_str().into());
        claims.insert("aud".to_owned(), self.url.as_str().into());
        if let Some(sub) = access.get("sub") {
            claims.insert("sub".to_owned(), sub.clone());
        }
        claims.insert("typ".to_owned(), typ.into());
        claims.insert("azp".to_owned(), client.client_id.as_str().into());
        claims.insert("sid".to_owned(), sid.into());
        claims.insert("scope".to_owned(), scopes.all().into());
        if let Some(audience) = access.get("aud") {
            claims.insert("aud_x".to_owned(), audience.clone());
        }
        claims.insert("prov".to_owned(), "default".into());
        if self.model.settings.revoke_refresh_token {
            claims.insert("reuse_id".to_owned(), ids::random_uuid().into());
        }
        claims
    }

    pub(crate) fn access_claims(
        &self,
        order: &Order<'_>,
        now: i64,
        expires: i64,
        offline: bool,
        scope: &str,
    ) -> Map<String, Value> {
        let Order {
            client, sign_in, ..
        } = order;
        let lightweight = client.is_lightweight();
        let session = match (&sign_in.sid, offline) {
            (None, _) => "tr",
            (Some(_), true) => "of",
            (Some(_), false) => "on",
        };
        let kind = if lightweight { "lt" } else { "rt" };
        let jti = format!(
            "{session}{kind}{}:{}",
            order.grant.shortcut(),
            ids::random_uuid()
        );
        let mut claims = Map::new();
        claims.insert("exp".to_owned(), expires.into());
        claims.insert("iat".to_owned(), now.into());
        claims.insert("jti".to_owned(), jti.into());
        claims.insert("iss".to_owned(), self.url.as_str().into());
        claims.insert("typ".to_owned(), "Bearer".into());
        claims.insert("azp".to_owned(), client.client_id.as_str().into());
        if let Some(sid) = &sign_in.sid {
            claims.insert("sid".to_owned(), sid.as_str().into());
        }
        claims.insert("scope".to_owned(), scope.into());
        if let Some(actor) = &sign_in.actor {
            claims.insert("act".to_owned(), json!({ "sub": actor }));
        }
        if sign_in.client_credentials {
            // A service account is named even where no mapper does it.
            claims.insert("sub".to_owned(), order.user.id.as_str().into());
        }
        let place = if lightweight {
            Place::LightweightAccess
        } else {
            Place::Access
        };
        self.map(order, place, claims, Vec::new())
    }

    fn id_claims(
        &self,
        order: &Order<'_>,
        now: i64,
        expires: i64,
        at_hash: &str,
    ) -> Map<String, Value> {
        let client_id = order.client.client_id.as_str();
        let mut claims = Map::new();
        claims.insert("exp".to_owned(), expires.into());
        claims.insert("iat".to_owned(), now.into());
        claims.insert("jti".to_owned(), ids::random_uuid().into());
        claims.insert("iss".to_owned(), self.url.as_str().into());
        claims.insert("sub".to_owned(), order.user.id.as_str().into());
        claims.insert("typ".to_owned(), "ID".into());
        claims.insert("azp".to_owned(), client_id.into());
        if let Some(nonce) = &order.sign_in.nonce {
            claims.insert("nonce".to_owned(), nonce.as_str().into());
        }
        if let Some(sid) = &order.sign_in.sid {
            claims.insert("sid".to_owned(), sid.as_str().into());
        }
        claims.insert("at_hash".to_owned(), at_hash.into());
        self.map(order, Place::Id, claims, vec![client_id.to_owned()])
    }

    /// Runs the mappers over `claims`, and writes the audience: one name as text, several as list.
    pub(crate) fn map(
        &self,
        order: &Order<'_>,
        place: Place,
        claims: Map<String, Value>,
        audience: Vec<String>,
    ) -> Map<String, Value> {
        let mut run = Run {
            model: &self.model,
            client: order.client,
            user: order.user,
            sign_in: &order.sign_in,
            place,
            roles: roles::for_token(&self.model, order.client, order.user, &order.scopes),
            claims,
            audience,
        };
        run.apply(&order.scopes);
        let Run {
            mut claims,
            audience,
            ..
        } = run;
        match audience.as_slice() {
            [] => {}
            [one] => {
                claims.insert("aud".to_owned(), one.as_str().into());
            }
            several => {
                claims.insert("aud".to_owned(), json!(several));
            }
        }
        claims
    }
}

/// The left half of the hash that belongs to the algorithm (OpenID Connect Core section 3.1.3.6).
fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => &SHA384,
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::ES512 | Algorithm::EdDSA => &SHA512,
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => &SHA256,
    };
    let hash = digest::digest(hash, text.as_bytes());
    let half = hash.as_ref().split_at(hash.as_ref().len() / 2).0;
    URL_SAFE_NO_PAD.encode(half)
}
