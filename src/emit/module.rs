//! The file of a plain module: no Copper in it.

use super::{About, Formatter, Marks, collections, constants, finished, head, items};
use crate::error::Error;
use crate::ir::print::Style;
use crate::ir::{Block, Expr, Function, RTy, Stmt, StmtKind};
use crate::lower::Task;
use crate::project::Form;
use crate::translation::GeneratedFile;
use askama::Template;
use std::path::{Path, PathBuf};

#[derive(Template)]
#[template(path = "module/module.rs.txt", escape = "none")]
struct ModuleTemplate {
    header: String,
    imports: String,
    consts: String,
    functions: String,
}

/// Emits the file of a plain module; its path is relative to where the script is.
///
/// # Errors
/// rustfmt cannot be run, or does not accept the text.
pub fn emit_module(
    module: &Task,
    about: About<'_>,
    rustfmt: Formatter,
) -> Result<GeneratedFile, Error> {
    let style = Style {
        copper: false,
        public: about.binding.form == Form::Library,
    };
    let mut module = module.clone();
    let others: Vec<String> = module.functions.iter().map(|f| f.name.clone()).collect();
    if about.binding.form == Form::Program
        && let Some(place) = module.functions.iter().position(|f| f.name == "main")
        && let Some(main) = module.functions.get_mut(place)
        && main.fallible
    {
        let name = ["run", "try_main", "run_program"]
            .into_iter()
            .find(|name| !others.iter().any(|o| o == name))
            .unwrap_or("main_");
        main.name = name.into();
        let span = main.span;
        let shell = Function {
            span,
            ..reporting_main(name)
        };
        module.functions.insert(place, shell);
    }
    let mut marks = Marks::default();
    let consts = constants(&module, style, &mut marks);
    let functions = items(&module, style, &mut marks);
    let template = ModuleTemplate {
        header: head(about).render(),
        imports: collections(&[&functions, &consts]).unwrap_or_default(),
        consts,
        functions,
    };
    let text = template.render().map_err(|error| Error::Environment {
        message: format!("the module template: {error}"),
        help: "this is a fault of migrate: please report it".into(),
    })?;
    let (text, lines) = finished(&text, &marks, rustfmt)?;
    let script = Path::new(&about.binding.script_name);
    let stem = script.file_stem().map_or_else(
        || "module".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    Ok(GeneratedFile {
        stateless: false,
        path: PathBuf::from(format!("{stem}.rs")),
        module: vec![stem],
        type_name: String::new(),
        text,
        lines,
    })
}

/// `main` around a program that can fail: as Python, it reports what was raised and exits
/// with 1.
fn reporting_main(name: &str) -> Function {
    let failed = Expr::Let("Err(error)".into(), Box::new(Expr::call(name, vec![])));
    let report = Expr::Macro("eprintln".into(), vec![Expr::atom("\"{error}\"")]);
    let exit = Expr::call("std::process::exit", vec![Expr::atom("1")]);
    let then = Block::of(vec![
        Stmt::new(StmtKind::Expr(report)),
        Stmt::new(StmtKind::Expr(exit)),
    ]);
    Function {
        span: None,
        doc: Vec::new(),
        comments: Vec::new(),
        attributes: Vec::new(),
        name: "main".into(),
        receiver: None,
        params: Vec::new(),
        ret: RTy::Unit,
        fallible: false,
        error: "",
        body: Block::of(vec![Stmt::new(StmtKind::Expr(Expr::If {
            cond: Box::new(failed),
            then,
            otherwise: None,
        }))]),
    }
}
