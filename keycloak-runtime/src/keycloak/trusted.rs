//! The realms whose tokens are accepted, by the issuer that their tokens name.

use std::sync::Arc;

use crate::{
    authenticate::authenticator::{Authenticator, Refused},
    base::fault::Fault,
    caller::User,
    diagnostics::throttle::Throttle,
    error::{AuthError, Presentation},
    realm::Realm,
};

/// A trusted realm: how its tokens are checked, how its refusals are shown, when it is diagnosed.
pub(super) struct Trusted {
    pub(super) authenticator: Authenticator,
    pub(super) presentation: Arc<Presentation>,
    pub(super) throttle: Throttle,
}

impl Trusted {
    pub(super) fn realm(&self) -> &Realm {
        &self.authenticator.realm
    }

    /// A refusal as this realm presents it.
    pub(super) fn refuse(&self, fault: Fault) -> AuthError {
        AuthError::new(fault).presented_by(&self.presentation)
    }

    pub(super) fn refuse_token(&self, refused: Refused) -> AuthError {
        let classic = self.authenticator.recognise(&refused);
        let error = self.refuse(refused.fault()).looking_like(classic);
        if matches!(refused, Refused::NoToken(_)) {
            // The fault says it all.
            return error;
        }
        error.caused_by(refused)
    }
}

/// From issuer to realm. There is one; its own check of `iss` refuses the tokens of all others.
pub(super) struct Realms(Trusted);

impl Realms {
    pub(super) fn of(one: Trusted) -> Self {
        Self(one)
    }

    /// The realm that requests are for which name none.
    pub(super) fn one(&self) -> &Trusted {
        &self.0
    }

    /// The realm that `user` is of.
    pub(super) fn of_user(&self, user: &User) -> &Trusted {
        user.issuer()
            .and_then(|issuer| self.of_issuer(issuer))
            .unwrap_or_else(|| self.one())
    }

    fn of_issuer(&self, issuer: &str) -> Option<&Trusted> {
        let issuers = &self.0.realm().settings.issuers;
        issuers.iter().any(|own| own == issuer).then_some(&self.0)
    }
}
