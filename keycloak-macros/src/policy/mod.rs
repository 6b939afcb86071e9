//! The policy language: parse, lower, check, and the policy as an expression.

pub(crate) mod check;
pub(crate) mod emit;
pub(crate) mod logic;
pub(crate) mod lower;
pub(crate) mod model;
pub(crate) mod parse;
pub(crate) mod text;
