//! What the crate reads of a user beyond what handlers do: the lists as they were in the claims, the
//! token beside Keycloak's answer about it, and the weight in a cache.

use std::sync::Arc;

use super::{
    ClaimRules, Container, Inner, User,
    claim_path::lookup,
    marks::Mark,
    names::{Names, Part},
};
use crate::base::json::{Object, View};

impl User {
    /// The claim at `path`, whatever it is.
    pub(crate) fn lookup(&self, path: &str) -> Option<View<'_>> {
        lookup(&self.inner.claims, path)
    }

    /// Bytes that all clones of this user share on the heap, for caches to weigh it by.
    pub(crate) fn memory(&self) -> usize {
        let inner = &*self.inner;
        let clients = inner.client_roles.present();
        [
            // With the two counts of the `Arc`.
            size_of::<Inner>().saturating_add(size_of::<[usize; 2]>()),
            inner.claims.memory(),
            inner.marks.memory(),
            size_of_val(&*inner.places),
            clients.map_or(0, |clients| size_of_val(&**clients)),
        ]
        .into_iter()
        .map(heap_block)
        .chain(inner.richer_token.as_ref().map(Self::memory))
        .fold(0, usize::saturating_add)
    }

    /// Whether the token is bound to a key (claim `cnf`): whoever has it may use it with a proof only.
    pub(crate) fn is_bound(&self) -> bool {
        self.inner.marks.has(Mark::Key)
    }

    /// `token` is what this is Keycloak's answer about: what it is named by, and the answer leaves out,
    /// is kept.
    pub(crate) fn also_named_by(&mut self, token: &Object) {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.marks.complete(token, inner.claims.text());
        }
    }

    pub(super) fn mark(&self, mark: Mark) -> Option<&str> {
        self.inner.marks.get(mark, self.inner.claims.text())
    }

    /// Whether the token shows every role and group that the caller has: its client is declared by
    /// [`complete_tokens_from`](crate::KeycloakBuilder::complete_tokens_from).
    pub(crate) fn shows_everything(&self) -> bool {
        self.inner.complete
    }

    /// The signed token, where Keycloak's answer lacks something of it.
    pub(crate) fn richer_token(&self) -> Option<&Self> {
        self.inner.richer_token.as_ref()
    }

    /// This is Keycloak's answer about `token`: a list of names that it leaves out altogether proves
    /// nothing about any, and one that is shorter, or another claim that differs, nothing about what
    /// the token has more.
    pub(crate) fn answers_about(&mut self, token: Self) {
        let mut stated = token.inner.claims.root().members().into_iter().flatten();
        if stated.all(|(name, stated)| self.inner.claims.get(name) == Some(stated)) {
            return;
        }
        let has_its_lists = self.has_lists_of(&token);
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.complete &= has_its_lists;
            inner.richer_token = Some(token);
        }
    }

    /// Whether each list that has names in the token has some here.
    fn has_lists_of(&self, token: &Self) -> bool {
        fn has_some<T>(
            own: &Container<T>,
            token: Container<T>,
            is_empty: impl Fn(&T) -> bool,
        ) -> bool {
            match token {
                Container::Absent => true,
                Container::Malformed => false,
                Container::Present(token) => {
                    is_empty(&token) || matches!(own, Container::Present(own) if !is_empty(own))
                }
            }
        }
        has_some(&self.realm_access(), token.realm_access(), Names::is_empty)
            && has_some(&self.group_access(), token.group_access(), Names::is_empty)
            && match (&self.inner.client_roles, &token.inner.client_roles) {
                (_, Container::Absent) => true,
                (_, Container::Malformed) => false,
                (Container::Present(own), Container::Present(token)) => {
                    token.is_empty() || !own.is_empty()
                }
                (_, Container::Present(token)) => token.is_empty(),
            }
    }

    pub(crate) fn rules(&self) -> &ClaimRules {
        &self.inner.rules
    }

    pub(crate) fn realm_access(&self) -> Container<Names<'_>> {
        self.list(self.inner.realm_roles)
    }

    /// The roles of `client`: `None` where the token names no such client.
    pub(crate) fn client_access(&self, client: &str) -> Option<Container<Names<'_>>> {
        let clients = self.inner.client_roles.present()?;
        let text = self.inner.claims.text();
        let at = clients
            .binary_search_by(|own| own.client.order(text, client))
            .ok()?;
        clients.get(at).map(|own| self.list(own.roles))
    }

    fn list(&self, container: Container<Part>) -> Container<Names<'_>> {
        let Inner { claims, places, .. } = &*self.inner;
        container.map(|part| Names::new(claims.text(), places, part))
    }

    pub(crate) fn resource_access_malformed(&self) -> bool {
        matches!(self.inner.client_roles, Container::Malformed)
    }

    pub(crate) fn group_access(&self) -> Container<Names<'_>> {
        self.list(self.inner.groups)
    }

    pub(crate) fn has_bare_groups(&self) -> bool {
        self.inner.bare_groups
    }

    pub(crate) fn scope_access(&self) -> Container<Names<'_>> {
        self.list(self.inner.scopes)
    }

    pub(super) fn text(&self, claim: &str) -> Option<&str> {
        self.inner.claims.root().get(claim)?.as_str()
    }
}

/// What an allocator takes for `bytes` of the heap: a header, and whole steps. That of glibc; others
/// take as much or less for the sizes that users have many of.
pub(crate) fn heap_block(bytes: usize) -> usize {
    const HEADER: usize = 8;
    const STEP: usize = 16;
    const LEAST: usize = 32;
    if bytes == 0 {
        return 0;
    }
    let steps = bytes.saturating_add(HEADER).div_ceil(STEP);
    steps.saturating_mul(STEP).max(LEAST)
}
