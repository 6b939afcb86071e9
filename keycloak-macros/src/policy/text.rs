//! The policy in words: what the manifest, the documentation and explanations show.
//!
//! Written from the model where there is one, so that white space and line breaks of the source
//! make no difference to a snapshot of the manifest.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

use super::model::{Item, Key, Mode, SetTerm, Term, TermKind};

/// The terms as a user would write them, on one line.
pub(crate) fn terms(terms: &[Term]) -> String {
    let parts: Vec<String> = terms.iter().map(term).collect();
    parts.join(", ")
}

/// One term as a user would write it.
pub(crate) fn term(term: &Term) -> String {
    match &term.kind {
        TermKind::All(inner) => format!("all({})", terms(inner)),
        TermKind::Any(inner) => format!("any({})", terms(inner)),
        TermKind::Not(inner) => format!("not({})", self::term(inner)),
        TermKind::Set(set) => self::set(set),
        TermKind::Flag(key, value) => format!("{} = {value}", self::key(key)),
        TermKind::Policy(path) => format!("policy = {}", tokens(path.to_token_stream())),
        TermKind::Check(path) => format!("check = {}", tokens(path.to_token_stream())),
        TermKind::Require(expr) => format!("require = {}", tokens(expr.to_token_stream())),
        TermKind::Invalid => "..".to_owned(),
    }
}

/// A set with its key.
pub(crate) fn set(set: &SetTerm) -> String {
    let items: Vec<String> = set.items.iter().map(item).collect();
    format!(
        "{} = {}[{}]",
        key(&set.key),
        mode(set.mode),
        items.join(", ")
    )
}

/// A key with its argument.
pub(crate) fn key(key: &Key) -> String {
    key.kind.row().written(key.subject())
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Bare => "",
        Mode::All => "all",
        Mode::Any => "any",
        Mode::None => "none",
    }
}

/// One item of a set.
pub(crate) fn item(item: &Item) -> String {
    match item {
        Item::Literal(literal) => format!("{:?}", literal.value),
        Item::Constant(path) => tokens(path.to_token_stream()),
    }
}

/// Tokens with the usual spaces. Equal for equal tokens, whatever the compiler's own printer does.
pub(crate) fn tokens(tokens: TokenStream) -> String {
    let mut out = Printer::default();
    out.stream(tokens);
    out.text
}

/// What was printed last, as far as spaces depend on it.
#[derive(Clone, Copy, Default, PartialEq)]
enum Last {
    /// Nothing, an opening bracket, a `.`, `::`, `&`, `!`: no space follows.
    #[default]
    Tight,
    /// A word or a literal.
    Word,
    /// A closing bracket.
    Close,
    /// An operator: a space follows.
    Operator,
}

#[derive(Default)]
struct Printer {
    text: String,
    last: Last,
    /// Between the bars of a closure's parameters.
    parameters: bool,
}

impl Printer {
    fn stream(&mut self, tokens: TokenStream) {
        let mut operator = String::new();
        for tree in tokens {
            if let TokenTree::Punct(punct) = &tree {
                operator.push(punct.as_char());
                if punct.spacing() == Spacing::Joint {
                    continue;
                }
            }
            if !operator.is_empty() {
                self.operator(&operator);
                operator.clear();
                if matches!(tree, TokenTree::Punct(_)) {
                    continue;
                }
            }
            match tree {
                TokenTree::Group(group) => self.group(group.delimiter(), group.stream()),
                TokenTree::Ident(ident) => self.word(&ident.to_string()),
                TokenTree::Literal(literal) => self.word(&literal.to_string()),
                TokenTree::Punct(_) => {}
            }
        }
        if !operator.is_empty() {
            self.operator(&operator);
        }
    }

    fn word(&mut self, word: &str) {
        if matches!(self.last, Last::Word | Last::Close | Last::Operator) {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.last = Last::Word;
    }

    fn operator(&mut self, operator: &str) {
        let prefix = matches!(self.last, Last::Tight | Last::Operator);
        match operator {
            "." | "::" | "?" => {
                if self.last == Last::Operator {
                    self.text.push(' ');
                }
                self.text.push_str(operator);
                self.last = if operator == "?" {
                    Last::Close
                } else {
                    Last::Tight
                };
            }
            "," | ";" | ":" => {
                self.text.push_str(operator);
                self.last = Last::Operator;
            }
            "!" | "'" | "#" => self.prefix(operator),
            "|" if self.parameters => {
                self.text.push('|');
                self.parameters = false;
                self.last = Last::Operator;
            }
            "|" if prefix => {
                self.parameters = true;
                self.prefix(operator);
            }
            "&" | "&&" | "*" | "-" | "||" if prefix => self.prefix(operator),
            _ => {
                if self.last != Last::Tight {
                    self.text.push(' ');
                }
                self.text.push_str(operator);
                self.last = Last::Operator;
            }
        }
    }

    fn prefix(&mut self, operator: &str) {
        if self.last == Last::Operator {
            self.text.push(' ');
        }
        self.text.push_str(operator);
        self.last = Last::Tight;
    }

    fn group(&mut self, delimiter: Delimiter, inner: TokenStream) {
        let (open, close) = match delimiter {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Brace => ("{ ", " }"),
            Delimiter::None => ("", ""),
        };
        let spaced = self.last == Last::Operator
            || (delimiter == Delimiter::Brace && self.last != Last::Tight);
        if spaced && delimiter != Delimiter::None {
            self.text.push(' ');
            self.last = Last::Tight;
        }
        if delimiter != Delimiter::None {
            self.text.push_str(open);
            self.last = Last::Tight;
        }
        self.stream(inner);
        self.text.push_str(close);
        if delimiter != Delimiter::None {
            self.last = Last::Close;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str) {
        assert_eq!(tokens(source.parse().unwrap()), source);
    }

    #[test]
    fn prints_expressions_as_rustfmt_would() {
        check("user.subject() == id");
        check("user.subject() == id.to_string() && !is_locked(&db, id).await");
        check("{ let owner = db.owner(id).await; owner.as_deref() == Some(user.subject()) }");
        check("crate::checks::on_call");
        check("matches!(user.name(), Some(\"a\" | \"b\"))");
        check("ids.iter().any(|i| *i == id)");
    }

    #[test]
    fn white_space_makes_no_difference() {
        let written = tokens("user . subject ( )\n==   id".parse().unwrap());
        assert_eq!(written, "user.subject() == id");
    }
}
