//! Objects that several others share and change: they belong to the task.
//!
//! Enters: the module and its [`Model`], with the objects that ownership found under two
//! names. Leaves: the same module, where such objects lie in variables of the module. An
//! object that is the only one of its class (a bus, a log, a map) is the variable itself, and
//! nobody keeps it any more: `self.bus.write(1)` is `bus.write(1)`. Of a class with several
//! objects, or with names that change, the variable is the list of all of them, and a name is
//! the position in it: `self.active.stop()` is `motors[self.active].stop()`. An attribute whose
//! methods are given its own object is a variable, too, what an object's methods call is handed
//! the object by them, and a collection of the module that
//! objects keep is that variable alone. Nothing where none of that is sure: the hole stays. This module must not know Rust syntax.
//!
//! Names of a class are told by their types, all over the module, so that there is none that
//! is not followed. Those objects are made while the module is loaded: none is ever given up.
//! Such as are made while a function runs lie in a list of that function (`grown`), or, where
//! they outlive it, in a list of the module whose places are used again (`swept`).

mod aliases;
mod apart;
mod grown;
mod handed;
mod known;
mod members;
mod names;
mod once;
mod placed;
mod rewrite;
mod single;
mod swept;

use crate::ast::Module;
use crate::infer::Model;
use known::Known;
use std::collections::BTreeSet;

/// How many classes are looked at before what became of them is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All of them.
    All,
    /// One. Those with several owners come first: what is lent twice to a call because of them
    /// may be lent once then.
    One,
}

/// Gives the objects that have several owners to the module, or to a function; nothing where
/// there are none.
/// `done` are the classes whose objects it has already.
/// `keeps` says whether the module can keep them in a variable of its own.
pub fn arenas(
    module: &Module,
    model: &Model,
    keeps: bool,
    pace: Pace,
    done: &mut BTreeSet<String>,
) -> Option<Module> {
    let types = known::parameters(module, model);
    let known = Known::of(module, model, &types);
    if keeps && let Some(found) = aliases::aliases(module, &known) {
        return Some(found);
    }
    let shared = known.shared();
    if shared.is_empty() {
        return None;
    }
    if pace == Pace::One {
        let owned = classes(module, &known, keeps, pace, &known.owned(), done);
        if owned.is_some() {
            return owned;
        }
    }
    if keeps && !model.lent_twice.is_empty() {
        // It may be all that is needed.
        let found = apart::apart(module, &known, done);
        if let Some(found) = found.or_else(|| handed::handed(module, &known, done)) {
            return Some(found);
        }
    }
    classes(module, &known, keeps, pace, &shared, done)
}

/// Gives the objects of those classes to the module, or to a function.
fn classes(
    module: &Module,
    known: &Known<'_>,
    keeps: bool,
    pace: Pace,
    classes: &[String],
    done: &mut BTreeSet<String>,
) -> Option<Module> {
    let mut found = None;
    for class in classes {
        if done.contains(class) || pace == Pace::One && found.is_some() {
            continue;
        }
        let current = found.as_ref().unwrap_or(module);
        let known = known.at(current);
        let kept = || {
            single::single(current, &known, class)
                .or_else(|| members::members(current, &known, class))
        };
        let next = match keeps {
            true => kept(),
            false => None,
        };
        let next = next.or_else(|| grown::grown(current, &known, class));
        if next.is_some() {
            done.insert(class.clone());
            found = next;
            continue;
        }
        // It looks through what others hold: by types of the module as it is.
        if keeps
            && found.is_none()
            && let Some(swept) = swept::swept(current, &known, class)
        {
            done.insert(class.clone());
            return Some(swept);
        }
    }
    found
}
