//! What shows that a caller may use a token that is bound to a key (claim `cnf`, RFC 7800).

/// A proof that came with the request and was found to be good.
///
/// There is none yet, and no value of this type: a bound token is accepted from no caller. Two kinds
/// will be variants here: a signed proof over method, URI and token (`DPoP`, RFC 9449), and the
/// certificate of the client's connection (RFC 8705). Both are read out of the head of the request,
/// which is what [`Credentials::of`](super::Credentials::of) takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {}
