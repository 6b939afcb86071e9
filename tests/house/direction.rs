//! Modules of the runtime use those below them, so that each can be read, and moved, without those
//! above it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, ItemMod, ItemUse, Path as SynPath, UseTree,
    visit::{self, Visit},
};

/// From the ground up. Modules that are not here are faces: they use all of it, and none of these uses
/// them.
const ORDER: [&str; 15] = [
    "base",
    "telemetry",
    "jose",
    "settings",
    "transport",
    "credentials",
    "classics",
    "realm",
    "caller",
    "policy",
    "authenticate",
    "error",
    "diagnostics",
    "keycloak",
    "enforce",
];

/// What the paths of one file that begin with `crate` name first.
#[derive(Default)]
struct Used(BTreeSet<String>);

impl Used {
    fn of(source: &str) -> Self {
        let mut used = Self::default();
        used.visit_file(&syn::parse_file(source).expect("Rust"));
        used
    }

    fn first(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => drop(self.0.insert(path.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.first(tree)),
            UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => {}
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| {
        let list = attribute.meta.require_list();
        attribute.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
    };
    attributes.iter().any(is_test)
}

impl<'ast> Visit<'ast> for Used {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if let UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.first(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast SynPath) {
        let mut segments = path.segments.iter();
        if let (Some(krate), Some(first), Some(_)) =
            (segments.next(), segments.next(), segments.next())
            && krate.ident == "crate"
        {
            self.0.insert(first.ident.to_string());
        }
        visit::visit_path(self, path);
    }
}

/// The files of a module but those of its unit tests.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            files(&path, found);
        } else if !name.ends_with("tests") && name != "property" {
            found.push(path);
        }
    }
}

#[test]
fn modules_use_what_is_below_them_only() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keycloak-runtime/src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (height, module) in ORDER.iter().enumerate() {
        let mut found = Vec::new();
        files(&sources.join(module), &mut found);
        for file in found {
            let source = fs::read_to_string(&file).expect("text");
            for used in Used::of(&source).0 {
                seen += 1;
                let at = ORDER.iter().position(|own| *own == used);
                if at.is_none_or(|at| at > height) {
                    let file = file.strip_prefix(&sources).unwrap_or(&file).display();
                    wrong.push(format!("{file} uses `{used}`, which is above `{module}`"));
                }
            }
        }
    }
    assert!(seen > 200, "only {seen} uses were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_step_back_is_seen() {
    let used = Used::of(
        "use crate::{User, enforce::{Guard, x}, base::clock::Clock};
         use crate::realm::Realm;
         fn f(_: crate::caller::User) -> crate::Public { crate::policy::of() }
         #[cfg(test)] mod tests { use crate::testing::user; }",
    );
    let used: Vec<_> = used.0.iter().map(String::as_str).collect();
    assert_eq!(used, ["base", "caller", "enforce", "policy", "realm"]);
}
