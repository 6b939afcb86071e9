//! Text that must not be seen: client secrets.
//!
//! Invariant: nothing but [`Secret::expose`] gives the text away, neither `Debug` nor `Display`
//! nor serialization, and the memory is overwritten when the last copy is dropped.

use std::{convert::Infallible, fmt, str::FromStr, sync::Arc};

use zeroize::Zeroizing;

/// A secret text, such as a client's secret: redacted in `Debug`, without `Display`, overwritten
/// when dropped. Clones share one copy.
///
/// ```
/// use keycloak::Secret;
///
/// let secret = Secret::from("s3cret");
/// assert_eq!(format!("{secret:?}"), "Secret(redacted)");
/// assert_eq!(secret.expose(), "s3cret");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// The text itself; hand it to nothing that logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&String> for Secret {
    fn from(text: &String) -> Self {
        Self::from(text.clone())
    }
}

impl From<&Self> for Secret {
    fn from(secret: &Self) -> Self {
        secret.clone()
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text() {
        let secret = Secret::from("visible");
        assert!(!format!("{secret:?} {secret:#?}").contains("visible"));
        assert_eq!(secret.clone().expose(), "visible");
    }
}
