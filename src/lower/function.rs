//! One function: its parameters, its body, how it returns.

mod allowed;
mod exits;
mod messages;
mod signature;

pub(super) use signature::is_literal_text;

use super::Lowerer;
use super::shadow::Shadows;
use crate::ast;
use crate::catalog::Helper;
use crate::diagnostic::Code;
use crate::infer::scope::{BlockRef, FnScope};
use crate::infer::{FnId, FnModel, Path, Role};
use crate::ir::{self, Block, Expr, RTy, Stmt, StmtKind, tidy};
use crate::source::Span;
use crate::ty::{Side, Ty};
use crate::value::Fact;
pub(super) use allowed::{APPROXIMATE, COMPLEX, UNCONVENTIONAL, is_unconventional, says_constants};
use allowed::{indexes_by_variable, names_constants, negates_order, ranges_by_hand};
use exits::{ok, wrap_returns};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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
    pub(super) scope: Rc<FnScope>,
    pub(super) shadows: Shadows,
    /// The statements of the block under construction.
    pub(super) out: Vec<Stmt>,
    /// The first lines of the statements under construction, innermost last.
    pub(super) spans: Vec<Span>,
    /// The statements under construction, innermost last.
    pub(super) stmts: Vec<&'a ast::Stmt>,
    pub(super) blocks: Vec<BlockRef>,
    pub(super) bounds: Vec<Bound>,
    /// Loops over elements in place of indices: the list, the index variable, the element.
    pub(super) elements: Vec<(Path, String, String)>,
    /// What the loops around say of their variables.
    pub(super) withins: Vec<super::within::Within>,
    pub(super) declared: BTreeSet<String>,
    pub(super) unbound: BTreeSet<String>,
    pub(super) var_types: BTreeMap<String, RTy>,
    /// The variables that hold bits.
    pub(super) registers: super::registers::Registers,
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
    /// Names of ours whose value is given away where they are read, which is once.
    pub(super) handed_on: BTreeSet<String>,
    /// Where the content of a container was taken from, until it gets another.
    pub(super) emptied: Vec<crate::infer::Path>,
    /// The target of an augmented assignment, where it is read.
    pub(super) read_before: Option<ast::NodeId>,
    /// Above zero where a container is only looked at, and by nobody later.
    pub(super) looked_at: usize,
    /// The dict whose keys a key function is asked for, and its parameter.
    pub(super) keys_of: Option<(crate::infer::Path, Option<String>)>,
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
    pub(super) constructor: Option<super::construct::Constructor>,
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
    let bound = match super::walrus::binds(e) {
        true => this.bind_named_in(e),
        false => Ok(()),
    };
    let value = bound
        .and_then(|()| this.expr_as(e, ty))
        .and_then(|val| this.coerce(val, ty, e.span, "the value"))
        .unwrap_or_else(|hole| hole);
    if this.out.is_empty() || matches!(value, Expr::Hole(_)) {
        return value;
    }
    Expr::Block(crate::ir::Block {
        stmts: this.out,
        value: Some(Box::new(value)),
    })
}

impl<'l, 'a> FnLower<'l, 'a> {
    fn new(lw: &'l mut Lowerer<'a>, model: &'a FnModel, function: &'a ast::Function) -> Self {
        let scope = match std::ptr::eq(function, lw.input.module_function) {
            true => Rc::clone(&lw.input.model.level),
            false => match lw.input.model.scopes.get(&model.python_name) {
                Some(names) => Rc::clone(names),
                None => Rc::new(crate::infer::scope::resolve(function)),
            },
        };
        let unbound = unbound_vars(model, &scope);
        FnLower {
            model,
            function,
            scope,
            shadows: Shadows::default(),
            out: Vec::new(),
            spans: Vec::new(),
            stmts: Vec::new(),
            blocks: Vec::new(),
            bounds: Vec::new(),
            elements: Vec::new(),
            withins: Vec::new(),
            declared: BTreeSet::new(),
            unbound,
            var_types: BTreeMap::new(),
            registers: super::registers::Registers::default(),
            renamed: BTreeMap::new(),
            taken: BTreeSet::new(),
            ret: RTy::Unit,
            copied_by_pytask: false,
            conditional: 0,
            leaving: false,
            rest: Vec::new(),
            hole_in_stmt: false,
            handed_on: BTreeSet::new(),
            emptied: Vec::new(),
            read_before: None,
            looked_at: 0,
            keys_of: None,
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
                let functions = &self.lw.functions;
                let find = |m: &str| functions.get(&format!("{class}.{m}")).copied();
                let sure = super::definite::surely_set(self.function, &find);
                self.constructor = Some(super::construct::Constructor {
                    class,
                    sure,
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
        self.registers = self.registers();
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
        } else if !self.lw.input.model.exception_attributes.is_empty() {
            super::attempt::raised::drop_kept(&mut body);
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
        let lent = |ty: &RTy| matches!(ty, RTy::Ref(_) | RTy::Str);
        let references = params.iter().filter(|(_, ty)| lent(ty));
        let known = tidy::Known {
            references: references.map(|(name, _)| name.as_str()).collect(),
            is_own: &|name| self.lw.is_own_function(name),
            is_helper: &is_helper,
            constant: &|name| self.lw.number_constant(name),
            clamps_by_hand: false.into(),
        };
        tidy::function_body(&mut body, &known);
        let clamps_by_hand = known.clamps_by_hand.get();
        let own: Vec<String> = params.iter().map(|(name, _)| name.clone()).collect();
        let helpers: Vec<&str> = Helper::ALL.iter().map(|h| h.name()).collect();
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
        let mut complex = false;
        ir::types::of_variables(&body, &mut |ty| {
            self.lw.use_types(ty);
            complex |= ty.is_complex(0);
        });
        let mut attributes = Vec::new();
        // Beside its own error type, a result has one type more.
        let names_error = fallible && (typed || self.lw.input.binding.form.is_plain());
        if complex
            || params.iter().any(|(_, ty)| ty.is_complex(0))
            || ret.is_complex(1)
            || names_error && RTy::Tuple(vec![ret.clone(), RTy::Unit]).is_complex(0)
        {
            attributes.push(COMPLEX.to_string());
        }
        if self.has_holes {
            attributes.push("#[allow(unreachable_code, unused_variables, unused_mut, clippy::diverging_sub_expression)]".to_string());
        }
        if negates_order(&body) {
            attributes.push("#[allow(clippy::neg_cmp_op_on_partial_ord)]".to_string());
        }
        if names_constants(&body) {
            attributes.push(APPROXIMATE.to_string());
        }
        if clamps_by_hand {
            attributes.push("#[allow(clippy::manual_clamp)]".to_string());
        }
        if ranges_by_hand(&body) {
            attributes.push("#[allow(clippy::manual_range_contains)]".to_string());
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
        let beside = |name: &str| params.iter().any(|(other, _)| *other == format!("_{name}"));
        if params.iter().any(|(name, _)| beside(name)) {
            attributes.push("#[allow(clippy::duplicate_underscore_argument)]".to_string());
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

    fn leading_comments(&self) -> Vec<String> {
        let above = self.lw.comments.get(&self.function.name);
        above
            .into_iter()
            .flat_map(|comments| comments.iter().map(|c| c.text.clone()))
            .collect()
    }

    /// A recursive function is taken to fail: its own calls were lowered with `?`.
    fn recursion_can_fail(&self) -> bool {
        true
    }

    /// What the body starts with: shadows that hold a field's value from the start.
    fn prologue(&mut self) {
        for shadow in self.shadows.at_entry() {
            self.open_shadow(&shadow);
        }
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
        let emptied = self.emptied.len();
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
        // What one branch takes out, another may not have.
        self.emptied.truncate(emptied);
        self.conditional = conditional;
        Block::of(std::mem::replace(&mut self.out, outer))
    }

    pub(super) fn ends_diverging(&self, block: &Block) -> bool {
        block.diverges()
    }

    /// The value of a fact as a Rust value's type and interval.
    pub(super) fn fact(&self, id: ast::NodeId) -> Fact {
        let before = self.read_before.filter(|read| *read == id);
        match before.and_then(|id| self.model.before.get(&id)) {
            Some(fact) => fact.clone(),
            None => self.model.fact(id),
        }
    }
}

/// Whether a function of the catalog has that name.
pub(super) fn is_helper(name: &str) -> bool {
    Helper::ALL.iter().any(|helper| helper.name() == name)
}
