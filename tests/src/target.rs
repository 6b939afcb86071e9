//! Where cargo puts what it builds.

use std::{env, path::PathBuf};

/// The `target` of this very build, for projects that tests compile: their dependencies are there
/// already.
///
/// # Panics
///
/// Outside of a test that cargo built.
#[must_use]
pub fn target_folder() -> PathBuf {
    profile_folder()
        .parent()
        .expect("target/<profile>")
        .to_owned()
}

/// `target/<profile>` of this very build.
pub(crate) fn profile_folder() -> PathBuf {
    env::current_exe()
        .expect("the path of this test")
        .ancestors()
        .nth(2)
        .expect("a test is in target/<profile>/deps")
        .to_owned()
}
