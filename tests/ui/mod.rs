//! Right and wrong uses of the macros.
//!
//! The expected output of wrong ones holds rustc's own words, too, so it is compared only on the
//! compiler that it was written with; on another one the right uses still have to compile.

#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    unused_imports,
    reason = "what may be written, not how it should be"
)]
pub mod pass;

/// The compiler that the `.stderr` files were written with.
const PINNED: &str = "rustc 1.95.";

/// Without right uses among them, all are checked by one call of cargo.
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
