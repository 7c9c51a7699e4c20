//! A migration under way: hand edits, switching, the state of things. On copies of the
//! fixture apps; nothing of Copper is built here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod app;
mod merge;
mod status;
mod switch;
