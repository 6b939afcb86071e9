//! Realm exports: one reader, whatever looks at them.
//!
//! [`Location`] and [`Document`] find the realm: in a file, a list of realms, a folder of
//! `kc.sh export --dir`, text. A [`Document`] is read through [`Node`]s, which know their place and
//! collect problems. [`parts`] knows how roles, groups, scopes and clients are written, by Keycloak
//! of all ages. What is made of them is up to the view: [`Names`] here, for those who check names,
//! or the model of the embedded realm.

mod error;
mod known;
mod names;
mod node;
pub mod parts;
mod source;
mod users;

pub use self::{
    error::{ExportError, ExportProblem},
    known::{Known, known},
    names::{ClientRoles, Names},
    node::{Node, Problems},
    source::{Document, Location, Users},
};

#[cfg(test)]
mod tests;
