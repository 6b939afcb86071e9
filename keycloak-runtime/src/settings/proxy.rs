//! The proxy that calls to Keycloak go through.
//!
//! Invariant: user name and password of a proxy's URL are in no `Debug` text and in no mistake.

use std::fmt;

use url::Url;

use super::{Mistake, error::Mistakes, plausible::artefact};
use crate::base::{foreign::Foreign, secret::Secret};

/// A proxy for calls to Keycloak: [`from_env`](Self::from_env), or a URL
/// (`http://proxy.example.com:3128`, with `user:password@` where the proxy asks for it).
///
/// `Debug` shows the URL without user name and password. A text that is not the URL of a proxy is
/// a mistake that [`build`](crate::KeycloakBuilder::build) reports.
///
/// ```
/// use keycloak::{Keycloak, Proxy};
///
/// # fn main() -> Result<(), keycloak::ConfigError> {
/// let builder = Keycloak::builder()
///     .server_url("https://sso.example.com")
///     .realm("demo")
///     .client_id("demo-api");
/// let keycloak = builder.proxy("http://proxy.example.com:3128").build()?;
/// # let builder = Keycloak::builder()
/// #     .server_url("https://sso.example.com")
/// #     .realm("demo")
/// #     .client_id("demo-api");
/// let keycloak = builder.proxy(Proxy::from_env()).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Proxy(Choice);

#[derive(Clone)]
enum Choice {
    Environment,
    Url(Secret),
}

impl Proxy {
    /// What the environment says when `build()` is called: `HTTP_PROXY`, `HTTPS_PROXY` and
    /// `ALL_PROXY` (also in lower case) by the scheme of Keycloak's URL; hosts of `NO_PROXY` are
    /// called directly.
    #[must_use]
    pub fn from_env() -> Self {
        Self(Choice::Environment)
    }

    /// The proxy of all calls, for the HTTP client; `None` leaves it to the environment.
    ///
    /// # Errors
    /// It is not a proxy's URL. [`check`] saw that before.
    pub(crate) fn to_reqwest(&self) -> Result<Option<reqwest::Proxy>, reqwest::Error> {
        match &self.0 {
            Choice::Environment => Ok(None),
            Choice::Url(url) => reqwest::Proxy::all(url.expose()).map(Some),
        }
    }

    /// Whether the way to the proxy can need TLS.
    pub(crate) fn may_use_tls(&self) -> bool {
        match &self.0 {
            Choice::Environment => true,
            Choice::Url(url) => Url::parse(url.expose()).is_ok_and(|url| url.scheme() == "https"),
        }
    }
}

/// A URL, or the word `env` for [`Proxy::from_env`], as settings files have it.
impl From<&str> for Proxy {
    fn from(text: &str) -> Self {
        match text {
            "env" => Self::from_env(),
            url => Self(Choice::Url(Secret::from(url))),
        }
    }
}

impl From<String> for Proxy {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Proxy {
    fn from(url: &String) -> Self {
        Self::from(url.as_str())
    }
}

impl From<Url> for Proxy {
    fn from(url: Url) -> Self {
        Self::from(url.as_str())
    }
}

impl From<&Url> for Proxy {
    fn from(url: &Url) -> Self {
        Self::from(url.as_str())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Choice::Environment => f.write_str("Proxy(from the environment)"),
            Choice::Url(url) => match Url::parse(url.expose()) {
                Ok(url) => write!(f, "Proxy({})", Foreign::url(&url)),
                Err(_) => f.write_str("Proxy(not a URL)"),
            },
        }
    }
}

pub(crate) fn check(proxy: Option<&Proxy>, mistakes: &mut Mistakes) {
    let Some(Proxy(Choice::Url(url))) = proxy else {
        return;
    };
    let text = url.expose();
    if let Some((problem, fix)) = artefact(text) {
        mistakes.push(Mistake::new("proxy", problem, fix));
        return;
    }
    let problem = match Url::parse(text) {
        Err(error) => format!("not a URL ({error})"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            "neither an `http` nor an `https` proxy".to_owned()
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() || url.path() != "/" => {
            "contains a path, a query or a fragment".to_owned()
        }
        Ok(_) if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') => {
            "contains white space, a control character or a backslash".to_owned()
        }
        Ok(_) => return,
    };
    let fix =
        "write it like `http://proxy.example.com:3128`, or `env` for what the environment says";
    mistakes.push(Mistake::new("proxy", problem, fix));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        for url in [
            "http://user:hunter2@proxy:3128",
            "http://hunter2@proxy",
            "hunter2",
        ] {
            let shown = format!("{:?}", Proxy::from(url));
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert_eq!(
            format!("{:?}", Proxy::from("http://u:p@proxy:3128")),
            "Proxy(http://proxy:3128/)"
        );
    }
}
