//! What happens through a browser: the session cookie, and redirects back to the client.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use url::Url;

use crate::dev::issuer::Issuer;

/// Names the session that the browser is signed in to.
const COOKIE: &str = "KEYCLOAK_DEV_SESSION";

/// The session of the browser's cookie, if it is active.
pub(crate) fn session(issuer: &Issuer, headers: &HeaderMap) -> Option<String> {
    let sid = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?
        .to_owned();
    let settings = &issuer.model.settings;
    let now = issuer.now();
    let state = issuer.state();
    state.sessions.active(&sid, settings, now)?;
    Some(sid)
}

/// Signs the browser in to `sid`.
pub(crate) fn remember(issuer: &Issuer, sid: &str, response: Response) -> Response {
    with_cookie(issuer, &format!("{sid}; HttpOnly; SameSite=Lax"), response)
}

/// Signs the browser out.
pub(crate) fn forget(issuer: &Issuer, response: Response) -> Response {
    with_cookie(issuer, "; Max-Age=0; HttpOnly; SameSite=Lax", response)
}

fn with_cookie(issuer: &Issuer, value: &str, mut response: Response) -> Response {
    let path = issuer.url.strip_prefix(&issuer.server_url).unwrap_or("/");
    if let Ok(cookie) = HeaderValue::try_from(format!("{COOKIE}={value}; Path={path}/")) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A redirect to `uri` with parameters in its query or fragment.
pub(crate) fn redirect<'p>(
    uri: &str,
    fragment: bool,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Response {
    let Ok(mut url) = Url::parse(uri) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut parameters = parameters.into_iter().peekable();
    if parameters.peek().is_some() {
        if fragment {
            let mut text = url::form_urlencoded::Serializer::new(String::new());
            text.extend_pairs(parameters);
            url.set_fragment(Some(&text.finish()));
        } else {
            url.query_pairs_mut().extend_pairs(parameters);
        }
    }
    let location = [
        (header::LOCATION, url.as_str()),
        (
            header::CACHE_CONTROL,
            "no-store, must-revalidate, max-age=0",
        ),
    ];
    (StatusCode::FOUND, location).into_response()
}
