//! The Python library's example application.
fn main() {}
