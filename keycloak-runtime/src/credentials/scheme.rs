//! The authentication scheme of the `Authorization` line (RFC 9110 section 11.1).

/// A scheme whose credentials are a token for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RFC 6750 section 2.1: whoever has the token may use it.
    Bearer,
}

impl Scheme {
    /// The scheme of this name, in any case; `None` for one whose credentials are not for us.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        name.eq_ignore_ascii_case(b"Bearer").then_some(Self::Bearer)
    }
}
