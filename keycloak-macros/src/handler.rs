//! A handler as the attributes see it: attributes, visibility and signature parsed; the body kept
//! as raw tokens, so that a half-typed body is rustc's to explain and costs no parsing.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, FnArg, Meta, Pat, Signature, Type, Visibility,
    parse::{Parse, ParseStream},
    spanned::Spanned as _,
};

/// A function with a body.
#[derive(Clone, Debug)]
pub(crate) struct HandlerFn {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The body, with its braces.
    pub(crate) body: Group,
}

impl Parse for HandlerFn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let Head { attrs, vis, sig } = input.parse()?;
        let body = braced(input.parse()?)?;
        Ok(Self {
            attrs,
            vis,
            sig,
            body,
        })
    }
}

/// The braces of a body; `$body:block` of a macro comes in a group without delimiters.
fn braced(tree: TokenTree) -> syn::Result<Group> {
    let span = tree.span();
    let mut next = Some(tree);
    while let Some(TokenTree::Group(group)) = next {
        match group.delimiter() {
            Delimiter::Brace => return Ok(group),
            Delimiter::None => {
                let mut inner = group.stream().into_iter();
                next = inner.next().filter(|_| inner.next().is_none());
            }
            Delimiter::Parenthesis | Delimiter::Bracket => break,
        }
    }
    Err(syn::Error::new(span, "expected a function body"))
}

/// Everything before the body.
struct Head {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
        })
    }
}

impl ToTokens for HandlerFn {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            sig,
            body,
        } = self;
        for attr in attrs {
            attr.to_tokens(tokens);
        }
        vis.to_tokens(tokens);
        sig.to_tokens(tokens);
        body.to_tokens(tokens);
    }
}

impl HandlerFn {
    /// Reads a whole item. The body is taken off first, so that the parser does not even look at
    /// its tokens.
    pub(crate) fn read(item: &TokenStream) -> syn::Result<Self> {
        let mut trees: Vec<TokenTree> = item.clone().into_iter().collect();
        if let Some(TokenTree::Group(body)) = trees.pop()
            && body.delimiter() == Delimiter::Brace
            && let Ok(Head { attrs, vis, sig }) = syn::parse2(trees.into_iter().collect())
        {
            return Ok(Self {
                attrs,
                vis,
                sig,
                body,
            });
        }
        // Says what is wrong.
        syn::parse2(item.clone())
    }

    /// The function as axum could call it. Where another one was refused, what routes it raises no
    /// second error.
    pub(crate) fn callable(mut self) -> Self {
        self.sig.constness = None;
        self.sig.safety = syn::Safety::Default;
        self.sig.abi = None;
        self.sig.asyncness.get_or_insert_default();
        self
    }

    /// The handler's name without `r#`, for names derived from it.
    pub(crate) fn name(&self) -> String {
        use syn::ext::IdentExt as _;
        self.sig.ident.unraw().to_string()
    }

    /// `#[cfg]` attributes: items beside the function must come and go with it.
    pub(crate) fn cfgs(&self) -> Vec<&Attribute> {
        let attrs = self.attrs.iter();
        attrs.filter(|attr| attr.path().is_ident("cfg")).collect()
    }

    /// The names that the arguments bind, with the argument that binds each.
    pub(crate) fn bindings(&self) -> Vec<(Ident, &FnArg)> {
        let mut names = Vec::new();
        for input in &self.sig.inputs {
            if let FnArg::Typed(typed) = input {
                let mut found = Vec::new();
                pattern_names(&typed.pat, &mut found);
                names.extend(found.into_iter().map(|name| (name, input)));
            }
        }
        names
    }

    /// Whether a guard was injected by one of our attributes already.
    pub(crate) fn has_guard(&self) -> bool {
        match self.sig.inputs.first() {
            Some(FnArg::Typed(first)) => is_guard(&first.ty),
            Some(FnArg::Receiver(_)) | None => false,
        }
    }
}

/// `..::__private::Guard<..>`, `PendingGuard<..>`, `PublicGuard`, or `Both<..>` with one of them.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn's enums are open; other types are not a guard"
)]
fn is_guard(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            let mut segments = path.path.segments.iter().rev().map(|s| &s.ident);
            let guards = ["Guard", "PendingGuard", "PublicGuard", "Both"];
            segments
                .next()
                .is_some_and(|last| guards.iter().any(|guard| last == guard))
                && segments.next().is_some_and(|door| door == "__private")
        }
        Type::Group(group) => is_guard(&group.elem),
        _ => false,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "syn's enums are open; other patterns bind no names"
)]
fn pattern_names(pat: &Pat, into: &mut Vec<Ident>) {
    match pat {
        Pat::Ident(ident) => {
            into.push(ident.ident.clone());
            if let Some((_, inner)) = &ident.subpat {
                pattern_names(inner, into);
            }
        }
        Pat::Guard(guard) => pattern_names(&guard.pat, into),
        Pat::Or(or) => {
            // Every case binds the same names.
            if let Some(case) = or.cases.first() {
                pattern_names(case, into);
            }
        }
        Pat::Paren(paren) => pattern_names(&paren.pat, into),
        Pat::Reference(reference) => pattern_names(&reference.pat, into),
        Pat::Slice(slice) => slice.elems.iter().for_each(|p| pattern_names(p, into)),
        Pat::Struct(fields) => {
            for field in &fields.fields {
                pattern_names(&field.pat, into);
            }
        }
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|p| pattern_names(p, into)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|p| pattern_names(p, into)),
        Pat::Type(typed) => pattern_names(&typed.pat, into),
        _ => {}
    }
}

/// One of our own attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ours {
    Protected,
    Public,
}

/// Which of our attributes `attr` is, going by its name: `protected`, `keycloak::protected`, the
/// same under a rename.
pub(crate) fn ours(attr: &Attribute) -> Option<Ours> {
    let path = attr.path();
    let last = path.segments.last()?;
    if path.segments.len() > 2 {
        return None;
    }
    if last.ident == "protected" {
        Some(Ours::Protected)
    } else if last.ident == "public" {
        Some(Ours::Public)
    } else {
        None
    }
}

/// The tokens in the parentheses of an attribute.
pub(crate) fn attribute_arguments(attr: &Attribute) -> TokenStream {
    match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
    }
}

/// What kind of item the tokens begin, for a message; `None` for a function.
pub(crate) fn item_kind(item: &TokenStream) -> Option<(&'static str, Span)> {
    let mut skip_next = false;
    // `const fn` is a function still; a constant has no `fn`.
    let mut constant = None;
    for tree in item.clone() {
        if skip_next {
            skip_next = false;
            continue;
        }
        match tree {
            // An attribute: `#` and its brackets.
            TokenTree::Punct(punct) if punct.as_char() == '#' => skip_next = true,
            TokenTree::Ident(ident) => {
                let kind = match ident.to_string().as_str() {
                    "fn" => return None,
                    "struct" => "a struct",
                    "enum" => "an enum",
                    "union" => "a union",
                    "mod" => "a module",
                    "trait" => "a trait",
                    "impl" => "an `impl` block",
                    "static" => "a static",
                    "type" => "a type alias",
                    "use" => "a `use`",
                    "macro_rules" => "a macro",
                    "let" => "a statement",
                    "const" => {
                        constant = constant.or(Some(ident.span()));
                        continue;
                    }
                    _ => continue,
                };
                return Some((kind, ident.span()));
            }
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    Some(match constant {
        Some(span) => ("a constant", span),
        None => ("something else", item.span()),
    })
}

/// Whether the token stream begins an `impl` block.
pub(crate) fn is_impl(item: &TokenStream) -> bool {
    matches!(item_kind(item), Some(("an `impl` block", _)))
}
