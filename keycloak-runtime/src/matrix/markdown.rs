//! The matrix as a Markdown table.

use std::fmt::Write;

use super::{Access, AccessMatrix};

pub(super) fn render(matrix: &AccessMatrix) -> String {
    let mut out = format!("# {}\n\n", escape(&matrix.title));
    out.push_str("✅ allowed · ❌ denied · ❔ depends on the request\n\n");
    out.push_str("| route | policy |");
    for caller in &matrix.callers {
        push(&mut out, format_args!(" {} |", escape(&caller.name)));
    }
    out.push_str("\n|---|---|");
    out.push_str(&":-:|".repeat(matrix.callers.len()));
    out.push('\n');
    for row in &matrix.routes {
        let policy = match row.kind {
            super::RowKind::Protected => code(&row.policy),
            super::RowKind::Public | super::RowKind::Undeclared => row.policy.clone(),
        };
        push(
            &mut out,
            format_args!("| {} {} | {policy} |", row.method, code(&row.route())),
        );
        for cell in &row.cells {
            match cell {
                Access::Allowed => out.push_str(" ✅ |"),
                Access::Denied { status, .. } => push(&mut out, format_args!(" ❌ {status} |")),
                Access::Depends { .. } => out.push_str(" ❔ |"),
            }
        }
        out.push('\n');
    }
    out.push_str("\n## Callers\n\n");
    for caller in &matrix.callers {
        push(
            &mut out,
            format_args!("- **{}**: {}\n", escape(&caller.name), escape(&caller.note)),
        );
    }
    out.push_str("\n## Why\n\n");
    for row in &matrix.routes {
        // Callers that are refused for the same reason share a line.
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for (caller, cell) in matrix.callers.iter().zip(&row.cells) {
            let reason = match cell {
                Access::Allowed | Access::Denied { status: 401, .. } => continue,
                Access::Denied { status, why } => format!("{status}: {}", escape(why)),
                Access::Depends { on } => format!("depends on {}", code(on)),
            };
            match reasons.iter_mut().find(|(own, _)| *own == reason) {
                Some((_, callers)) => callers.push(&caller.name),
                None => reasons.push((reason, vec![&caller.name])),
            }
        }
        for (reason, callers) in reasons {
            push(
                &mut out,
                format_args!(
                    "- {} {} — {}: {reason}\n",
                    row.method,
                    code(&row.route()),
                    escape(&callers.join(", "))
                ),
            );
        }
    }
    out
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = out.write_fmt(text);
}

/// Text as text: nothing in it is markup or ends the cell.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '\\' | '#' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A code span; a bar would end the table's cell even there.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}
