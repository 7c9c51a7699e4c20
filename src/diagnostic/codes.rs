//! Every diagnostic code: its number, gravity, one line, and what `migrate explain` says.
//!
//! A code is known here and where it is raised, nowhere else. Codes are stable: a number
//! is never reused.

use super::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal, $severity:ident, $title:literal, $explain:literal;)*) => {
        /// A stable diagnostic code, `MIGnnnn`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All codes in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// `MIG0203`
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => concat!("MIG", $number),)* }
            }

            /// How grave it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            /// What it means, in one line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// The page that `migrate explain` shows: why, an example, what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => $explain,)* }
            }

            /// The code of that name, in any case: `MIG0203`, `mig0203`.
            pub fn from_name(name: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.name().eq_ignore_ascii_case(name))
            }
        }

        impl std::fmt::Display for Code {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

codes! {
    SyntaxError = "0001", Error, "the file is not valid Python",
        "The file does not parse as Python 3, so nothing was translated.\n\nRun `python3 -m py_compile FILE` for CPython's own message.\n";
    UnsupportedSyntax = "0201", Error, "this syntax is not translated",
        "The statement or expression has no translation yet. In the generated Rust it is a\n`todo!` with the Python lines above it as a comment; everything around it is translated.\n\nRewrite the Python with plainer syntax, or write the Rust by hand in its place.\n";
    UnknownType = "0202", Error, "no type could be inferred",
        "Rust needs one type for every value. Types come from the message and state structs,\nfrom constants, from annotations and from call sites; here none of them says enough,\nor they contradict each other.\n\nAnnotate the name (`x: float = …`), or give it a value of one type.\n";
    UnsupportedCall = "0203", Error, "this function or method is not translated",
        "The call has no translation yet, or has none at all (`eval`, `open`, `input`).\nIn the generated Rust it is a `todo!`.\n\nFor the clock use `ctx.now()`; for files and devices use a Copper resource or a source\ntask; for anything else write the Rust by hand in its place.\n";
    UnsupportedModule = "0204", Error, "this import is not translated",
        "Only `math` is known so far. Uses of other modules are holes.\n\nMove the code that needs the module into a task of its own, or write it in Rust.\n";
    TypeMismatch = "0205", Error, "Python would raise a TypeError here, or the types do not fit",
        "The operation has no meaning for the types that were inferred, or the value does not\nfit the message field it is written to: Copper's PyTask would fail the cycle.\n";
    UnknownField = "0206", Error, "the message or state has no such field",
        "PyTask raises an AttributeError when a missing field is read, and silently drops a\nmissing field that is written.\n\nCompare the name with the Rust struct; names are listed in the help line.\n";
    PartlyHandled = "0207", Error, "this use is beyond what is translated",
        "The construct is known, but not in this form.\n";
    GlobalState = "0301", Warning, "state lives outside `state`",
        "A module global changes while the task runs. Copper's keyframes do not hold it, so a\nreplay from the middle of a log would differ in Python. In the Rust it is a field of\nthe task, frozen and thawed with it.\n";
    UnknownFieldWritten = "0302", Warning, "a field that the message does not have is written",
        "PyTask ignores a key that the Rust struct does not have: the value goes nowhere. The\nRust leaves the write out, but keeps what computing the value can raise.\n";
    PrintInProcessMode = "0303", Warning, "`print` in process mode breaks the protocol",
        "In `mode: \"process\"` the Python talks to Copper over its standard output: `print`\ncorrupts that stream and the task fails. In the Rust it becomes a log macro.\n";
    MethodNamedField = "0304", Warning, "a field is named like a dict method",
        "Payloads are dict subclasses in Python: `payload.values`, `items`, `keys`, `get`,\n`pop`, `update`, `copy`, `clear` read the method, not the field.\n";
    LostWrite = "0305", Warning, "this write is lost in Python",
        "PyTask notices writes by attribute and by index. A change through an alias of an empty\npayload is not noticed, and the payload stays absent. The Rust keeps that.\n";
    FloatForInt = "0306", Warning, "an int and a float share one variable",
        "The variable holds an int on one path and a float on another. In Rust it is `f64`:\nequal to Python up to 2**53.\n";
    StaleSlot = "0307", Note, "an output is written only in part",
        "Copper reuses output slots: a field that is not written keeps the value of an earlier\ncycle, in Python and in the Rust alike.\n";
    TovNotSet = "0308", Note, "`tov` is not propagated",
        "The Python does not set the output's time of validity, so neither does the Rust.\nMost tasks want `output.tov = input.tov`.\n";
    UnusedSuppression = "0309", Warning, "an `allow` that allows nothing",
        "`# migrate: allow(MIG…)` stands on a line that has no such diagnostic.\n";
    MutatedInput = "0310", Warning, "an input is changed",
        "PyTask works on a copy of the inputs: the change is visible in this call only.\n";
    LibmUlp = "0311", Note, "this function may differ in the last bit",
        "`math.pow`, `**`, `math.hypot` and a few others are computed by the C library in\nPython and by Rust's standard library here: they may differ by one ULP.\n";
    AlwaysRaises = "0312", Warning, "this always raises",
        "Every path through this expression raises in Python; the Rust returns the error.\n";
}
