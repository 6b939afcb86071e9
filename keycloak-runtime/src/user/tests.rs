//! Cases of reading claims.
