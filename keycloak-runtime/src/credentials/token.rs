//! What is in the place of the token, and the alphabet of tokens (RFC 6750 section 2.1).

use crate::base::fault::Fault;

/// What is in the place of the token: not empty, and not yet known to be a token, which
/// [`text`](Self::text) decides. A token that was accepted before is found by its
/// [`bytes`](Self::bytes), compared in full, so a request with one is spared a second look at each of
/// them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Token<'r> {
    /// After the scheme, as the client sent it.
    Sent(&'r [u8]),
    /// As the application gives it: what a header may hold is not asked.
    Given(&'r str),
}

impl<'r> Token<'r> {
    /// All of it, whatever it is.
    pub(crate) fn bytes(self) -> &'r [u8] {
        match self {
            Self::Sent(bytes) => bytes,
            Self::Given(text) => text.as_bytes(),
        }
    }

    /// The one token that it is.
    ///
    /// # Errors
    /// - [`Fault::InvalidHeader`]: more than one token
    /// - [`Fault::MalformedToken`]: characters that no token has
    ///
    /// Its length is for who judges it, whatever it came in.
    pub(crate) fn text(self) -> Result<&'r str, Fault> {
        match self {
            Self::Sent(bytes) => read(bytes),
            Self::Given(text) => Ok(text),
        }
    }
}

fn read(bytes: &[u8]) -> Result<&str, Fault> {
    if !is_token(bytes) {
        // White space or a comma ends a token, so what follows would be a second one.
        let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
        return Err(if bytes.iter().any(ends) {
            Fault::InvalidHeader
        } else {
            Fault::MalformedToken
        });
    }
    str::from_utf8(bytes).map_err(|_| Fault::MalformedToken)
}

/// RFC 6750 section 2.1: the alphabet of `b64token`.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "no early end and no branches, so that the compiler looks at many bytes at once"
)]
fn is_token(bytes: &[u8]) -> bool {
    let is_token_byte = |byte: u8| {
        byte.is_ascii_alphanumeric()
            | (byte == b'-')
            | (byte == b'.')
            | (byte == b'_')
            | (byte == b'~')
            | (byte == b'+')
            | (byte == b'/')
            | (byte == b'=')
    };
    bytes
        .iter()
        .fold(true, |all, byte| all & is_token_byte(*byte))
}
