//! The path parameters of a policy, where the route is in sight: in `#[utoipa::path]`.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, LitStr, Meta};

use keycloak_policy::grammar::template;

use super::expand::is_utoipa;
use crate::{
    diag::Diagnostics,
    handler::HandlerFn,
    policy::model::{Item, Term, each_set},
    rule::Rule,
};

/// A parameter that the documented route does not have: the policy would admit no caller by it.
pub(crate) fn parameters<'a>(
    handler: &HandlerFn,
    terms: impl IntoIterator<Item = &'a Term>,
    diag: &mut Diagnostics,
) {
    let Some(route) = handler.attrs.iter().find_map(route) else {
        return;
    };
    for term in terms {
        each_set(std::slice::from_ref(term), &mut |set| {
            for item in &set.items {
                let Item::Literal(literal) = item else {
                    continue;
                };
                if !set.key.kind.row().template || template::problem(&literal.value).is_some() {
                    continue;
                }
                let mut names = template::parameters(&literal.value);
                if let Some(name) = names.find(|name| !route.has(name)) {
                    let message = format!(
                        "the route {:?} has no parameter `{name}`, so {:?} would admit no caller; \
                         name one of the route, or add one of an outer router to `params(..)`",
                        route.path, literal.value
                    );
                    diag.rule_at(Rule::Template, literal.span, message);
                }
            }
        });
    }
}

/// The route of `#[utoipa::path(get, path = "/wards/{ward}", params(("ward" = String, Path)))]`.
struct Route {
    path: String,
    /// The names in `params(..)`, which may be those of outer routers; `None` where a type has them.
    more: Option<Vec<String>>,
}

impl Route {
    fn has(&self, name: &str) -> bool {
        template::of_route(&self.path).any(|own| own == name)
            || self
                .more
                .as_ref()
                .is_none_or(|more| more.iter().any(|own| own == name))
    }
}

fn route(attr: &Attribute) -> Option<Route> {
    let Meta::List(list) = &attr.meta else {
        return None;
    };
    if !is_utoipa(attr) || list.path.is_ident("cfg_attr") {
        return None;
    }
    let trees: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
    let path = trees.windows(3).find_map(|three| match three {
        [TokenTree::Ident(word), TokenTree::Punct(is), value]
            if *word == "path" && is.as_char() == '=' =>
        {
            syn::parse2::<LitStr>(value.clone().into()).ok()
        }
        _ => None,
    })?;
    let params = trees.windows(2).find_map(|two| match two {
        [TokenTree::Ident(word), TokenTree::Group(group)] if *word == "params" => {
            Some(group.stream())
        }
        _ => None,
    });
    Some(Route {
        path: path.value(),
        more: named(params.unwrap_or_default()),
    })
}

/// `("ward" = String, Path), ..`; `None` for a type beside them.
fn named(params: TokenStream) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for tree in params {
        match tree {
            TokenTree::Group(group) => {
                let first = group.stream().into_iter().next()?;
                names.push(syn::parse2::<LitStr>(first.into()).ok()?.value());
            }
            TokenTree::Punct(comma) if comma.as_char() == ',' => {}
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => return None,
        }
    }
    Some(names)
}
