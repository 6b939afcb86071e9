//! The matrix as one page without any other file.

use std::fmt::{Arguments, Write};

use super::{
    Access, AccessMatrix, Row, RowKind,
    caller::{Authentication, Caller},
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn render(matrix: &AccessMatrix) -> String {
    let mut page = Page(String::new());
    let title = escape(&matrix.title);
    page.put(format_args!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n<body>\n<header>\n<h1>{title}</h1>\n"
    ));
    let counts = matrix.counts();
    page.put(format_args!(
        "<p class=\"sum\"><b>{}</b> routes × <b>{}</b> callers: <b>{}</b> allowed, <b>{}</b> \
         denied, <b>{}</b> depend on the request</p>\n",
        matrix.routes.len(),
        matrix.callers.len(),
        counts.allowed,
        counts.denied,
        counts.depends
    ));
    page.put(format_args!(
        "<div class=\"tools\"><input id=\"find\" type=\"search\" placeholder=\"Filter by route, \
         handler or policy\" aria-label=\"Filter routes\"><span class=\"legend\">\
         <span class=\"key\"><span class=\"cell yes\">✓</span> allowed</span>\
         <span class=\"key\"><span class=\"cell no\">403</span> denied</span>\
         <span class=\"key\"><span class=\"cell ask\">?</span> depends on the request</span>\
         </span></div>\n</header>\n<main>\n<div class=\"frame\">\n<table>\n"
    ));
    // Callers without a good token are at the right, apart from the others.
    let (personas, probes): (Vec<_>, Vec<_>) = matrix
        .callers
        .iter()
        .enumerate()
        .partition(|(_, caller)| matches!(caller.authentication, Authentication::Verified(_)));
    let columns: Vec<(usize, &Caller, &str)> = personas
        .into_iter()
        .map(|(index, caller)| (index, caller, ""))
        .chain(probes.into_iter().enumerate().map(|(at, (index, caller))| {
            (
                index,
                caller,
                if at == 0 {
                    "probe first-probe"
                } else {
                    "probe"
                },
            )
        }))
        .collect();
    page.put(format_args!(
        "<thead><tr><th scope=\"col\">Route and policy</th>"
    ));
    for (_, caller, class) in &columns {
        let (name, note) = (escape(&caller.name), escape(&caller.note));
        let brief = escape(&caller.brief);
        page.put(format_args!(
            "<th scope=\"col\" class=\"{class}\" title=\"{note}\">{name}<small>{brief}</small></th>"
        ));
    }
    page.put(format_args!("</tr></thead>\n"));
    let mut part = None;
    for row in &matrix.routes {
        let own = first_segment(&row.path);
        if part != Some(own) {
            if part.is_some() {
                page.put(format_args!("</tbody>\n"));
            }
            page.put(format_args!(
                "<tbody><tr class=\"part\"><th scope=\"rowgroup\">/{}</th><td colspan=\"{}\"></td></tr>\n",
                escape(own),
                columns.len()
            ));
            part = Some(own);
        }
        page.row(row, &columns);
    }
    page.put(format_args!(
        "</tbody>\n</table>\n<p class=\"none\" hidden>No route matches.</p>\n</div>\n\
         <div id=\"why\" role=\"status\" aria-live=\"polite\"><span>Choose a cell to see why.</span>\
         </div>\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    ));
    page.0
}

struct Page(String);

impl Page {
    fn put(&mut self, text: Arguments<'_>) {
        // Writing to a `String` cannot fail.
        let _ = self.0.write_fmt(text);
    }

    fn row(&mut self, row: &Row, columns: &[(usize, &Caller, &str)]) {
        let (method, path) = (escape(&row.method), escape(&row.route()));
        let (policy, handler) = (escape(&row.policy), escape(&row.handler));
        let kind = row.kind.as_str();
        let text = format!("{method} {path} {policy} {handler} {kind}").to_lowercase();
        self.put(format_args!(
            "<tr class=\"row\" data-text=\"{text}\"><th scope=\"row\" title=\"{handler}\">\
             <span class=\"route\"><span class=\"method\">{method}</span><code>{path}</code></span>\
             <span class=\"policy {kind}\">{policy}</span></th>"
        ));
        for (index, caller, class) in columns {
            let Some(cell) = row.cells.get(*index) else {
                continue;
            };
            let (tone, sign, why) = match cell {
                Access::Allowed if row.kind == RowKind::Protected => (
                    "yes",
                    "✓".to_owned(),
                    "allowed: the policy holds".to_owned(),
                ),
                Access::Allowed => (
                    "yes",
                    "✓".to_owned(),
                    "allowed: no policy is asked".to_owned(),
                ),
                Access::Denied { status, why } => (
                    "no",
                    status.to_string(),
                    format!("denied with {status}: {why}"),
                ),
                Access::Depends { on } => ("ask", "?".to_owned(), format!("depends on {on}")),
            };
            let who = escape(&format!("{} · {} {}", caller.name, row.method, row.route()));
            let class = if class.contains("first-probe") {
                "first-probe"
            } else {
                ""
            };
            let why = escape(&why);
            self.put(format_args!(
                "<td class=\"{class}\"><button type=\"button\" class=\"cell {tone}\" title=\"{why}\" \
                 aria-label=\"{who}: {why}\" aria-pressed=\"false\" data-who=\"{who}\">{sign}</button></td>"
            ));
        }
        self.put(format_args!("</tr>\n"));
    }
}

fn first_segment(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or("")
}

/// Text as text, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
