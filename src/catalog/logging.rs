//! `print` and `logging`, which become Copper's log macros: lowered with the texts.

use super::{Arg, Call, Known, Site, Special, Textual};
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Fact, Val};

fn nothing(_: &[Arg]) -> Result<Fact, String> {
    Ok(Fact::of(Ty::None))
}

/// The fact of `logging.INFO` and its kin.
pub(super) fn level(name: &str) -> Option<Fact> {
    let value = match name {
        "logging.NOTSET" => 0,
        "logging.DEBUG" => 10,
        "logging.INFO" => 20,
        "logging.WARNING" => 30,
        "logging.ERROR" => 40,
        "logging.CRITICAL" => 50,
        _ => return None,
    };
    Some(Fact::int(IntRange::exactly(value)))
}

/// The name of Copper's macro for a level.
pub fn macro_of(level: IntRange) -> Option<&'static str> {
    let (Some(low), Some(high)) = (level.lo, level.hi) else {
        return None;
    };
    match (low == high).then_some(low)? {
        1..20 => Some("debug"),
        20..30 => Some("info"),
        30..40 => Some("warning"),
        40..50 => Some("error"),
        50.. => Some("critical"),
        _ => None,
    }
}

/// A logger is the module itself: its methods are the module's functions.
fn logger(_: &[Arg]) -> Result<Fact, String> {
    Ok(Fact::of(Ty::Module("logging".into())))
}

fn no_value(_: Call, _: &mut Site) -> Result<Val, String> {
    Err("a logger as a value is not translated".into())
}

macro_rules! levels {
    ($($setup:literal)*; $($name:literal => $macro:literal),*) => {
        &[
            Known {
                name: "print",
                doc: "`print(…)`: `info!`",
                infer: nothing,
                lower: no_value,
                special: Special { textual: Some(Textual::Print), ..Special::NONE },
            },
            Known {
                name: "logging.getLogger",
                doc: "`logging.getLogger(…)`: none is needed",
                infer: logger,
                lower: no_value,
                special: Special::NONE,
            },
            Known {
                name: "logging.log",
                doc: "`logging.log(level, …)` of a constant level: as the method of that level",
                infer: nothing,
                lower: no_value,
                special: Special { textual: Some(Textual::LogAt), ..Special::NONE },
            },
            $(Known {
                name: concat!("logging.", $setup),
                doc: concat!("`logging.", $setup, "(…)`: nothing, Copper has its own logging"),
                infer: nothing,
                lower: no_value,
                special: Special { textual: Some(Textual::LogSetup), ..Special::NONE },
            },)*
            $(Known {
                name: concat!("logging.", $name),
                doc: concat!("`logging.", $name, "(…)`: `", $macro, "!`"),
                infer: nothing,
                lower: no_value,
                special: Special { textual: Some(Textual::Log($macro)), ..Special::NONE },
            },)*
        ]
    };
}

pub(super) const ALL: &[Known] = levels! {
    "basicConfig" "setLevel" "disable" "captureWarnings";
    "debug" => "debug", "info" => "info", "warning" => "warning", "warn" => "warning",
    "error" => "error", "exception" => "error", "critical" => "critical", "fatal" => "critical"
};
