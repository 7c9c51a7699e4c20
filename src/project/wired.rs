//! Binds a node whose `type` is a task that `migrate` generated.
//!
//! Enters: the struct that the node's type names. Leaves: the [`Binding`](super::Binding)
//! it had as a PyTask, from the file's header and its `impl CuTask`.

use super::bindings::Bound;
use super::messages::{Scope, TypeReader};
use super::modules::{ModPath, line_of};
use super::problem::Problem;
use super::schema::RustTy;
use super::{Binding, Form, PythonMode, PythonVersion};
use crate::header::Header;
use std::path::Path;
use syn::Token;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;

/// Binds a node to the struct `name` of `module`, where its file has our header.
pub(super) fn bind(
    reader: &mut TypeReader,
    root: &Path,
    module: &ModPath,
    name: &str,
    line: usize,
) -> Result<Bound, Problem> {
    let Some(file) = reader.sources.crates.get(module).map(|m| m.file.clone()) else {
        return Ok(Bound::Rust);
    };
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let Some(header) = Header::parse(&text).filter(|h| !h.is_module()) else {
        return Ok(Bound::Rust);
    };
    let remake = "restore the file, or delete it and translate the script anew";
    let problem = |line: usize, message: String| Problem::new(&file, line, message, remake);
    let mode = PythonMode::from_name(&header.mode)
        .ok_or_else(|| problem(1, format!("its header has `mode = {:?}`", header.mode)))?;
    let state: syn::Type = syn::parse_str(&header.state)
        .map_err(|_| problem(1, format!("its header has `state = {:?}`", header.state)))?;
    let state = reader.read(&state, &Scope::foreign())?;
    let (input, output) = associated_types(reader, module, name)
        .ok_or_else(|| problem(line, format!("`{name}` has no `impl CuTask`")))?;
    let scope = Scope::new(module.clone());
    let inputs = side(reader, &input, &scope, &file)?;
    let outputs = side(reader, &output, &scope, &file)?;
    // It is declared in the module around it, and there a new version of it would go.
    let home = module.parent().unwrap_or_else(|| module.clone());
    let (module_file, child_dir) = reader.sources.files_of(&home);
    Ok(Bound::Python(Box::new(Binding {
        script: root.join(&header.script),
        script_name: header.script,
        mode,
        inputs,
        state,
        outputs,
        module: home.path,
        module_file,
        child_dir,
        wired: Some(file),
        form: Form::Task,
        python: PythonVersion::default(),
    })))
}

/// `type Input<'m>` and `type Output<'m>` of a task.
fn associated_types(
    reader: &TypeReader,
    module: &ModPath,
    name: &str,
) -> Option<(syn::Type, syn::Type)> {
    let found = reader.sources.crates.get(module)?;
    let item = found.impls.iter().find(|item| {
        let is_task = item.trait_.as_ref().is_some_and(|(_, path, _)| {
            path.segments
                .last()
                .is_some_and(|last| last.ident == "CuTask" || last.ident == "CuStatelessTask")
        });
        let is_ours =
            matches!(item.self_ty.as_ref(), syn::Type::Path(ty) if ty.path.is_ident(name));
        is_task && is_ours
    })?;
    let associated = |wanted: &str| {
        item.items.iter().find_map(|item| match item {
            syn::ImplItem::Type(item) if item.ident == wanted => Some(item.ty.clone()),
            _ => None,
        })
    };
    Some((associated("Input")?, associated("Output")?))
}

/// The messages of `input_msg!('m, A, B)`, `output_msg!(A, B)` and of `()`.
fn side(
    reader: &mut TypeReader,
    ty: &syn::Type,
    scope: &Scope,
    file: &Path,
) -> Result<Vec<RustTy>, Problem> {
    let types: Vec<syn::Type> = match ty {
        syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Vec::new(),
        syn::Type::Macro(call) => types_of
            .parse2(call.mac.tokens.clone())
            .map_err(|error| macro_problem(file, ty, &error.to_string()))?,
        _ => {
            return Err(macro_problem(
                file,
                ty,
                "not an `input_msg!` or `output_msg!`",
            ));
        }
    };
    types.iter().map(|ty| reader.read(ty, scope)).collect()
}

fn types_of(input: ParseStream<'_>) -> syn::Result<Vec<syn::Type>> {
    if input.peek(syn::Lifetime) {
        input.parse::<syn::Lifetime>()?;
        input.parse::<Token![,]>()?;
    }
    let types = Punctuated::<syn::Type, Token![,]>::parse_terminated(input)?;
    Ok(types.into_iter().collect())
}

fn macro_problem(file: &Path, ty: &syn::Type, why: &str) -> Problem {
    Problem::new(
        file,
        line_of(ty),
        format!("the messages of the task cannot be read: {why}"),
        "keep `type Input` and `type Output` as migrate wrote them",
    )
}
