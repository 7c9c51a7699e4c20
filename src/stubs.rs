//! Types of an app's messages and states for Python: a stub package that editors, mypy and
//! pyright read, and the annotations of a script that name them.
//!
//! Enters: the [`Project`], or the parsed module. Leaves: the files of the package, and what
//! the annotations of `process` say. Nothing is written here. This module must not know how
//! a script is translated.

mod annotations;
mod names;
mod text;

pub use annotations::{annotated, mismatches};
pub use names::names;

use crate::header::hash;
use crate::project::{Binding, Project, PythonMode, RustTy};
use std::path::{Path, PathBuf};

/// The name of the package.
pub const PACKAGE: &str = "copper_stubs";

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StubFile {
    /// Its path from the directory that the package lies in.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// How the file that is there stands to the one that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Absent,
    /// It says the same.
    Same,
    /// An earlier run wrote it, and nobody changed it since.
    Generated,
    /// An earlier run wrote it, and somebody changed it.
    Edited,
    /// It is no file of ours.
    Foreign,
}

/// What the line with the seal starts with.
const SEAL: &str = "# migrate: stubs, seal = \"";

/// The files of the package for an app.
pub fn stubs(project: &Project) -> Vec<StubFile> {
    let file = |name: &str, text: String| StubFile {
        path: Path::new(PACKAGE).join(name),
        text: sealed(&text),
    };
    vec![
        file("__init__.pyi", text::stub(project)),
        file("__init__.py", text::runtime()),
        file("py.typed", String::new()),
    ]
}

/// The signature of a task's `process` with the types of the stubs.
pub fn signature(project: &Project, binding: &Binding) -> String {
    let [ctx, input, state, output] = parameters(project, binding);
    format!("def process(ctx: {ctx}, input: {input}, state: {state}, output: {output}) -> None:")
}

/// The types of the parameters of a task's `process`.
pub fn parameters(project: &Project, binding: &Binding) -> [String; 4] {
    let names = names(&project.types);
    let side = |wrapper: &str, tys: &[RustTy]| {
        let one = |ty: &RustTy| format!("{wrapper}[{}]", text::plain(project, &names, ty));
        match tys {
            [ty] => one(ty),
            [] => "tuple[()]".to_owned(),
            tys => format!(
                "tuple[{}]",
                tys.iter().map(one).collect::<Vec<_>>().join(", ")
            ),
        }
    };
    [
        "Ctx".to_owned(),
        side("Msg", &binding.inputs),
        text::plain(project, &names, &binding.state),
        side("Out", &binding.outputs),
    ]
}

/// Compares the file that is there with the one that was made.
pub fn standing(existing: Option<&str>, made: &str) -> Standing {
    match existing {
        None => Standing::Absent,
        Some(text) if text == made => Standing::Same,
        Some(text) => match text.split_once('\n') {
            Some((line, rest)) if line.trim_end() == seal_of(rest) => Standing::Generated,
            Some((line, _)) if line.starts_with(SEAL) => Standing::Edited,
            Some(_) | None => Standing::Foreign,
        },
    }
}

/// Whether a file is one of ours, changed or not.
pub fn is_stub(text: &str) -> bool {
    text.starts_with(SEAL)
}

fn seal_of(rest: &str) -> String {
    format!("{SEAL}{}\"", hash(rest))
}

fn sealed(text: &str) -> String {
    format!("{}\n{text}", seal_of(text))
}

/// How a `char` reaches the Python of an app: an int in process mode, a text in embedded mode.
fn char_type(project: &Project) -> &'static str {
    let bindings = project
        .nodes
        .iter()
        .filter_map(|node| node.binding.as_ref());
    let modes: Vec<PythonMode> = bindings.map(|binding| binding.mode).collect();
    let has = |mode| modes.contains(&mode);
    match (has(PythonMode::Process), has(PythonMode::Embedded)) {
        (true, false) => "int",
        (false, true) => "str",
        _ => "int | str",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_untouched_file_may_be_replaced() {
        let (old, new) = (sealed("a = 1\n"), sealed("b = 1\n"));
        assert_eq!(standing(None, &new), Standing::Absent);
        assert_eq!(standing(Some(&new), &new), Standing::Same);
        assert_eq!(standing(Some(&old), &new), Standing::Generated);
        assert_eq!(
            standing(Some(&old.replace("a = 1", "a = 2")), &new),
            Standing::Edited
        );
        assert_eq!(
            standing(Some(&old.replace('\n', "\r\n")), &new),
            Standing::Generated
        );
        assert_eq!(standing(Some("a = 1\n"), &new), Standing::Foreign);
        assert_eq!(standing(Some(""), &new), Standing::Foreign);
    }
}
