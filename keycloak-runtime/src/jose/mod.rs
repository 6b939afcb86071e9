//! JSON Object Signing and Encryption: algorithms, keys, tokens. Pure: bytes in, result out.

pub(crate) mod algorithm;
pub(crate) mod jwk;
pub(crate) mod jwt;
