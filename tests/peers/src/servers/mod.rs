//! The servers: the same two routes, `/me` for whoever is authenticated and `/admin` for the realm
//! role `admin`, each guarded as its library's documentation says.
//!
//! Where a library has a setting for the issuer, the audience, the algorithm or the leeway, it is
//! set. Where it has no notion of a role, the handler compares the claims that it was given.

mod axum_jwt_auth;
mod axum_keycloak_auth;
mod bare;
mod claims;
mod hand_written;
mod jwt_authorizer;
mod oauth_resource_server;
mod ours;
mod tower_oauth2_resource_server;

use std::{future::Future, pin::Pin};

use serde::{Deserialize, Serialize};

/// The clock skew that is allowed, where that can be said: our own default.
pub const LEEWAY: u64 = 10;

/// The realm role that `/admin` asks for.
pub const ROLE: &str = "admin";

/// What the servers are told about the realm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Keycloak's address: `http://127.0.0.1:port`.
    pub server_url: String,
    /// The realm's name.
    pub realm: String,
    /// What a token's `aud` must contain.
    pub audience: String,
    /// The algorithm that the realm signs with.
    pub algorithm: String,
}

impl Settings {
    /// What a token's `iss` must be.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/realms/{}", self.server_url, self.realm)
    }

    /// Where the realm's keys are.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/protocol/openid-connect/certs", self.issuer())
    }
}

/// An application; one peer is a version of axum behind.
pub enum App {
    /// On axum 0.8.
    Axum08(axum::Router),
    /// On axum 0.7.
    Axum07(axum07::Router),
}

type Starting = Pin<Box<dyn Future<Output = Result<App, String>>>>;

/// One of the servers.
pub struct Server {
    /// The package's name, or what stands for it.
    pub name: &'static str,
    /// The package whose version is shown with the name.
    pub package: &'static str,
    /// Who compares the caller's roles.
    pub roles: Roles,
    /// What was set.
    pub settings: &'static str,
    start: fn(Settings) -> Starting,
}

/// Who compares the caller's roles with what the route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// Nobody; the route is open.
    Nobody,
    /// The library, told the name of the role.
    Library,
    /// A closure over the claims that the library calls.
    Closure,
    /// The handler, or the middleware that was written by hand.
    Handler,
}

impl Server {
    /// Builds the application. An error is what an application would end with.
    pub async fn start(&self, settings: Settings) -> Result<App, String> {
        (self.start)(settings).await
    }

    /// The name with the version that was built.
    #[must_use]
    pub fn title(&self) -> String {
        let version = locked_version(self.package);
        if self.name == self.package {
            format!("{} {version}", self.name)
        } else {
            format!("{} ({} {version})", self.name, self.package)
        }
    }
}

/// Every server, the open one first and ours second.
pub static ALL: [Server; 8] = [
    bare::SERVER,
    ours::SERVER,
    hand_written::SERVER,
    axum_keycloak_auth::SERVER,
    jwt_authorizer::SERVER,
    axum_jwt_auth::SERVER,
    tower_oauth2_resource_server::SERVER,
    oauth_resource_server::SERVER,
];

/// The server of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Server> {
    ALL.iter().find(|server| server.name == name)
}

fn locked_version(package: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let entry = format!("\nname = \"{package}\"\nversion = \"");
    // Where several versions are locked, the last is the newest.
    lock.rsplit_once(&entry)
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("unknown", |(version, _)| version)
}
