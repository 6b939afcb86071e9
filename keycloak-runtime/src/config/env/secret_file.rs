//! The files that `_FILE` variables name.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "kinds of I/O errors are many, and two of them have words of their own"
)]

use std::{
    ffi::OsStr,
    fs::File,
    io::{ErrorKind, Read as _},
};

/// Largest file that is read; anything longer is the wrong file.
const MAX_BYTES: u64 = 64 * 1024;

/// The content of the file without one line break at its end, or what is wrong with the file.
pub(super) fn read(path: &OsStr) -> Result<String, &'static str> {
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => "does not exist",
        ErrorKind::PermissionDenied => "may not be read by this process",
        // A directory, a name that is too long, no free descriptor: all of them rare.
        _ => "cannot be opened",
    })?;
    let mut text = String::new();
    // One byte more than allowed tells "too long" from "just fits".
    let read = file
        .take(MAX_BYTES.saturating_add(1))
        .read_to_string(&mut text);
    match read.map_err(|error| error.kind()) {
        Err(ErrorKind::InvalidData) => return Err("is not valid UTF-8"),
        Err(_) => return Err("cannot be read"),
        Ok(_) => {}
    }
    if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err("is longer than 64 KiB");
    }
    // Editors and `echo` end a file with a line break; nothing else is trimmed from a secret.
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err("is empty");
    }
    Ok(text)
}
