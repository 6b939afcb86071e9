//! How a layer learns that a route's handler is `#[public]`, before any request.
//!
//! axum gives a layer each route as one closed box; what it does with every box is clone it, and
//! that clones the handler. So `keycloak::routing` wraps a public handler in one whose `Clone` says
//! so, and the layer clones the box once, when it is put around it, and listens. Nothing is run, and
//! a handler that nobody declared has nothing to say: what is not heard stays closed.

use std::cell::Cell;

use axum::{extract::Request, handler::Handler, http::Method, routing::MethodFilter};

thread_local! {
    /// What was heard; only while a layer listens.
    static HEARD: Cell<Option<Heard>> = const { Cell::new(None) };
}

#[derive(Debug, Clone, Copy)]
enum Heard {
    Nothing,
    One(Methods),
    /// Which of them a request meets, nobody can say from here.
    Several,
}

/// The methods for which a route's handler is public.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Methods {
    None,
    Some(MethodFilter),
    All,
}

impl Methods {
    /// Whether a request with this method finds a public handler.
    pub(super) fn contain(self, method: &Method) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Some(own) => {
                let has = |filter| own.or(filter) == own;
                // axum answers HEAD by a GET handler.
                MethodFilter::try_from(method.clone()).is_ok_and(has)
                    || (method == Method::HEAD && has(MethodFilter::GET))
            }
        }
    }
}

/// What a route says about itself when it is cloned.
pub(super) fn declared_open<S: Clone>(route: &S) -> Methods {
    let outer = HEARD.replace(Some(Heard::Nothing));
    drop(route.clone());
    match HEARD.replace(outer) {
        Some(Heard::One(open)) => open,
        Some(Heard::Nothing | Heard::Several) | None => Methods::None,
    }
}

/// A declared handler that says whether it is public, and for which methods.
#[derive(Debug)]
pub(crate) struct Announced<H> {
    handler: H,
    open: Methods,
}

impl<H> Announced<H> {
    pub(crate) fn new(handler: H, open: Methods) -> Self {
        Self { handler, open }
    }
}

impl<H: Clone> Clone for Announced<H> {
    fn clone(&self) -> Self {
        if let Some(heard) = HEARD.get() {
            HEARD.set(Some(match heard {
                Heard::Nothing => Heard::One(self.open),
                Heard::One(_) | Heard::Several => Heard::Several,
            }));
        }
        Self {
            handler: self.handler.clone(),
            open: self.open,
        }
    }
}

impl<H, T, S> Handler<T, S> for Announced<H>
where
    H: Handler<T, S>,
{
    type Future = H::Future;

    fn call(self, request: Request, state: S) -> H::Future {
        Handler::call(self.handler, request, state)
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        routing::{MethodRouter, get},
    };

    use super::*;

    fn public() -> MethodRouter {
        get(Announced::new(
            || async {},
            Methods::Some(MethodFilter::GET),
        ))
    }

    fn open(service: &(impl Clone + 'static), method: &Method) -> bool {
        declared_open(service).contain(method)
    }

    #[test]
    fn a_public_handler_is_heard_for_its_methods() {
        assert!(open(&public(), &Method::GET));
        assert!(open(&public(), &Method::HEAD));
        assert!(!open(&public(), &Method::POST));
        let undeclared: MethodRouter = get(|| async {});
        assert!(!open(&undeclared, &Method::GET));
        let extension = Method::from_bytes(b"PROPFIND").unwrap();
        assert!(!open(&public(), &extension));
    }

    #[test]
    fn several_handlers_in_one_box_say_nothing() {
        let closed = Announced::new(|| async {}, Methods::None);
        assert!(!open(&public().post(closed), &Method::GET));
        let whole: Router = Router::new().route("/", public());
        assert!(!open(&whole, &Method::GET));
    }

    #[test]
    fn nothing_is_left_of_what_was_heard() {
        assert!(open(&public(), &Method::GET));
        drop(public().clone());
        assert!(!open(&(), &Method::GET));
    }
}
