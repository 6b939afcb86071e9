//! The embedded realm: an in-process issuer that speaks like Keycloak, for development and tests
//! (feature `dev-realm`).
//!
//! **Not for production.** It listens on `127.0.0.1` only, says so loudly at start, and its login
//! page signs any persona in without a password.
//!
//! It starts from a realm export, the same file that a real Keycloak imports, and its tokens carry
//! the same authorization-relevant claims that Keycloak 26.7.3 would put into them: the live suite
//! asks both for the same tokens and compares. So one file is the truth of tests, documentation,
//! compile-time checks (`KEYCLOAK_REALM_EXPORT`) and the demo.
//!
//! # In a test
//! ```no_run
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use keycloak::dev::Realm;
//!
//! let realm = Realm::from_export("tests/realm.json")?.start().await?;   // a free loopback port
//! let keycloak = realm.keycloak("my-api").build()?;                     // the service under test
//!
//! let token = realm.token("alice").await?;
//! assert!(keycloak.authenticate_token(&token).await?.has_role("admin"));
//!
//! realm.advance(Duration::from_hours(1));                               // without waiting
//! assert_eq!(keycloak.authenticate_token(&token).await.unwrap_err().code(), "token_expired");
//! # Ok(())
//! # }
//! ```
//! Dropping the handle ends the server. It has a thread and a runtime of its own, so one realm in a
//! `static` serves all tests of a binary, each with its own runtime.
//!
//! | lever | what it shows |
//! |---|---|
//! | [`RunningRealm::token`], [`client_token`](RunningRealm::client_token) | tokens for any persona, client, scope, age, without HTTP |
//! | [`advance`](RunningRealm::advance), [`rewind`](RunningRealm::rewind) | expiry, clock skew |
//! | [`rotate_keys`](RunningRealm::rotate_keys), [`remove_old_keys`](RunningRealm::remove_old_keys), [`disable_key`](RunningRealm::disable_key) | rotation in every form |
//! | [`revoke_sessions`](RunningRealm::revoke_sessions) | logout by an administrator, seen by introspection and refresh |
//! | [`stop`](RunningRealm::stop), [`restart`](RunningRealm::restart) | outages, on the same port |
//! | [`request_count`](RunningRealm::request_count) | how often discovery, keys, … were fetched |
//!
//! # What it reads
//! Files of `kc.sh export` (one file, or the folder of `--dir`), the admin console's partial export
//! (no users, no secrets: clients get random ones), and hand-written files for `--import-realm`, of
//! Keycloak 8 to 26. Of several realms the only one beside `master` is meant; another is chosen as
//! `PATH#NAME`. The reader is the one that the macros check names with.
//! Unknown members are ignored. A file that is not a realm is refused with every problem, its JSON
//! path and what was expected ([`ExportError`]); what is read but works differently here is listed
//! by [`Realm::notes`] and logged at start.
//!
//! - realm: token and session lives, refresh token rotation, signature algorithm, default role and
//!   groups;
//! - realm, client and composite roles; groups with roles and attributes, inherited from parents;
//! - users: enabled or not, profile, attributes, required actions, passwords in plain text and
//!   hashed (argon2, pbkdf2), service accounts;
//! - clients: secrets, flows, redirect addresses, web origins, `fullScopeAllowed` and scope
//!   mappings, own signature algorithm and token life, lightweight tokens, PKCE, `at+jwt`;
//! - client scopes, default and optional, with role mappings; where the export lists none, the
//!   built-in ones of 26.7.3 (a list takes the place of all of them, as in Keycloak: without `basic`
//!   no token has a `sub`, which [`TokenError::NoSubject`] tells); exports of Keycloak 24 and older get `basic`, as on import;
//! - mappers: audience and audience resolve, group membership, realm and client roles, hardcoded
//!   claim and role, role name, user attribute and property, full name, address, session note,
//!   `sub`, `acr`, allowed origins.
//!
//! # What it speaks
//! Discovery, key set (with an encryption key beside the signature keys, as Keycloak has), token
//! endpoint (password, client credentials, refresh, authorization code with PKCE), a login page
//! that lists the personas, introspection, userinfo, logout, revocation; client authentication by
//! `client_secret_basic` and `client_secret_post`; CORS for the client's web origins; errors in
//! Keycloak's words.
//!
//! # What it does not do
//! Admin API, account console, identity brokering, consent, one-time passwords, SAML, device and
//! CIBA flows, token exchange, UMA, organizations, sender-constrained tokens, logout notifications to clients,
//! pairwise subjects, mappers by script. A browser that is signed in sees the login page again, to
//! become another user; with `prompt=none` it is answered from its session. A realm without
//! `enabled` works (Keycloak reads that as disabled), with a note. Keys are new at every start.

mod candidates;
mod clock;
mod endpoint;
mod export;
mod ids;
mod issuer;
mod keys;
mod mapper;
mod mint;
mod origins;
mod password;
mod persona;
mod realm;
mod request;
mod request_counts;
mod roles;
mod running;
mod scopes;
mod server;
mod session;

#[cfg(feature = "matrix")]
pub(crate) use self::keys::Header;
pub(crate) use self::{
    candidates::Assignment,
    export::model::{ClientModel, Mapper, RealmModel, RoleId, UserModel},
    issuer::Issuer,
    mapper::Place,
    roles::expand,
};
pub use self::{
    clock::RealmClock,
    export::{ExportError, ExportProblem, RealmSource},
    keys::CryptoFailure,
    persona::Persona,
    realm::{Realm, StartError},
    request::{TokenError, TokenRequest, Tokens},
    request_counts::Endpoint,
    running::RunningRealm,
};
