//! "Did you mean": the known names closest to a misspelt one.

/// Candidates similar enough to `name` to be worth suggesting, best first, at most `limit`.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    limit: usize,
) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let score = similarity(&wanted, &candidate.to_lowercase());
            (score > 0.78).then_some((score, candidate))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.truncate(limit);
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

/// 0 to 1. Jaro-Winkler favours common beginnings; the edit distance catches the rest
/// (`client_role`/`client_roles`, swapped letters).
fn similarity(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b).min(strsim::normalized_damerau_levenshtein(a, b) + 0.25)
}

/// ` (did you mean "a" or "b"?)`, or nothing.
pub(crate) fn did_you_mean(suggestions: &[&str], quote: char) -> String {
    if suggestions.is_empty() {
        return String::new();
    }
    let names: Vec<String> = suggestions
        .iter()
        .map(|name| format!("{quote}{name}{quote}"))
        .collect();
    format!(" (did you mean {}?)", names.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, candidates: &[&str], expected: &[&str]) {
        assert_eq!(nearest(name, candidates.iter().copied(), 2), expected);
    }

    #[test]
    fn finds_misspelt_names() {
        let keys = ["roles", "realm_roles", "client_roles", "groups", "scopes"];
        check("role", &keys, &["roles"]);
        check("roels", &keys, &["roles"]);
        check("client_role", &keys, &["client_roles"]);
        check("Groups", &keys, &["groups"]);
    }

    #[test]
    fn stays_silent_about_unrelated_names() {
        check("banana", &["roles", "groups"], &[]);
    }

    #[test]
    fn wording() {
        assert_eq!(did_you_mean(&[], '`'), "");
        assert_eq!(
            did_you_mean(&["a", "b"], '`'),
            " (did you mean `a` or `b`?)"
        );
    }
}
