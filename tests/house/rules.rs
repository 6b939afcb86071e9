//! The rules that `tests/rules` takes out are there: a rule whose text has moved would be taken out of
//! nothing, and it would not be seen that no test needs it.

use std::{fs, path::Path};

use toml_edit::{DocumentMut, Table};

#[test]
fn each_rule_that_counts_is_in_its_file_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("rules/rules.toml")).expect("text");
    let rules: DocumentMut = text.parse().expect("TOML");
    let rules = rules["rule"].as_array_of_tables().expect("rules");
    assert!(rules.len() > 100, "only {} rules were found", rules.len());
    let member = |rule: &Table, name: &str| -> String {
        let value = rule.get(name).and_then(|value| value.as_str());
        value
            .unwrap_or_else(|| panic!("no `{name}` in {rule:?}"))
            .to_owned()
    };
    let stale = rules.iter().filter_map(|rule| {
        let (file, find) = (member(rule, "file"), member(rule, "find"));
        let source = root.join("../keycloak-runtime/src").join(&file);
        let found = fs::read_to_string(source).map_or(0, |source| source.matches(&find).count());
        (found != 1).then(|| format!("{file}, {}: found {found} times", member(rule, "name")))
    });
    let stale: Vec<_> = stale.collect();
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}
