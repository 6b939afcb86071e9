//! The token endpoint's answer (RFC 6749 section 5.1).

use std::{fmt, time::Duration};

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};

use crate::base::secret::Secret;

/// New tokens, as the token endpoint answers them (RFC 6749 section 5.1).
///
/// Only the access token must be there. Everything else is handed on as far as it can be read: the
/// refresh token that was used may be worth nothing any more, so an answer is never thrown away for
/// a lifetime written in an unusual way.
///
/// Serializes to the JSON of the standard, tokens included: answer it only to whom the tokens
/// belong. As an axum response it is that JSON with `Cache-Control: no-store` and
/// `Pragma: no-cache`, as section 5.1 asks. `Debug` shows no token, and their memory is overwritten
/// when the value is dropped.
#[derive(Clone, Serialize)]
pub struct TokenResponse {
    #[serde(serialize_with = "exposed")]
    access_token: Secret,
    token_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    refresh_token: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    id_token: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

impl<'de> Deserialize<'de> for TokenResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let access_token = token(&mut members, "access_token")
            .ok_or_else(|| D::Error::custom("no access token"))?;
        Ok(Self {
            access_token,
            // Keycloak issues nothing else to a client that proves no key.
            token_type: text(&mut members, "token_type").unwrap_or_else(|| "Bearer".to_owned()),
            expires_in: seconds(&members, "expires_in"),
            refresh_token: token(&mut members, "refresh_token"),
            refresh_expires_in: seconds(&members, "refresh_expires_in"),
            id_token: token(&mut members, "id_token"),
            scope: text(&mut members, "scope"),
        })
    }
}

fn text(members: &mut Map<String, Value>, name: &str) -> Option<String> {
    match members.remove(name)? {
        Value::String(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

fn token(members: &mut Map<String, Value>, name: &str) -> Option<Secret> {
    let token = text(members, name).filter(|token| !token.is_empty())?;
    Some(token.into())
}

/// Whole seconds; a fraction is cut off. Also out of a number in quotes, as some proxies and older
/// servers write it. A negative number is not a lifetime.
fn seconds(members: &Map<String, Value>, name: &str) -> Option<u64> {
    let seconds = match members.get(name)? {
        Value::Number(number) => match number.as_u64() {
            Some(whole) => return Some(whole),
            None => number.as_f64()?,
        },
        Value::String(text) => match text.trim().parse::<u64>() {
            Ok(whole) => return Some(whole),
            Err(_) => text.trim().parse().ok()?,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(Duration::try_from_secs_f64(seconds).ok()?.as_secs())
}

impl TokenResponse {
    /// The new access token.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.access_token.expose()
    }

    /// Usually `Bearer`, also where the answer does not say.
    #[must_use]
    pub fn token_type(&self) -> &str {
        &self.token_type
    }

    /// How long the access token lives; `None` where the answer does not say, or says nothing that
    /// is a lifetime. The token itself says it, too, in its `exp`.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    /// The new refresh token. Where the realm revokes used ones, the old one is worth nothing
    /// now.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(Secret::expose)
    }

    /// How long the refresh token lives; zero for an offline token without end. `None` as for
    /// [`expires_in`](Self::expires_in).
    #[must_use]
    pub fn refresh_expires_in(&self) -> Option<Duration> {
        self.refresh_expires_in.map(Duration::from_secs)
    }

    /// The new ID token, where the scope has `openid`.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.id_token.as_ref().map(Secret::expose)
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

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        let headers = [
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::PRAGMA, HeaderValue::from_static("no-cache")),
        ];
        (headers, Json(self)).into_response()
    }
}

/// Writes a token out, for the caller that it belongs to.
fn exposed<'s, S: Serializer>(
    token: impl Into<Option<&'s Secret>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    token.into().map(Secret::expose).serialize(serializer)
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
        for answer in [
            r#"{"token_type":"Bearer"}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":null,"refresh_token":"rrr"}"#,
            r#"["access_token"]"#,
        ] {
            assert!(
                serde_json::from_str::<TokenResponse>(answer).is_err(),
                "{answer}"
            );
        }
    }

    #[track_caller]
    fn lives(written: &str) -> Option<u64> {
        let answer = format!(
            r#"{{"access_token":"aaa","refresh_token":"rrr","expires_in":{written},"refresh_expires_in":{written}}}"#
        );
        let tokens: TokenResponse = serde_json::from_str(&answer).expect("tokens");
        assert_eq!(tokens.access_token(), "aaa", "{written}");
        assert_eq!(tokens.refresh_token(), Some("rrr"), "{written}");
        assert_eq!(tokens.expires_in(), tokens.refresh_expires_in());
        tokens.expires_in().map(|life| life.as_secs())
    }

    #[test]
    fn no_spelling_of_a_lifetime_loses_the_tokens() {
        for written in [
            "60",
            "60.0",
            "60.9",
            "6e1",
            r#""60""#,
            r#"" 60 ""#,
            r#""60.0""#,
        ] {
            assert_eq!(lives(written), Some(60), "{written}");
        }
        assert_eq!(lives("0"), Some(0));
        for written in [
            "-1",
            r#""-1""#,
            "null",
            "true",
            "[60]",
            "{}",
            r#""soon""#,
            r#""""#,
            r#""NaN""#,
            r#""inf""#,
            "1e300",
        ] {
            assert_eq!(lives(written), None, "{written}");
        }
        assert_eq!(lives(r#"60,"expires_in":60"#).map(drop), Some(()));
    }

    #[test]
    fn other_members_do_not_lose_the_tokens_either() {
        let answer = r#"{"access_token":"aaa","token_type":null,"id_token":7,"scope":["openid"]}"#;
        let tokens: TokenResponse = serde_json::from_str(answer).unwrap();
        assert_eq!(tokens.token_type(), "Bearer");
        assert_eq!((tokens.id_token(), tokens.scope()), (None, None));
        assert_eq!(tokens.expires_in(), None);
        let written = serde_json::to_string(&tokens).unwrap();
        assert_eq!(written, r#"{"access_token":"aaa","token_type":"Bearer"}"#);
    }

    #[test]
    fn a_response_is_kept_by_no_cache() {
        let tokens: TokenResponse = serde_json::from_str(r#"{"access_token":"aaa"}"#).unwrap();
        let response = tokens.into_response();
        let header = |name| response.headers()[name].to_str().unwrap();
        assert_eq!(header(header::CACHE_CONTROL), "no-store");
        assert_eq!(header(header::PRAGMA), "no-cache");
        assert_eq!(header(header::CONTENT_TYPE), "application/json");
    }
}
