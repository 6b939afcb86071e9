//! The token endpoint's answer (RFC 6749 section 5.1).

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

/// New tokens, as the token endpoint answers them (RFC 6749 section 5.1).
///
/// Serializes to the JSON of the standard, tokens included: answer it only to whom the tokens
/// belong. `Debug` shows none of them, and their memory is overwritten when the value is dropped.
#[derive(Clone, Deserialize, Serialize)]
pub struct TokenResponse {
    access_token: Text,
    token_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_expires_in: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

impl TokenResponse {
    /// The new access token.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token.0
    }

    /// Usually `Bearer`.
    #[must_use]
    pub fn token_type(&self) -> &str {
        &self.token_type
    }

    /// How long the access token lives.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    /// The new refresh token. Where the realm revokes used ones, the old one is worth nothing
    /// now.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(|token| token.0.as_str())
    }

    /// How long the refresh token lives; zero for an offline token without end.
    #[must_use]
    pub fn refresh_expires_in(&self) -> Option<Duration> {
        self.refresh_expires_in.map(Duration::from_secs)
    }

    /// The new ID token, where the scope has `openid`.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.id_token.as_ref().map(|token| token.0.as_str())
    }

    /// The granted scope-tokens, separated by spaces.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// A token, overwritten when dropped.
#[derive(Clone)]
struct Text(Zeroizing<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_token_and_json_shows_them_all() {
        let json = r#"{"access_token":"aaa","token_type":"Bearer","expires_in":60,"refresh_token":"rrr","refresh_expires_in":1800,"id_token":"iii","scope":"openid"}"#;
        let response: TokenResponse = serde_json::from_str(json).unwrap();
        let debug = format!("{response:?}");
        assert!(
            !["aaa", "rrr", "iii"]
                .iter()
                .any(|token| debug.contains(token))
        );
        assert_eq!(serde_json::to_string(&response).unwrap(), json);
        assert_eq!(response.refresh_token(), Some("rrr"));
        assert_eq!(response.expires_in(), Some(Duration::from_mins(1)));
    }

    #[test]
    fn an_answer_without_access_token_is_none() {
        assert!(serde_json::from_str::<TokenResponse>(r#"{"token_type":"Bearer"}"#).is_err());
    }
}
