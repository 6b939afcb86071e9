//! What names a token, its subject, its session, its client and its key. It is asked of a remembered
//! token at every request, so it is found once; the claims have the text.

use super::names::Place;
use crate::base::json::{Object, View};

/// One of the claims that name something.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mark {
    /// `sub`: the user, or the service account.
    Subject,
    /// `sid`: the session that it was issued in.
    Session,
    /// `jti`: the token itself.
    Token,
    /// `azp`: the client that it was issued to.
    Client,
    /// `cnf`, whatever it holds: the key that it is bound to.
    Key,
}

/// How many marks there are.
const MARKS: usize = 5;

impl Mark {
    fn of(claim: &str) -> Option<Self> {
        match claim {
            "sub" => Some(Self::Subject),
            "sid" => Some(Self::Session),
            "jti" => Some(Self::Token),
            "azp" => Some(Self::Client),
            "cnf" => Some(Self::Key),
            _ => None,
        }
    }

    /// The text of a claim that is this mark; `None` where it has the wrong type.
    fn text(self, claim: View<'_>) -> Option<&str> {
        match self {
            Self::Subject | Self::Session | Self::Token | Self::Client => claim.as_str(),
            // An unknown kind of confirmation binds as well.
            Self::Key => Some(claim.form()),
        }
    }
}

/// The marks of one token.
pub(super) struct Marks {
    /// By mark; in the claims, or past their end in `more`.
    places: [Place; MARKS],
    /// The texts that the claims lack.
    more: Box<str>,
}

impl Marks {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            places: [Place::NOWHERE; MARKS],
            more: Box::default(),
        }
    }

    /// Notes a claim that is a mark; `text` is the text of the claims that it is one of.
    pub(super) fn note(&mut self, name: &str, claim: View<'_>, text: &str) {
        if let Some(mark) = Mark::of(name)
            && let Some(own) = mark.text(claim)
        {
            self.set(mark, Place::of(own, text));
        }
    }

    /// Keeps what `token` says and the answer about it, which is in `text`, does not.
    pub(super) fn complete(&mut self, token: &Object, text: &str) {
        let mut more = String::from(&*self.more);
        for (name, claim) in token.root().members().into_iter().flatten() {
            if let Some(mark) = Mark::of(name)
                && !self.has(mark)
                && let Some(own) = mark.text(claim)
            {
                let start = text.len().saturating_add(more.len());
                more.push_str(own);
                self.set(mark, Place::at(start, own.len()));
            }
        }
        if !more.is_empty() {
            self.more = more.into_boxed_str();
        }
    }

    pub(super) fn get<'m>(&'m self, mark: Mark, text: &'m str) -> Option<&'m str> {
        let place = *self.places.get(mark as usize)?;
        place
            .read(text)
            .or_else(|| place.after(text)?.read(&self.more))
    }

    pub(super) fn has(&self, mark: Mark) -> bool {
        let place = self.places.get(mark as usize);
        place.is_some_and(|place| place.is_somewhere())
    }

    /// Bytes on the heap.
    pub(super) fn memory(&self) -> usize {
        self.more.len()
    }

    fn set(&mut self, mark: Mark, place: Option<Place>) {
        if let (Some(own), Some(place)) = (self.places.get_mut(mark as usize), place) {
            *own = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::caller::{ClaimRules, User};

    const ALL: [Mark; MARKS] = [
        Mark::Subject,
        Mark::Session,
        Mark::Token,
        Mark::Client,
        Mark::Key,
    ];

    fn object(claims: &Value) -> Object {
        Object::parse(claims.to_string().as_bytes()).unwrap()
    }

    fn user(claims: &Value) -> User {
        let rules = Arc::new(ClaimRules {
            client_id: "api".to_owned(),
            groups_claim: "groups".to_owned(),
            complete_clients: Box::default(),
            name_only_groups: false,
        });
        User::from_claims(object(claims), &rules)
    }

    fn marks(user: &User) -> [Option<&str>; MARKS] {
        ALL.map(|mark| user.mark(mark))
    }

    #[test]
    fn marks_are_found_in_the_claims_and_nothing_is_copied() {
        let caller = user(&json!({
            "jti": "j", "sub": "u", "azp": "w", "sid": "s", "scope": "a b", "iss": "x",
        }));
        assert_eq!(
            marks(&caller),
            [Some("u"), Some("s"), Some("j"), Some("w"), None]
        );
        assert!(!caller.is_bound());
        assert!(caller.inner.marks.more.is_empty());
        let wrong = user(&json!({ "sub": 1, "sid": null, "jti": ["j"], "azp": {} }));
        assert_eq!(marks(&wrong), [None; MARKS]);
    }

    #[test]
    fn whatever_is_in_cnf_binds() {
        for cnf in [json!({ "jkt": "x" }), json!({}), json!(null), json!(false)] {
            assert!(user(&json!({ "cnf": cnf })).is_bound(), "{cnf}");
        }
    }

    #[test]
    fn what_an_answer_leaves_out_the_token_says() {
        let mut answered = user(&json!({ "sub": "u", "azp": "" }));
        let memory = answered.memory();
        answered.also_named_by(&object(&json!({
            "sid": "s-1", "jti": "j-1", "sub": "other", "azp": "w", "cnf": { "jkt": "x" },
        })));
        assert_eq!(
            marks(&answered)[..4],
            [Some("u"), Some("s-1"), Some("j-1"), Some("")]
        );
        assert!(answered.is_bound());
        assert!(answered.memory() > memory);
        answered.also_named_by(&object(&json!({ "sid": "s-2" })));
        assert_eq!(answered.mark(Mark::Session), Some("s-1"));
    }
}
