//! `migrate` moves Copper tasks from prototyped Python to native Rust, with proof.
//!
//! ```text
//! task.py, app dir ─project→ Project
//! SourceFile ─parse→ ast::Module ─infer→ Types ─lower→ ir::File ─emit→ Translation
//! Translation + run.copper ─verify→ Verification ─report→ text | json
//! ```
//!
//! Data flows one way, in the order in which the modules are listed here; nothing
//! downstream is imported upstream (`tests/layering.rs` holds us to it).

pub mod error;
pub mod source;

pub mod merge;

pub mod config;

pub mod diagnostic;

pub mod header;

pub mod project;

pub mod ast;

pub mod parse;

pub mod desugar;

pub mod ty;

pub mod stubs;

pub mod traps;

pub mod ranges;

pub mod ir;

pub mod value;

pub mod catalog;

pub mod infer;

pub mod kinds;

pub mod relatives;

pub mod given;

pub mod ownership;

pub mod positions;

pub mod arenas;

pub mod own_parts;

pub mod counted;

pub mod introduced;

pub mod record_classes;

pub mod translation;

pub mod widen;

pub mod lower;

pub mod emit;

pub mod pipeline;

pub mod check;

pub mod verify;

pub mod record;

pub mod update;

pub mod switch;

pub mod status;

pub mod review;

pub mod report;

pub mod cli;
