//! The small languages inside of names, one parser each.

pub mod claim_path;
pub mod group_path;
pub mod scope_token;
pub mod template;
