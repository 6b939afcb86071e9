//! Where a request is, as the client and the router say it.
//!
//! Invariant: a way is there only while the two agree. A request whose path was changed after the
//! router saw it, or that was sent through a router a second time with what the first pass had
//! noted (a batch endpoint that clones the head of its own request), has none.

use axum::{
    extract::{FromRequestParts, MatchedPath, NestedPath, OriginalUri, RawPathParams},
    http::request::Parts,
};

/// Path and route of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way<'r> {
    /// The path as the client sent it, byte for byte.
    pub(super) sent: &'r str,
    /// The matched route with the prefixes that it is nested under, `/items/{id}`; none for
    /// fallbacks and for services that are mounted with `nest_service`.
    pub(super) route: Option<&'r str>,
}

impl<'r> Way<'r> {
    /// None outside of a router, or where path and route are not of one request.
    pub(super) async fn of(parts: &'r mut Parts) -> Option<Self> {
        let has_route = parts.extensions.get::<MatchedPath>().is_some();
        // A parameter in the prefix of a mount: which one it is, the client says.
        if !has_route && has_parameters(parts).await {
            return None;
        }
        let parts: &'r Parts = parts;
        let sent = parts.extensions.get::<OriginalUri>()?.0.path();
        let nested = parts.extensions.get::<NestedPath>();
        if below(sent, nested.map_or("", NestedPath::as_str))? != parts.uri.path() {
            return None;
        }
        let route = parts.extensions.get::<MatchedPath>();
        let route = route.map(MatchedPath::as_str);
        route
            .is_none_or(|route| fits(route, sent))
            .then_some(Self { sent, route })
    }
}

async fn has_parameters(parts: &mut Parts) -> bool {
    match RawPathParams::from_request_parts(parts, &()).await {
        Ok(params) => params.iter().next().is_some(),
        // Either there was no router, which the original path tells, or they cannot be read.
        Err(_) => parts.extensions.get::<OriginalUri>().is_some(),
    }
}

/// What axum leaves of a path for a router that is nested at `prefix`.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let prefix = prefix.trim_end_matches('/');
    let mut rest = path;
    for _ in 0..prefix.matches('/').count() {
        let inner = rest.strip_prefix('/')?;
        rest = inner
            .find('/')
            .map_or("", |end| inner.get(end..).unwrap_or_default());
    }
    Some(if rest.is_empty() { "/" } else { rest })
}

/// Whether a route's template is one for this path.
pub(super) fn fits(template: &str, path: &str) -> bool {
    // Escaped braces are literal ones; such a route is never a public path.
    if template.contains("{{") || template.contains("}}") {
        return false;
    }
    let (mut templates, mut segments) = (template.split('/'), path.split('/'));
    loop {
        match (templates.next(), segments.next()) {
            (None, None) => return true,
            (Some(rest), Some(_)) if rest.starts_with("{*") => return templates.next().is_none(),
            (Some(own), Some(segment)) => {
                let Some((before, after)) = own.split_once('{') else {
                    if own == segment {
                        continue;
                    }
                    return false;
                };
                let after = after.split_once('}').map_or("", |(_, after)| after);
                let is_one = segment
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after))
                    .is_some_and(|value| !value.is_empty());
                if !is_one {
                    return false;
                }
            }
            (Some(_), None) | (None, Some(_)) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::Body,
        extract::Request,
        middleware::{Next, from_fn},
        response::{IntoResponse, Response},
        routing::get,
    };
    use tower::ServiceExt as _;

    use super::*;

    /// In the place of a layer: answers with the way.
    async fn tell(request: Request, _: Next) -> Response {
        let mut parts = request.into_parts().0;
        format!("{:?}", Way::of(&mut parts).await.map(|way| way.route)).into_response()
    }

    async fn way(app: &Router, request: Request) -> String {
        let answer = app.clone().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1024).await;
        String::from_utf8(body.unwrap().to_vec()).unwrap()
    }

    fn app() -> Router {
        let files = || Router::new().fallback(|| async {});
        Router::new()
            .route("/batch", get(|| async {}))
            .nest("/t/{tenant}", files().route("/x", get(|| async {})))
            .nest_service("/m/{tenant}", files().into_service::<Body>())
            .nest_service("/static", files().into_service::<Body>())
            .fallback(|| async {})
            .layer(from_fn(tell))
    }

    fn request(path: &str) -> Request {
        Request::get(path).body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn routes_and_mounts_have_a_way() {
        for (path, way_there) in [
            ("/batch", "Some(Some(\"/batch\"))"),
            ("/t/a/x", "Some(Some(\"/t/{tenant}/x\"))"),
            ("/static/a.css", "Some(None)"),
            ("/unknown", "Some(None)"),
            // A parameter in the prefix of what has no route.
            ("/t/a/unknown", "None"),
            ("/m/a/x", "None"),
        ] {
            assert_eq!(way(&app(), request(path)).await, way_there, "{path}");
        }
        let nested = Router::new().nest("/api", app());
        let path = "/api/batch";
        let there = way(&nested, request(path)).await;
        assert_eq!(there, "Some(Some(\"/api/batch\"))");
    }

    /// A request that a handler makes of the head of its own has none.
    #[tokio::test]
    async fn a_second_pass_has_no_way() {
        let again = |target: &'static str| {
            let app = app();
            get(move |request: Request| async move {
                let (mut parts, _) = request.into_parts();
                parts.uri = target.parse().unwrap();
                app.oneshot(Request::from_parts(parts, Body::empty())).await
            })
        };
        for target in ["/batch", "/t/a/x", "/unknown", "/outer/batch"] {
            let outer = Router::new().route("/outer", again(target));
            let there = way(&outer, request("/outer")).await;
            assert_eq!(there, "None", "{target}");
        }
    }

    #[test]
    fn a_template_is_compared_segment_by_segment() {
        for (template, path) in [
            ("/", "/"),
            ("/health", "/health"),
            ("/docs/{*page}", "/docs/a/b"),
            ("/{tenant}/admin/users", "/docs/admin/users"),
            ("/a/{id}.json", "/a/7.json"),
        ] {
            assert!(fits(template, path), "{template} is for {path}");
        }
        for (template, path) in [
            ("/", "/a"),
            ("/batch", "/batch/"),
            // What a second pass through a router makes of the first one's route.
            ("/batch/admin", "/batch"),
            ("/batch/{*x}/admin", "/batch/a/b"),
            ("/a/{id}", "/a/"),
            ("/a/{id}", "/a/b/c"),
            ("/a/{{id}}", "/a/{id}"),
        ] {
            assert!(!fits(template, path), "{template} is not for {path}");
        }
    }

    #[test]
    fn a_nested_router_sees_what_is_below_its_prefix() {
        for (path, prefix, rest) in [
            ("/a/b", "", Some("/a/b")),
            ("/", "", Some("/")),
            ("/api/x", "/api", Some("/x")),
            ("/api", "/api", Some("/")),
            ("/api/", "/api", Some("/")),
            ("/api/v1/x", "/api/", Some("/v1/x")),
            ("/t1/api/x", "/{tenant}/api", Some("/x")),
            ("/api", "/api/v1", None),
        ] {
            assert_eq!(below(path, prefix), rest, "{path} below {prefix}");
        }
    }
}
