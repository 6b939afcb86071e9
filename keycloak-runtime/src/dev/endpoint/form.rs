//! Forms and query strings: each parameter once (RFC 6749 section 3.2).

use std::collections::HashMap;

use axum::http::{HeaderMap, StatusCode, header};

use super::error::OAuthError;

#[derive(Debug, Clone, Default)]
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// A posted form.
    pub(crate) fn posted(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "invalid_request",
                "expected application/x-www-form-urlencoded",
            ));
        }
        Self::parse(body)
    }

    pub(crate) fn query(query: Option<&str>) -> Result<Self, OAuthError> {
        Self::parse(query.unwrap_or_default().as_bytes())
    }

    fn parse(text: &[u8]) -> Result<Self, OAuthError> {
        let mut values = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(text) {
            if values
                .insert(name.into_owned(), value.into_owned())
                .is_some()
            {
                return Err(OAuthError::bad_request(
                    "invalid_request",
                    "duplicated parameter",
                ));
            }
        }
        Ok(Self(values))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The parameter, which must be there.
    pub(crate) fn require(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| {
            OAuthError::bad_request("invalid_request", format!("Missing parameter: {name}"))
        })
    }
}
