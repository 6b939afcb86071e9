//! The usual mistakes in the setup of a realm or of this service, and how they are recognised.

pub(crate) mod hints;
pub(crate) mod recognise;

pub(crate) use self::hints::Classic;
