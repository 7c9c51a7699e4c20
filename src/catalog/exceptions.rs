//! Python's exception classes: which there are, and what each derives from.
//!
//! Enters: names. Leaves: the class above a class, and whether one is caught as another.
//! This module must not know the syntax tree.

use std::collections::BTreeMap;

/// The builtin exceptions and those of libraries, each with its base.
const BUILTIN: &[(&str, &str)] = &[
    ("BaseException", ""),
    ("KeyboardInterrupt", "BaseException"),
    ("SystemExit", "BaseException"),
    ("GeneratorExit", "BaseException"),
    ("Exception", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("FloatingPointError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("EOFError", "Exception"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("OSError", "Exception"),
    ("IOError", "OSError"),
    ("ConnectionError", "OSError"),
    ("TimeoutError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("PermissionError", "OSError"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SystemError", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("StatisticsError", "ValueError"),
    (crate::desugar::packed::ERROR, "Exception"),
    ("Warning", "Exception"),
    ("UserWarning", "Warning"),
    ("RuntimeWarning", "Warning"),
    ("DeprecationWarning", "Warning"),
];

/// The class that a builtin exception derives from; itself has none.
pub fn base(name: &str) -> Option<&'static str> {
    BUILTIN
        .iter()
        .find(|(class, _)| *class == name)
        .map(|(_, base)| *base)
}

/// Whether Python has an exception of that name.
pub fn is_builtin(name: &str) -> bool {
    base(name).is_some()
}

/// Whether `class` is `wanted` or derives from it; `own` are the file's classes with
/// their bases.
pub fn derives(class: &str, wanted: &str, own: &BTreeMap<String, String>) -> bool {
    let mut class = class.to_string();
    let wanted = match wanted.rsplit_once('.') {
        Some((_, library @ "StatisticsError")) => library,
        _ => wanted,
    };
    // A class of the file may be named twice; no chain is longer than all classes.
    for _ in 0..own.len() + BUILTIN.len() {
        if class == wanted {
            return true;
        }
        match own.get(&class) {
            Some(above) => class = above.clone(),
            None => match base(&class) {
                Some(above) if !above.is_empty() => class = above.to_string(),
                _ => return false,
            },
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_caught_by_those_above_it() {
        let own = BTreeMap::from([("Late".to_string(), "ValueError".to_string())]);
        assert!(derives("Late", "Exception", &own));
        assert!(derives("KeyError", "LookupError", &own));
        assert!(!derives("ValueError", "Late", &own));
        assert!(!derives("KeyError", "IndexError", &own));
        assert!(derives(
            "StatisticsError",
            "statistics.StatisticsError",
            &own
        ));
        assert!(!derives("serial.SerialException", "Exception", &own));
    }
}
