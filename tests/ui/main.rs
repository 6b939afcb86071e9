//! Right and wrong uses of the macros, compiled one by one.
//!
//! The expected output holds rustc's own words, too, so it is compared only on the compiler that
//! it was written with; on another one the right uses still have to compile.

/// The compiler that the `.stderr` files were written with.
const PINNED: &str = "rustc 1.95.";

#[test]
fn right_uses() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*/*.rs");
}

/// Apart from the right uses: without any, all of them are checked by one call of cargo.
#[test]
fn wrong_uses() {
    if compiler().starts_with(PINNED) {
        let cases = trybuild::TestCases::new();
        cases.compile_fail("ui/fail/*/*.rs");
    } else {
        println!("wrong uses are skipped: their expected output is that of {PINNED}x");
    }
}

fn compiler() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = std::process::Command::new(rustc).arg("--version").output();
    let output = output.expect("rustc can be called where its output is tested");
    String::from_utf8(output.stdout).expect("rustc's version is text")
}
