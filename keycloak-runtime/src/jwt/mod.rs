//! JSON Web Tokens: from the compact text to verified claims.

pub(crate) mod algorithm;
