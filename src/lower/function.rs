//! One function: its parameters, its body, how it returns.

use super::Lowerer;
use super::shadow::Shadows;
use crate::ast::{self, ParamKind, StmtKind as PyStmt};
use crate::diagnostic::Code;
use crate::infer::scope::{BlockRef, FnScope};
use crate::infer::{FnId, FnModel, Path, Role, Seg};
use crate::ir::{self, Block, Expr, RTy, Stmt, StmtKind, tidy};
use crate::source::Span;
use crate::ty::{Side, Ty, last_segment};
use crate::value::Fact;
use std::collections::{BTreeMap, BTreeSet};

/// The body's block.
pub(super) const BODY: BlockRef = BlockRef {
    owner: None,
    slot: 0,
    is_loop: false,
};

/// A Rust name that stands for the value at a path.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) path: Path,
    pub(super) expr: Expr,
    pub(super) rty: RTy,
    /// It borrows the message mutably: gone once the message is used in another way.
    pub(super) borrows: bool,
}

/// State of lowering one function.
pub(super) struct FnLower<'l, 'a> {
    pub(super) lw: &'l mut Lowerer<'a>,
    pub(super) model: &'a FnModel,
    pub(super) function: &'a ast::Function,
    pub(super) scope: FnScope,
    pub(super) shadows: Shadows,
    /// The statements of the block under construction.
    pub(super) out: Vec<Stmt>,
    /// The first lines of the statements under construction, innermost last.
    pub(super) spans: Vec<Span>,
    pub(super) blocks: Vec<BlockRef>,
    pub(super) bounds: Vec<Bound>,
    /// Loops over elements in place of indices: the list, the index variable, the element.
    pub(super) elements: Vec<(Path, String, String)>,
    /// What the loops around say of their variables.
    pub(super) withins: Vec<super::within::Within>,
    pub(super) declared: BTreeSet<String>,
    pub(super) unbound: BTreeSet<String>,
    pub(super) var_types: BTreeMap<String, RTy>,
    pub(super) renamed: BTreeMap<String, String>,
    pub(super) taken: BTreeSet<String>,
    pub(super) ret: RTy,
    /// What is stored goes to the state or an output, into which PyTask copies.
    pub(super) copied_by_pytask: bool,
    /// Above zero where an expression is not evaluated in every case.
    pub(super) conditional: usize,
    /// Set where a variable is returned as it is: nothing here reads it again.
    pub(super) leaving: bool,
    /// What follows the statement under construction in each block around it.
    pub(super) rest: Vec<&'a [ast::Stmt]>,
    pub(super) hole_in_stmt: bool,
    /// The variable that was read last, where that was the last time.
    pub(super) moving: Option<String>,
    /// Why the whole function is a hole.
    pub(super) fatal: Option<String>,
    pub(super) has_holes: bool,
    /// The labels of the loops around the statement under construction.
    pub(super) loops: Vec<super::labels::LoopLabels>,
    /// The `:=` that were bound before the statement that they stand in.
    pub(super) named: BTreeSet<ast::NodeId>,
    /// How many labelled blocks stand around it.
    pub(super) open_blocks: usize,
    /// The `finally` around the statement, outermost first.
    pub(super) finals: Vec<super::attempt::Final<'a>>,
    /// The exceptions of the handlers around the statement, by their variables.
    pub(super) catching: Vec<Option<String>>,
    /// How many `try` bodies with handlers stand around the statement.
    pub(super) tries: u32,
    /// Whether the value of the assignment under construction may raise in a `try`.
    pub(super) raises_first: bool,
    /// How many `try` statements have labels.
    pub(super) labels: usize,
    /// The function under construction.
    pub(super) own_id: Option<FnId>,
    /// In `__init__`: the instance under construction.
    pub(super) constructor: Option<super::classes::Constructor>,
    /// The names that the messages have in Rust, by path.
    pub(super) messages: BTreeMap<Path, String>,
}

/// Lowers a function; nothing where a parameter's type is not known.
pub(super) fn lower_function(lw: &mut Lowerer<'_>, id: FnId) -> Option<ir::Function> {
    let model = lw.input.model.functions.get(id.0)?;
    let function = *lw.functions.get(&model.python_name)?;
    let mut this = FnLower::new(lw, model, function);
    this.own_id = Some(id);
    this.whole(id)
}

/// Lowers an expression of the module level to a value of type `ty`.
pub(super) fn module_value<'a>(lw: &mut Lowerer<'a>, e: &'a ast::Expr, ty: &RTy) -> Expr {
    let (model, function) = (&lw.input.model.module, lw.input.module_function);
    let mut this = FnLower::new(lw, model, function);
    this.spans.push(this.lw.first_line(e.span));
    this.blocks.push(BODY);
    // There is no statement before it that could hold a name.
    this.conditional = 1;
    let value = this
        .expr_as(e, ty)
        .and_then(|val| this.coerce(val, ty, e.span, "the value"));
    value.unwrap_or_else(|hole| hole)
}

impl<'l, 'a> FnLower<'l, 'a> {
    fn new(lw: &'l mut Lowerer<'a>, model: &'a FnModel, function: &'a ast::Function) -> Self {
        let scope = crate::infer::scope::resolve(function);
        let unbound = unbound_vars(model, &scope);
        FnLower {
            model,
            function,
            scope,
            shadows: Shadows::default(),
            out: Vec::new(),
            spans: Vec::new(),
            blocks: Vec::new(),
            bounds: Vec::new(),
            elements: Vec::new(),
            withins: Vec::new(),
            declared: BTreeSet::new(),
            unbound,
            var_types: BTreeMap::new(),
            renamed: BTreeMap::new(),
            taken: BTreeSet::new(),
            ret: RTy::Unit,
            copied_by_pytask: false,
            conditional: 0,
            leaving: false,
            rest: Vec::new(),
            hole_in_stmt: false,
            moving: None,
            fatal: None,
            has_holes: false,
            loops: Vec::new(),
            open_blocks: 0,
            finals: Vec::new(),
            catching: Vec::new(),
            tries: 0,
            raises_first: false,
            labels: 0,
            own_id: None,
            named: BTreeSet::new(),
            messages: BTreeMap::new(),
            constructor: None,
            lw,
        }
    }
}

/// Variables that are read where they may not be bound: Python raises there.
fn unbound_vars(model: &FnModel, scope: &FnScope) -> BTreeSet<String> {
    scope
        .names
        .iter()
        .filter(|(node, _)| model.facts.get(node).is_some_and(|f| f.unbound))
        .map(|(_, version)| version.clone())
        .filter(|version| model.vars.get(version).is_some_and(|v| v.alias.is_none()))
        .collect()
}

impl<'a> FnLower<'_, 'a> {
    fn whole(&mut self, id: FnId) -> Option<ir::Function> {
        let entry = self.model.role != Role::Helper;
        self.check_signature();
        let mut params = Vec::new();
        if entry {
            self.entry_params();
        } else {
            params = self.helper_params()?;
            if !self.is_main() {
                params.extend(self.global_params());
            }
            let is_init = self.model.python_name.ends_with(".__init__");
            if is_init {
                let class = self.own_class()?;
                self.lw.used_classes.insert(class.clone());
                self.ret = RTy::Named("<class>::Self".into());
                self.constructor = Some(super::classes::Constructor {
                    class,
                    ..Default::default()
                });
            }
            self.ret = match self.model.ret.ty {
                _ if self.is_main() => RTy::Unit,
                _ if is_init => RTy::Named("<class>::Self".into()),
                Ty::Unknown => RTy::Unit,
                _ => match self.lw.natural(&self.model.ret) {
                    Some(RTy::String) if self.returns_literals() => RTy::Str,
                    Some(ty) => ty,
                    None => {
                        let what = self.model.ret.ty.describe();
                        let message = format!("`{}` returns {what}", self.function.name.name);
                        self.lw.report(
                            Code::PartlyHandled,
                            self.function.name.span,
                            &message,
                            None,
                        );
                        return None;
                    }
                },
            };
        }
        let patterns = match self.model.role {
            Role::Process => [
                self.name_messages(Side::Input),
                self.name_messages(Side::Output),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Role::Start | Role::Stop | Role::Helper => Vec::new(),
        };
        self.shadows = Shadows::of(self);
        if self.model.role == Role::Process {
            self.note_outputs();
        }
        let body_ast = &self.function.body;
        let mut body = self.block_in(body_ast, BODY, &mut |this| this.prologue());
        if self.fatal.is_none() && !self.ends_diverging(&body) {
            let mut exit = self.exit_stmts(None);
            body.stmts.append(&mut exit);
            if let Some(value) = self.constructor_value() {
                body.value = Some(Box::new(value));
            } else if matches!(self.ret, RTy::Option(_)) {
                body.value = Some(Box::new(Expr::atom("None")));
            } else if self.ret != RTy::Unit {
                // Only behind a hole does control seem to get here.
                body.value = Some(Box::new(Expr::Hole("not reached".into())));
            }
        }
        if entry {
            self.bind_state(&mut body);
        }
        if self.is_main() {
            let variables = self.lw.variables_of_main(self.model);
            body.stmts.splice(0..0, variables);
        }
        let patterns: Vec<Stmt> = patterns;
        // A side whose messages are not used needs no names.
        let used = |stmt: &Stmt| match &stmt.kind {
            StmtKind::LetPattern { names, .. } => {
                names.iter().any(|n| ir::uses::mentions(&body, n))
            }
            _ => true,
        };
        let patterns: Vec<Stmt> = patterns.into_iter().filter(|p| used(p)).collect();
        body.stmts.splice(0..0, patterns);
        if let Some(why) = self.fatal.take() {
            // What Python would do with such a function is not what its body says.
            self.has_holes = true;
            body.stmts
                .insert(0, Stmt::new(StmtKind::Expr(Expr::Hole(why))));
        }
        self.lw.note_raises(id, &body, &self.ret);
        let typed = self.lw.is_typed(id);
        if typed {
            super::attempt::raised::make_typed(&mut body, &self.lw.callees());
        }
        let fallible = entry
            || body.can_fail()
            || self.lw.recursive.contains(&id) && self.recursion_can_fail();
        if fallible {
            let same = |call: &Expr| match self.lw.callees().called(call) {
                Some(name) => self.lw.typed.contains(name) == typed,
                None => !typed,
            };
            wrap_returns(&mut body, &same);
            let value = body.value.take().map_or_else(|| Expr::atom("()"), |v| *v);
            if !body.diverges() {
                body.value = Some(Box::new(ok(value, &same)));
            }
        }
        tidy::function_body(&mut body);
        let own: Vec<String> = params.iter().map(|(name, _)| name.clone()).collect();
        let helpers: Vec<&str> = crate::catalog::Helper::ALL
            .iter()
            .map(|h| h.name())
            .collect();
        tidy::unhide(&mut body, &own, &helpers);
        let names: Vec<&str> = params
            .iter()
            .map(|(name, _): &(String, RTy)| name.as_str())
            .collect();
        let reassigned: Vec<String> = names
            .iter()
            .filter(|n| ir::uses::uses_in(&body, n).assigns > 0)
            .map(|n| n.to_string())
            .collect();
        for (name, ty) in &mut params {
            let uses = ir::uses::uses_in(&body, name);
            if reassigned.contains(name) || (uses.mutations > 0 && !matches!(ty, RTy::RefMut(_))) {
                *name = format!("mut {name}");
            } else if uses == ir::uses::Uses::default() {
                *name = format!("_{name}");
            }
            self.lw.use_types(ty);
        }
        let ret = self.ret.clone();
        self.lw.use_types(&ret);
        let mut attributes = Vec::new();
        if self.has_holes {
            attributes.push("#[allow(unreachable_code, unused_variables, unused_mut, clippy::diverging_sub_expression)]".to_string());
        }
        if negates_order(&body) {
            attributes.push("#[allow(clippy::neg_cmp_op_on_partial_ord)]".to_string());
        }
        if indexes_by_variable(&body) {
            attributes.push("#[allow(clippy::needless_range_loop)]".to_string());
        }
        if params
            .iter()
            .any(|(_, ty)| matches!(ty, RTy::RefMut(inner) if matches!(**inner, RTy::Vec(_) | RTy::Map { ordered: true, .. })))
        {
            attributes.push("#[allow(clippy::ptr_arg)]".to_string());
        }
        if params.len() > 7 {
            attributes.push("#[allow(clippy::too_many_arguments)]".to_string());
        }
        Some(ir::Function {
            span: Some(self.lw.first_line(self.function.name.span)),
            doc: self
                .function
                .doc
                .as_ref()
                .map_or_else(Vec::new, |d| d.text.lines().map(str::to_string).collect()),
            comments: self.leading_comments(),
            attributes,
            name: self.lw.function_name(id),
            receiver: self.receiver_text(),
            params,
            ret,
            fallible,
            error: if typed { "Raised" } else { "" },
            body,
        })
    }

    /// `&self` or `&mut self` of a method.
    fn receiver_text(&self) -> Option<String> {
        if !self.has_receiver() || self.model.python_name.ends_with(".__init__") {
            return None;
        }
        Some(
            if self.is_enum_method() {
                "self"
            } else if self.model.mutated.contains(&0) {
                "&mut self"
            } else {
                "&self"
            }
            .to_string(),
        )
    }

    fn leading_comments(&self) -> Vec<String> {
        self.lw
            .input
            .module
            .body
            .stmts
            .iter()
            .flat_map(|s| match &s.kind {
                PyStmt::Class(class) => class.body.stmts.iter().collect(),
                _ => vec![s],
            })
            .find(|s| matches!(&s.kind, PyStmt::Function(f) if f.name == self.function.name))
            .map_or_else(Vec::new, |s| {
                s.comments.iter().map(|c| c.text.clone()).collect()
            })
    }

    /// A recursive function is taken to fail: its own calls were lowered with `?`.
    fn recursion_can_fail(&self) -> bool {
        true
    }

    fn check_signature(&mut self) {
        let unknown = match self.own_class() {
            Some(_) => self.function.method_kind().err(),
            None => self.function.decorators.first(),
        };
        if let Some(decorator) = unknown {
            let message = format!(
                "the decorators of `{}` are not translated yet",
                self.function.name.name
            );
            self.lw
                .report(Code::UnsupportedSyntax, decorator.span, &message, None);
            self.fatal = Some(format!("{} {message}", Code::UnsupportedSyntax));
        }
        if self.function.is_async {
            let message = "an async function silently does nothing under PyTask";
            self.lw.report(
                Code::UnsupportedSyntax,
                self.function.name.span,
                message,
                Some("make it a plain function"),
            );
            self.fatal = Some(format!("{} {message}", Code::UnsupportedSyntax));
        }
        let expected = match self.model.role {
            Role::Process => 4,
            Role::Start | Role::Stop => 2,
            Role::Helper => return,
        };
        let positional: Vec<&ast::Param> = self
            .function
            .params
            .list
            .iter()
            .filter(|p| matches!(p.kind, ParamKind::Normal | ParamKind::PositionalOnly))
            .collect();
        let given = positional.len();
        // Further parameters are fine if they have defaults.
        let extra = positional
            .iter()
            .skip(expected)
            .any(|p| p.default.is_none());
        if given < expected || extra {
            let name = &self.function.name.name;
            let message = format!("`{name}` takes {given} parameters: PyTask passes {expected}");
            self.lw
                .report(Code::TypeMismatch, self.function.name.span, &message, None);
            self.fatal = Some(format!("{} {message}", Code::TypeMismatch));
        }
        if self.model.role == Role::Process {
            let input = &self.lw.input;
            let shared =
                crate::widen::shared_outputs(input.module, input.model, input.types, input.binding);
            for field in shared {
                let message = format!(
                    "`{field}` of an output is written and read by several functions in one call: as an f32 or narrow int it would round what Python keeps"
                );
                let help = "compute the value in a variable, and write the field once";
                self.lw.report(
                    Code::PartlyHandled,
                    self.function.name.span,
                    &message,
                    Some(help),
                );
                self.fatal = Some(format!("{} {message}", Code::PartlyHandled));
            }
        }
    }

    /// Whether every return of a str is a literal.
    fn returns_literals(&self) -> bool {
        struct Returns(bool);
        impl<'ast> ast::visit::Visitor<'ast> for Returns {
            fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
                if let PyStmt::Return(Some(value)) = &stmt.kind {
                    self.0 &= is_literal_text(value);
                }
                ast::visit::walk_stmt(self, stmt);
            }
        }
        let mut returns = Returns(true);
        ast::visit::Visitor::visit_block(&mut returns, &self.function.body);
        returns.0
    }

    /// The parameters of `process`, `start` and `stop`: names of our own for what PyTask passes.
    fn entry_params(&mut self) {
        let names: Vec<String> = self
            .function
            .params
            .list
            .iter()
            .map(|p| p.name.name.clone())
            .collect();
        let rust: &[&str] = match self.model.role {
            Role::Process => &["ctx", "input", "state", "output"],
            Role::Start | Role::Stop => &["ctx", "state"],
            Role::Helper => &[],
        };
        for (python, rust) in names.iter().zip(rust) {
            self.renamed.insert(python.clone(), (*rust).to_string());
            self.declared.insert(python.clone());
        }
        self.taken
            .extend(["ctx", "input", "state", "output"].map(str::to_string));
    }

    /// The parameters of a helper; nothing where a type is not known.
    fn helper_params(&mut self) -> Option<Vec<(String, RTy)>> {
        let mut params = Vec::new();
        let has_receiver = self.has_receiver();
        for (i, (param, fact)) in self
            .function
            .params
            .list
            .iter()
            .zip(&self.model.params)
            .enumerate()
        {
            let name = param.name.name.clone();
            if i == 0 && has_receiver {
                let (Ty::Instance(class) | Ty::Member(class)) = &fact.ty else {
                    return None;
                };
                self.renamed.insert(name.clone(), "self".into());
                self.declared.insert(name.clone());
                let ty = self.lw.class_type(class);
                self.var_types.insert(name, ty);
                continue;
            }
            if i == 0 && self.is_class_method() {
                self.declared.insert(name.clone());
                continue;
            }
            let mutated = self.model.mutated.contains(&i);
            let mut fact = fact.clone();
            // None for a parameter that is dereferenced first thing raises: the caller asks.
            if crate::infer::dereferenced_first(self.function, &name)
                && matches!(&fact.ty, Ty::Option(t) if t.is_shared())
            {
                fact.ty = fact.ty.narrowed();
            }
            let Some(ty) = self.lw.param_type_of(self.function, &name, &fact, mutated) else {
                if fact.ty.is_unusable() {
                    let message = format!(
                        "the type of the parameter `{name}` of `{}` is not known: {}",
                        self.function.name.name,
                        fact.ty.describe()
                    );
                    self.lw
                        .report(Code::UnknownType, param.name.span, &message, None);
                } else {
                    let message = format!(
                        "{} as the parameter `{name}` is not translated",
                        fact.ty.describe()
                    );
                    self.lw
                        .report(Code::PartlyHandled, param.name.span, &message, None);
                }
                return None;
            };
            self.declared.insert(name.clone());
            self.var_types.insert(name.clone(), ty.clone());
            if let Ty::Message { .. } = fact.ty {
                self.messages
                    .insert(Path::root(name.clone()), self.var_name(&name));
            }
            params.push((self.var_name(&name), ty));
        }
        Some(params)
    }

    /// What the body starts with: shadows that hold a field's value from the start.
    fn prologue(&mut self) {
        for shadow in self.shadows.at_entry() {
            self.open_shadow(&shadow);
        }
    }

    /// The state's name, where the body uses it: a copy where a failed call is undone.
    fn bind_state(&mut self, body: &mut Block) {
        if !ir::uses::mentions(body, "state") {
            return;
        }
        let field = Expr::atom("self.state");
        if let (Some(_), RTy::Named(key)) = (
            self.lw.input.widened,
            super::types::rty_of(&self.lw.input.binding.state),
        ) {
            let load = Expr::call(
                format!("{}::load", last_segment(&key)),
                vec![Expr::Ref(Box::new(field))],
            );
            body.stmts.insert(
                0,
                Stmt::new(StmtKind::Let {
                    name: "state".into(),
                    mutable: self.writes_state(),
                    ty: None,
                    init: Some(load),
                }),
            );
            return;
        }
        let copy = self
            .lw
            .is_copy(&super::types::rty_of(&self.lw.input.binding.state));
        let init = match (
            self.lw.rollback.of(self.model.role).state && self.writes_state(),
            self.writes_state(),
        ) {
            (true, _) if copy => field,
            (true, _) => field.method("clone", vec![]),
            (false, true) => Expr::RefMut(Box::new(field)),
            (false, false) => Expr::Ref(Box::new(field)),
        };
        let stmt = Stmt::new(StmtKind::Let {
            name: "state".into(),
            mutable: false,
            ty: None,
            init: Some(init),
        });
        body.stmts.insert(0, stmt);
    }

    /// Names the messages of one side; the pattern that takes several apart.
    fn name_messages(&mut self, side: Side) -> Option<Stmt> {
        let (index, param) = if side == Side::Input {
            (1, "input")
        } else {
            (3, "output")
        };
        let name = self
            .function
            .params
            .list
            .get(index)
            .map(|p| p.name.name.clone())?;
        let root = Path::root(name);
        let tys = if side == Side::Input {
            &self.lw.input.binding.inputs
        } else {
            &self.lw.input.binding.outputs
        };
        if tys.len() == 1 {
            self.messages.insert(root, param.to_string());
            return None;
        }
        let mut names = Vec::new();
        for (i, ty) in tys.iter().enumerate() {
            let path = root.then(Seg::Index(i));
            let name = self.message_name(&path, ty, i, side);
            self.taken.insert(name.clone());
            self.messages.insert(path, name.clone());
            names.push(name);
        }
        if names.is_empty() {
            return None;
        }
        let init = if side == Side::Input {
            Expr::Deref(Box::new(Expr::atom(param)))
        } else {
            Expr::atom(param)
        };
        let pattern = format!("({})", names.join(", "));
        Some(Stmt::new(StmtKind::LetPattern {
            pattern,
            names,
            init,
            otherwise: None,
        }))
    }

    /// The name of one of several messages: what the Python calls it, or its payload.
    fn message_name(
        &self,
        path: &Path,
        ty: &crate::project::RustTy,
        index: usize,
        side: Side,
    ) -> String {
        let alias = |wanted: &Path| {
            self.model
                .vars
                .iter()
                .find(|(_, var)| var.alias.as_ref() == Some(wanted))
                .map(|(version, _)| version.clone())
        };
        let named = alias(path).or_else(|| alias(&path.attr("payload")));
        let fallback = || {
            let same = if side == Side::Input {
                &self.lw.input.binding.inputs
            } else {
                &self.lw.input.binding.outputs
            };
            let unique = same.iter().filter(|t| *t == ty).count() == 1;
            match ty {
                crate::project::RustTy::Named(key) if unique => {
                    super::vars::snake_case(last_segment(key))
                }
                _ => format!(
                    "{}_{index}",
                    if side == Side::Input {
                        "input"
                    } else {
                        "output"
                    }
                ),
            }
        };
        let mut name = named.map_or_else(fallback, |version| {
            super::vars::rust_ident(crate::infer::scope::plain_name(&version))
        });
        let is_own = |name: &str| matches!(name, "ctx" | "input" | "output" | "state");
        while is_own(&name)
            || self.messages.values().any(|n| *n == name)
            || (named_var_clashes(self, &name, path))
        {
            name.push_str(if side == Side::Input { "_in" } else { "_out" });
        }
        name
    }

    /// Appends a statement that stands for `at`.
    pub(super) fn emit(&mut self, at: Span, kind: StmtKind) {
        self.out.push(Stmt::at(at, kind));
    }

    /// Lowers a block in a scope of its own.
    pub(super) fn block(&mut self, block: &'a ast::Block, of: BlockRef) -> Block {
        self.block_in(block, of, &mut |_| {})
    }

    pub(super) fn block_in(
        &mut self,
        block: &'a ast::Block,
        of: BlockRef,
        first: &mut dyn FnMut(&mut Self),
    ) -> Block {
        let outer = std::mem::take(&mut self.out);
        let bounds = self.bounds.len();
        let conditional = std::mem::take(&mut self.conditional);
        self.blocks.push(of);
        first(self);
        for (i, stmt) in block.stmts.iter().enumerate() {
            self.rest.push(block.stmts.get(i + 1..).unwrap_or(&[]));
            let diverged = self.out.iter().any(Stmt::diverges);
            if !diverged {
                self.statement(stmt);
            }
            self.rest.pop();
        }
        for comment in &block.trailing {
            self.out
                .push(Stmt::new(StmtKind::Comment(comment.text.clone())));
        }
        self.blocks.pop();
        self.bounds.truncate(bounds);
        self.conditional = conditional;
        Block::of(std::mem::replace(&mut self.out, outer))
    }

    pub(super) fn ends_diverging(&self, block: &Block) -> bool {
        block.diverges()
    }

    /// The statements that a successful return runs first.
    pub(super) fn exit_stmts(&mut self, at: Option<ast::NodeId>) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        for shadow in self.shadows.stores_at(at) {
            stmts.extend(self.store_shadow(&shadow, at));
        }
        if let (Some(wide), true, true) = (
            self.lw.input.widened,
            self.model.role != Role::Helper,
            self.writes_state(),
        ) {
            let start = at.and_then(|id| self.return_starts(id)).unwrap_or(u32::MAX);
            if self.state_written_before(start) {
                let stored = Expr::atom("state").method("store", vec![]);
                let value = if wide.fallible { stored.try_() } else { stored };
                stmts.push(Stmt::new(StmtKind::Assign {
                    place: Expr::atom("self.state"),
                    op: None,
                    value,
                }));
            }
            return stmts;
        }
        if self.model.role != Role::Helper
            && self.lw.rollback.of(self.model.role).state
            && self.writes_state()
        {
            let start = at.and_then(|id| self.return_starts(id)).unwrap_or(u32::MAX);
            if self.state_written_before(start) {
                stmts.push(Stmt::new(StmtKind::Assign {
                    place: Expr::atom("self.state"),
                    op: None,
                    value: Expr::atom("state"),
                }));
            }
        }
        stmts
    }

    /// Whether the state may have been written before byte `start`; a callee may write it.
    fn state_written_before(&self, start: u32) -> bool {
        struct Writes<'f, 'l, 'a>(&'f FnLower<'l, 'a>, u32, bool);
        impl Writes<'_, '_, '_> {
            fn look(&mut self, e: &ast::Expr) {
                self.2 |= e.span.start < self.1
                    && self.0.path_of(e).is_some_and(|p| self.0.is_state_path(&p));
            }
        }
        impl<'ast> ast::visit::Visitor<'ast> for Writes<'_, '_, '_> {
            fn visit_stmt(&mut self, stmt: &'ast ast::Stmt) {
                match &stmt.kind {
                    PyStmt::Assign { targets, .. } => targets.iter().for_each(|t| match &t.kind {
                        ast::ExprKind::Tuple(items) | ast::ExprKind::List(items) => {
                            items.iter().for_each(|i| self.look(i))
                        }
                        ast::ExprKind::Subscript { value, .. } => self.look(value),
                        _ => self.look(t),
                    }),
                    PyStmt::AugAssign { target, .. }
                    | PyStmt::AnnAssign { target, .. }
                    | PyStmt::For { target, .. } => match &target.kind {
                        ast::ExprKind::Subscript { value, .. } => self.look(value),
                        _ => self.look(target),
                    },
                    _ => {}
                }
                ast::visit::walk_stmt(self, stmt);
            }
            fn visit_expr(&mut self, e: &'ast ast::Expr) {
                if let ast::ExprKind::Call {
                    func,
                    args,
                    keywords,
                } = &e.kind
                {
                    args.iter()
                        .chain(keywords.iter().map(|k| &k.value))
                        .for_each(|a| self.look(a));
                    if let ast::ExprKind::Attribute { value, .. } = &func.kind {
                        self.look(value);
                    }
                }
                ast::visit::walk_expr(self, e);
            }
        }
        let mut writes = Writes(self, start, false);
        ast::visit::Visitor::visit_block(&mut writes, &self.function.body);
        writes.2
    }

    /// Whether this function writes to the state.
    pub(super) fn writes_state(&self) -> bool {
        let index = if self.model.role == Role::Process {
            2
        } else {
            1
        };
        self.model.mutated.contains(&index)
    }

    /// The value of a fact as a Rust value's type and interval.
    pub(super) fn fact(&self, id: ast::NodeId) -> Fact {
        self.model.fact(id)
    }
}

/// Whether `!(a < b)` stands for a comparison that NaN fails.
fn negates_order(block: &Block) -> bool {
    fn in_expr(e: &Expr) -> bool {
        use ir::BinOp as B;
        let own = matches!(
            e,
            Expr::Unary(ir::UnOp::Not, inner)
                if matches!(&**inner, Expr::Binary(B::Lt | B::Le | B::Gt | B::Ge, ..))
        );
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        own || exprs.into_iter().any(in_expr) || blocks.into_iter().any(negates_order)
    }
    block.value.as_ref().is_some_and(|v| in_expr(v))
        || block.stmts.iter().any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().any(in_expr) || blocks.into_iter().any(negates_order)
        })
}

/// Whether a loop counts an index that clippy would rather have as an iterator.
fn indexes_by_variable(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| {
        let own = match &stmt.kind {
            StmtKind::For {
                names,
                iter: Expr::Range { .. },
                body,
                ..
            } => names.iter().any(|n| indexes(body, n)),
            _ => false,
        };
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        own || blocks.into_iter().any(indexes_by_variable)
            || exprs
                .into_iter()
                .any(|e| in_branches(e, &|b| indexes_by_variable(b)))
    })
}

/// Whether a block has `xs[name]`.
fn indexes(block: &Block, name: &str) -> bool {
    fn in_expr(e: &Expr, name: &str) -> bool {
        if matches!(e, Expr::Index(_, i) if matches!(&**i, Expr::Atom(text) if text == name)) {
            return true;
        }
        let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
        e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
        exprs.into_iter().any(|e| in_expr(e, name)) || blocks.into_iter().any(|b| indexes(b, name))
    }
    block.value.as_ref().is_some_and(|v| in_expr(v, name))
        || block.stmts.iter().any(|stmt| {
            let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
            stmt.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
            exprs.into_iter().any(|e| in_expr(e, name))
                || blocks.into_iter().any(|b| indexes(b, name))
        })
}

/// Whether a block within an expression passes a test.
fn in_branches(e: &Expr, test: &dyn Fn(&Block) -> bool) -> bool {
    let (mut exprs, mut blocks) = (Vec::new(), Vec::new());
    e.for_each_child(&mut |e| exprs.push(e), &mut |b| blocks.push(b));
    blocks.into_iter().any(test) || exprs.into_iter().any(|e| in_branches(e, test))
}

fn named_var_clashes(this: &FnLower<'_, '_>, name: &str, path: &Path) -> bool {
    this.model.vars.iter().any(|(version, var)| {
        super::vars::rust_ident(crate::infer::scope::plain_name(version)) == name
            && !var.alias.as_ref().is_some_and(|a| a.starts_with(path))
            && version != "_"
    })
}

/// Whether an expression is a string literal, or chooses between such.
pub(super) fn is_literal_text(e: &ast::Expr) -> bool {
    match &e.kind {
        ast::ExprKind::Str(_) => true,
        ast::ExprKind::Conditional { body, orelse, .. } => {
            is_literal_text(body) && is_literal_text(orelse)
        }
        _ => false,
    }
}

/// `Ok(value)`; of a call that gives the same kind of result, the call itself.
fn ok(value: Expr, same: &dyn Fn(&Expr) -> bool) -> Expr {
    match value {
        Expr::Try(inner)
            if (matches!(&*inner, Expr::Call(..))
                || matches!(&*inner, Expr::Method(_, name, _) if name != "ok_or" && name != "ok_or_else" && name != "map_err"))
                && same(&inner) =>
        {
            *inner
        }
        // In a function with an error of its own.
        Expr::Try(inner) if matches!(&*inner, Expr::Method(_, name, _) if name == "ok_or_else") => {
            *inner
        }
        other => Expr::call("Ok", vec![other]),
    }
}

/// Puts the values of returns in `Ok`.
fn wrap_returns(block: &mut Block, same: &dyn Fn(&Expr) -> bool) {
    for stmt in &mut block.stmts {
        let error = stmt.is_error();
        stmt.for_each_child_mut(&mut |e| wrap_in(e, same), &mut |b| wrap_returns(b, same));
        if let (StmtKind::Return(value), false) = (&mut stmt.kind, error) {
            let inner = value.take().unwrap_or_else(|| Expr::atom("()"));
            *value = Some(ok(inner, same));
        }
    }
    if let Some(value) = &mut block.value {
        wrap_in(value, same);
    }
}

fn wrap_in(e: &mut Expr, same: &dyn Fn(&Expr) -> bool) {
    e.for_each_child_mut(&mut |c| wrap_in(c, same), &mut |b| wrap_returns(b, same));
}
