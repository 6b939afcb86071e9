//! No test sleeps: a pause is too short on a busy machine and too long on every other one. A test waits
//! for what it is told of, or with `support::eventually`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where a pause is the matter itself: looking again and again at what tells nobody, a server that is
/// slow on purpose, a load with a rate.
const PAUSES: [&str; 5] = [
    "src/eventually.rs",
    "src/real/process.rs",
    "faults/scripted.rs",
    "faults/load.rs",
    "outage/mod.rs",
];

/// Other workspaces, and measurements, which are no tests.
const APART: [&str; 5] = ["bench", "benches", "fuzz", "peers", "rules"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_test_sleeps() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // In two parts, for this file is one of them.
    let words = [concat!("sleep", "("), concat!("sleep_", "until(")];
    let mut found = Vec::new();
    sources(root, &mut found);
    let (mut sleeping, mut seen) = (Vec::new(), 0);
    for file in found {
        let name = file
            .strip_prefix(root)
            .expect("below")
            .display()
            .to_string();
        if APART
            .iter()
            .any(|folder| name.starts_with(&format!("{folder}/")))
        {
            continue;
        }
        let source = fs::read_to_string(&file).expect("text");
        if words.iter().any(|word| source.contains(word)) {
            seen += 1;
            if !PAUSES.contains(&name.as_str()) {
                sleeping.push(name);
            }
        }
    }
    assert_eq!(
        seen - sleeping.len(),
        PAUSES.len(),
        "one of {PAUSES:?} pauses no more"
    );
    assert!(
        sleeping.is_empty(),
        "wait with `support::eventually`: {sleeping:?}"
    );
}
