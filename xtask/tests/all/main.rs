//! The commands as a user runs them. They are one program, so that they run beside each other: each mostly waits for the
//! builds of a project of its own.

mod bench;
mod calibrate;
mod faults;
mod gate;
mod handing_on;
mod kill;
mod profile;
mod project;
mod repeat;
