//! Lives of runtimes: every public async function, awaited on runtimes that die, are not driven,
//! have no timers or no I/O, or have their time paused.
//!
//! The rule: whatever becomes of the runtime that a call was made on, no caller hangs, none loops,
//! and the next caller on a living runtime is served. Keycloak itself runs on a runtime of its own.
//! A test never hangs: a watchdog on a thread ends it.

mod calls;
mod lives;
mod world;
