//! Right uses: each file is a module of this binary, compiled with it, and its `main` is called.

/// Makes the files modules, and a table of what they are called and of their `main`.
macro_rules! right_uses {
    ($($folder:ident { $($name:ident)* })*) => {
        $(pub mod $folder { $(pub mod $name;)* })*

        const CASES: &[(&str, fn())] = &[
            $($((
                concat!(stringify!($folder), "/", stringify!($name), ".rs"),
                $folder::$name::main,
            ),)*)*
        ];
    };
}

right_uses! {
    config { aliases_and_own_types design from_macro_rules lints renamed_crate shadowed_names }
    openapi { lints state_and_generics surroundings }
    policy { expressions }
    protected { attributes functions impl_block language require }
    routing { declared }
}

#[test]
fn right_uses() {
    for (_, main) in CASES {
        main();
    }
}

#[test]
fn each_file_is_one_of_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/pass");
    let files = glob(&folder);
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        let known = CASES.iter().any(|(name, _)| *name == file);
        assert!(known, "`right_uses!` does not name {file}");
    }
}

/// `folder/name.rs` of each file two floors down.
fn glob(root: &std::path::Path) -> Vec<String> {
    let entries = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path())
    };
    let folders = entries(root).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| entries(&folder).collect::<Vec<_>>());
    files
        .map(|file| {
            let below = file.strip_prefix(root).expect("below");
            below.to_str().expect("UTF-8").to_owned()
        })
        .collect()
}
