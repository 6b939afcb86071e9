//! What others do to a service: hostile tokens and requests, and a Keycloak that misbehaves.

mod attack;
mod faults;
mod vectors;
