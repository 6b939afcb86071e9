//! Which paths need no authentication.
//!
//! Invariant: two things are compared, and must agree. The path as the client sent it, byte for
//! byte: one that another component could read differently (percent-encoding, empty or dot
//! segments) is never public, so no spelling of a protected path can pass for a public one. And the
//! matched route: a parameter is not the fixed segment that a pattern names, so `/docs/**` does not
//! open `/{tenant}/admin` for a tenant that is called `docs`. Where no route matched, a mounted
//! service or a fallback answers, and the routes inside of it cannot be seen from here: only a
//! pattern that says so in a word of its own is about them.

use axum::http::Method;

use super::way::{Way, fits};

/// Paths and routes that are public.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PublicPaths(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// This path and no other.
    Exact(String),
    /// This path (without trailing slash) and everything below, by whole segments.
    Below(String),
    /// What is at this path and below, and answered without a route of this router.
    Mount(String),
    /// This route, with its parameters, for this method and no other.
    Route(Method, String),
}

impl PublicPaths {
    /// Adds a pattern; false if it is none: it then opens nothing.
    pub(super) fn add(&mut self, text: &str) -> bool {
        let pattern = match text.strip_suffix("/**") {
            // `/**` alone would open everything.
            Some(prefix) if is_plain(prefix) && !prefix.ends_with('/') => {
                Pattern::Below(prefix.to_owned())
            }
            None if is_plain(text) => Pattern::Exact(text.to_owned()),
            Some(_) | None => return false,
        };
        self.0.push(pattern);
        true
    }

    /// Adds what is mounted at a path; false if that is none: it then opens nothing.
    pub(super) fn add_mount(&mut self, path: &str) -> bool {
        let is_path = is_plain(path) && !path.ends_with('/');
        if is_path {
            self.0.push(Pattern::Mount(path.to_owned()));
        }
        is_path
    }

    /// Adds a route for one method; false if it is none: it then opens nothing.
    pub(super) fn add_route(&mut self, method: Method, route: &str) -> bool {
        let is_route = is_plain(&route.replace(['{', '}', '*'], ""));
        if is_route {
            self.0.push(Pattern::Route(method, route.to_owned()));
        }
        is_route
    }

    /// Whether a request on this way needs no authentication.
    pub(super) fn contain(&self, method: &str, way: Way<'_>) -> bool {
        is_plain(way.sent)
            && self.0.iter().any(|pattern| {
                pattern.may_be_sent(method, way.sent) && pattern.is_for(method, way.route)
            })
    }

    /// Whether one of the patterns is for this route and method.
    #[cfg(feature = "openapi")]
    pub(super) fn name(&self, method: &str, route: &str) -> bool {
        let mut patterns = self.0.iter();
        patterns.any(|pattern| pattern.is_for(method, Some(route)))
    }

    /// The patterns that match none of these routes, given with their methods. Mounted services have
    /// no route.
    #[cfg(any(feature = "openapi", feature = "matrix"))]
    pub(super) fn unmatched<'r>(
        &self,
        routes: &(impl Iterator<Item = (&'r str, &'r str)> + Clone),
    ) -> Vec<String> {
        let named = |pattern: &&Pattern| {
            let mut routes = routes.clone();
            matches!(pattern, Pattern::Mount(_))
                || routes.any(|(method, route)| pattern.is_for(method, Some(route)))
        };
        let unmatched = self.0.iter().filter(|pattern| !named(pattern));
        unmatched.map(Pattern::text).collect()
    }

    /// Whether a request for this path may be public, as far as the path alone can say.
    pub(super) fn may_contain(&self, method: &str, path: &str) -> bool {
        // Most routers have few public paths or none: they come first.
        let mut patterns = self.0.iter();
        patterns.any(|pattern| pattern.may_be_sent(method, path)) && is_plain(path)
    }
}

impl Pattern {
    #[cfg(any(feature = "openapi", feature = "matrix"))]
    fn text(&self) -> String {
        match self {
            Self::Exact(exact) => exact.clone(),
            Self::Below(prefix) | Self::Mount(prefix) => format!("{prefix}/**"),
            Self::Route(method, route) => format!("{method} {route}"),
        }
    }

    /// Whether a path as the client sent it can be meant.
    fn may_be_sent(&self, method: &str, path: &str) -> bool {
        match self {
            Self::Exact(exact) => path == exact,
            Self::Below(prefix) | Self::Mount(prefix) => is_below(prefix, path),
            Self::Route(own, route) => own.as_str() == method && fits(route, path),
        }
    }

    /// Whether the route that axum matched is meant, or that it matched none.
    fn is_for(&self, method: &str, route: Option<&str>) -> bool {
        match self {
            Self::Exact(exact) => route == Some(exact),
            Self::Below(prefix) => route.is_some_and(|route| is_below(prefix, route)),
            // At its very path a mounted service has a route, and so may a handler have.
            Self::Mount(_) => route.is_none(),
            Self::Route(own, named) => own.as_str() == method && route == Some(named.as_str()),
        }
    }
}

/// By whole segments.
fn is_below(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether every server and client reads this path the same way.
fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    let bytes_are_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"%\\*?#{}".contains(&byte));
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        // An empty last segment is a trailing slash, any other one a double slash.
        let is_last = segments.peek().is_none();
        // Some servers cut parameters off before they resolve dots: `/..;/admin`.
        let name = segment.split(';').next().unwrap_or_default();
        if (segment.is_empty() && !is_last) || name == "." || name == ".." {
            return false;
        }
    }
    bytes_are_plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(paths: &PublicPaths, path: &str) -> bool {
        let way = Way {
            sent: path,
            route: Some(path),
        };
        let contained = paths.contain("GET", way);
        assert_eq!(contained, paths.may_contain("GET", path));
        let way = Way { route: None, ..way };
        assert!(!paths.contain("GET", way), "{path} without a route");
        contained
    }

    #[track_caller]
    fn check(pattern: &str, public: &[&str], protected: &[&str]) {
        let mut paths = PublicPaths::default();
        assert!(paths.add(pattern), "{pattern}");
        for path in public {
            assert!(contains(&paths, path), "{pattern} should open {path}");
        }
        for path in protected {
            assert!(!contains(&paths, path), "{pattern} must not open {path}");
        }
    }

    #[test]
    fn an_exact_path_opens_itself_only() {
        check("/", &["/"], &["", "//", "/admin", "/.", "*"]);
        check(
            "/health",
            &["/health"],
            &[
                "/health/",
                "//health",
                "/healthz",
                "/Health",
                "/HEALTH",
                "/health/live",
                "/%68ealth",
                "/health%2f",
                "/health%00",
                "/./health",
                "/x/../health",
                "/health/..",
                "/health?",
                "health",
                "/healt",
                "/health ",
            ],
        );
        check("/docs/", &["/docs/"], &["/docs", "/docs//"]);
    }

    #[test]
    fn a_prefix_opens_whole_segments() {
        check(
            "/docs/**",
            &[
                "/docs",
                "/docs/",
                "/docs/a",
                "/docs/a/b.css",
                "/docs/.well-known",
            ],
            &[
                "/docsx",
                "/docs-internal/a",
                "/DOCS/a",
                "/docs/../admin",
                "/docs/..",
                "/docs/./a",
                "/docs//admin",
                "//docs/a",
                "/docs/%2e%2e/admin",
                "/docs/a%2fb",
                "/docs/..;/admin",
                "/docs/..;a=b/admin",
                "/docs/\\..\\admin",
                "/a/docs/b",
                "/",
                "",
            ],
        );
    }

    #[test]
    fn what_is_no_pattern_opens_nothing() {
        for text in [
            "",
            "health",
            "/**",
            "**",
            "/a*",
            "/a/*",
            "/a/**/b",
            "/%61",
            "//a",
            "/a//**",
            "/../a",
            "/a/./**",
            "/a?b",
            "/a#b",
            "/é",
            "http://host/a",
            "/a b",
            "/{tenant}/health",
        ] {
            let mut paths = PublicPaths::default();
            assert!(!paths.add(text), "{text}");
            assert!(!contains(&paths, text), "{text}");
        }
    }

    #[test]
    fn the_matched_route_has_to_agree() {
        let mut paths = PublicPaths::default();
        assert!(paths.add("/docs/**") && paths.add("/health"));
        for (sent, route, public) in [
            ("/docs/admin/users", "/{tenant}/admin/users", false),
            ("/docs/admin/users", "/{*path}", false),
            ("/docs/a/b", "/docs/{*page}", true),
            ("/docs/a", "/docs/{page}", true),
            ("/docs", "/docs", true),
            ("/docs", "/{page}", false),
            ("/health", "/health", true),
            ("/health", "/{page}", false),
            ("/health", "/{*rest}", false),
        ] {
            let way = Way {
                sent,
                route: Some(route),
            };
            assert_eq!(paths.contain("GET", way), public, "{sent} by {route}");
        }
    }

    #[test]
    fn a_mount_opens_what_has_no_route() {
        let mut paths = PublicPaths::default();
        assert!(paths.add_mount("/static"));
        for (sent, route, public) in [
            ("/static", None, true),
            ("/static/", None, true),
            ("/static/a/b.css", None, true),
            ("/staticx", None, false),
            ("/static/../admin", None, false),
            ("/static/%2e%2e/admin", None, false),
            ("/admin", None, false),
            ("/static", Some("/static"), false),
            ("/static/", Some("/static/"), false),
            ("/static/a", Some("/static/{file}"), false),
            ("/static/a", Some("/{area}/a"), false),
        ] {
            let way = Way { sent, route };
            assert_eq!(paths.contain("GET", way), public, "{sent} by {route:?}");
        }
        for text in [
            "", "/", "static", "/static/", "/**", "/a/**", "/{x}", "/a/../b",
        ] {
            assert!(!paths.add_mount(text), "{text}");
        }
    }

    #[test]
    fn a_route_is_public_for_its_method_and_no_other_route() {
        let mut paths = PublicPaths::default();
        assert!(paths.add_route(Method::GET, "/api/{version}/health"));
        for (method, sent, route, public) in [
            ("GET", "/api/v1/health", Some("/api/{version}/health"), true),
            (
                "HEAD",
                "/api/v1/health",
                Some("/api/{version}/health"),
                false,
            ),
            (
                "POST",
                "/api/v1/health",
                Some("/api/{version}/health"),
                false,
            ),
            ("GET", "/api/v1/health", Some("/api/v1/health"), false),
            ("GET", "/api/v1/health", Some("/api/{*rest}"), false),
            ("GET", "/api/v1/health", None, false),
            (
                "GET",
                "/api/../health",
                Some("/api/{version}/health"),
                false,
            ),
            (
                "GET",
                "/api/%2e/health",
                Some("/api/{version}/health"),
                false,
            ),
            ("GET", "/admin", Some("/api/{version}/health"), false),
        ] {
            let way = Way { sent, route };
            assert_eq!(
                paths.contain(method, way),
                public,
                "{method} {sent} {route:?}"
            );
        }
        for text in ["", "health", "/{}/x", "/%61", "/a/../b", "/a b"] {
            assert!(!paths.add_route(Method::GET, text), "{text}");
        }
    }
}
