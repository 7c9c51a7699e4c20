//! One function: which values it stores where, and what it changes.

mod assign;
mod call;
mod flows;
mod lent;
pub(super) mod reads;
mod refilled;

use super::graph::{Graph, Place};
use crate::ast::leaves;
use crate::ast::visit::{self, Visitor};
use crate::ast::{
    Block, Expr, ExprKind, Function, Module, NodeId, Pattern, PatternKind, Stmt, StmtKind,
};
use crate::infer::scope::{self, FnScope, LastReads};
use crate::infer::{FnModel, Model};
use crate::ty::{Maxlen, Ty};
use reads::{Parts, Reads, name_of};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub(super) struct Walk<'w> {
    model: &'w Model,
    functions: &'w BTreeMap<String, &'w Function>,
    graph: &'w mut Graph,
    /// The calls that were looked at.
    seen: BTreeSet<NodeId>,
    /// `f`, `Class.method`.
    key: String,
    function: &'w Function,
    /// What inference found, once for each way the function is called.
    instances: Vec<&'w FnModel>,
    scope: Rc<FnScope>,
    params: BTreeSet<String>,
    /// The parameters that are taken by value, of all functions, the lists that loops take
    /// apart, and what lies in a container and is lent to the variable that gets it.
    owned: &'w BTreeSet<NodeId>,
    /// What the loops run over whose targets are names for its elements, where nobody needs
    /// those afterwards.
    run_out: BTreeMap<String, Vec<NodeId>>,
    /// Variables that are names for a part of something else.
    borrowed: BTreeSet<String>,
    /// Variables of loops over objects that are named one by one, and those.
    displayed: BTreeMap<String, Vec<Vec<String>>>,
    /// The loops around the statement.
    loops: Vec<NodeId>,
    /// Where the loop ends whose target is looked at.
    loop_end: u32,
    /// Variables that this block has given a new object, as long as they are sure to have it.
    anew: BTreeMap<String, usize>,
    /// The blocks around the statement, each by its first statement.
    blocks: Vec<NodeId>,
    /// The loops and the blocks around the first binding of each variable.
    born: BTreeMap<String, (Vec<NodeId>, Vec<NodeId>)>,
    /// Where each variable is read last, by the order of the source.
    last: BTreeMap<String, u32>,
    /// The reads after which a variable is dead.
    dying: LastReads,
    /// Where variables of the module are named for the last time.
    ends: Option<&'w BTreeSet<NodeId>>,
    /// What is named for the last time before another takes its place.
    refilled: refilled::Refilled,
    /// The list that the statement under way puts another in the place of.
    replacing: Option<Vec<String>>,
    /// Variables that the statement under way gives a new value before anyone reads them.
    replaced: BTreeSet<String>,
}

/// Builtins that make a new object of the elements of another.
const MAKERS: [&str; 11] = [
    "list",
    "bytes",
    "bytearray",
    "sorted",
    "tuple",
    "set",
    "dict",
    "reversed",
    "deque",
    "defaultdict",
    "Counter",
];

/// Where a value is stored.
struct Target<'t> {
    place: usize,
    /// As the Python calls it.
    name: &'t str,
    /// A variable that is bound once.
    local: Option<&'t str>,
    /// A field of a message or of the state: the copy that PyTask takes ends the sharing.
    sent: bool,
}

impl<'w> Walk<'w> {
    /// Whether a value of that type is, or holds, an object that can be changed.
    fn holds_objects(&self, ty: &Ty) -> bool {
        super::holds_objects(ty, self.model)
    }

    pub(super) fn of(
        model: &'w Model,
        functions: &'w BTreeMap<String, &'w Function>,
        graph: &'w mut Graph,
        (key, function, scope): (&str, &'w Function, Rc<FnScope>),
        owned: &'w BTreeSet<NodeId>,
    ) -> Walk<'w> {
        let mut last = BTreeMap::new();
        let mut reads = Reads(&scope, &mut last);
        reads.visit_block(&function.body);
        Walk {
            model,
            functions,
            graph,
            seen: BTreeSet::new(),
            key: key.to_string(),
            function,
            instances: model.functions.named(key).map(|(_, f)| f).collect(),
            params: function
                .params
                .list
                .iter()
                .filter(|p| !owned.contains(&p.id))
                .map(|p| p.name.name.clone())
                .collect(),
            owned,
            run_out: BTreeMap::new(),
            borrowed: BTreeSet::new(),
            displayed: BTreeMap::new(),
            loops: Vec::new(),
            loop_end: 0,
            born: function
                .params
                .list
                .iter()
                .map(|p| (p.name.name.clone(), Default::default()))
                .collect(),
            anew: BTreeMap::new(),
            blocks: Vec::new(),
            last,
            dying: scope::last_reads(function, &scope),
            ends: None,
            refilled: refilled::Refilled::default(),
            replacing: None,
            replaced: BTreeSet::new(),
            scope,
        }
    }

    /// The code of the module outside of functions: its names are the module's.
    pub(super) fn of_module(
        model: &'w Model,
        functions: &'w BTreeMap<String, &'w Function>,
        graph: &'w mut Graph,
        level: &super::Level<'w>,
        owned: &'w BTreeSet<NodeId>,
    ) -> Walk<'w> {
        let key = &level.function.name.name;
        let scope = Rc::new(scope::resolve(level.function));
        let named = (key.as_str(), level.function, scope);
        let walk = Walk::of(model, functions, graph, named, owned);
        Walk {
            instances: vec![&model.module],
            ends: Some(level.ends),
            ..walk
        }
    }

    pub(super) fn module(&mut self, module: &Module) {
        let own = module
            .body
            .stmts
            .iter()
            .filter(|s| super::level::is_level(s));
        let own: Vec<&Stmt> = own.collect();
        self.refilled = self.refilled_in(&own);
        own.into_iter().for_each(|stmt| self.stmt(stmt));
    }

    pub(super) fn function(&mut self) {
        let own = self.function;
        if let Some(class) = self.key.strip_suffix(".__init__")
            && let Some(made) = own.params.list.first()
        {
            let class = class.to_string();
            let made = self.var(&made.name.name);
            self.graph.makes(&class, made);
        }
        let stmts: Vec<&Stmt> = own.body.stmts.iter().collect();
        self.refilled = self.refilled_in(&stmts);
        self.block(&own.body);
    }

    fn ty(&self, e: &Expr) -> Ty {
        let facts = self.instances.iter().filter_map(|f| f.facts.get(&e.id));
        facts
            .map(|f| f.ty.clone())
            .reduce(|a, b| if a.is_unusable() { b } else { a })
            .unwrap_or(Ty::Unknown)
    }

    fn callee(&self, call: NodeId) -> Option<&'w FnModel> {
        let id = self.instances.iter().find_map(|f| f.calls.get(&call))?;
        self.model.functions.get(id.0)
    }

    fn var(&mut self, version: &str) -> usize {
        if let Some(own) = self.anew.get(version) {
            return *own;
        }
        self.graph
            .id(Place::Var(self.key.clone(), version.to_string()))
    }

    /// The place that an expression names; none for a new object.
    fn place(&mut self, e: &Expr) -> Option<usize> {
        let ty = self.ty(e);
        let place = match &e.kind {
            ExprKind::Name(name) => match self.scope.names.get(&e.id).cloned() {
                Some(version) => self.var(&version),
                None => self.graph.id(Place::Global(name.clone())),
            },
            ExprKind::Attribute { value, attr } => match self.ty(value).narrowed() {
                Ty::Instance(class) => self.graph.id(Place::Field(class, attr.name.clone())),
                Ty::Struct(key) => self.graph.id(Place::Field(key, attr.name.clone())),
                Ty::Class(class) => self.graph.id(Place::Field(class, attr.name.clone())),
                Ty::Module(_) => return None,
                _ => {
                    let base = self.place(value)?;
                    self.graph.elem(base)
                }
            },
            ExprKind::Subscript { value, index } => {
                if matches!(index.kind, ExprKind::Slice { .. }) {
                    return None;
                }
                let base = self.holder(value);
                self.graph.elem(base)
            }
            // `d.setdefault(key, [])` is what lies in the dict.
            ExprKind::Call { func, .. } => match &func.kind {
                ExprKind::Attribute { value, attr }
                    if attr.name == "setdefault"
                        && matches!(self.ty(value).narrowed(), Ty::Dict { .. }) =>
                {
                    let base = self.holder(value);
                    self.graph.elem(base)
                }
                _ => return None,
            },
            _ => return None,
        };
        self.graph.holds(place, &ty);
        Some(place)
    }

    /// The place of an expression, or one for the new object that it makes.
    fn holder(&mut self, e: &Expr) -> usize {
        if let Some(place) = self.place(e) {
            return place;
        }
        let place = self.graph.id(Place::Temp(e.id));
        let ty = self.ty(e);
        self.graph.holds(place, &ty);
        let target = Target {
            place,
            name: "",
            local: None,
            sent: false,
        };
        self.flow(e, &target);
        place
    }

    /// Whether a variable was bound in the same turn of the loops around the statement.
    fn is_of_turn(&self, version: &str) -> bool {
        self.born.get(version).is_some_and(|(loops, blocks)| {
            // What one branch of a turn binds, the turns after it may see as well.
            *loops == self.loops && (loops.is_empty() || self.blocks.starts_with(blocks))
        })
    }

    fn block(&mut self, block: &Block) {
        self.blocks
            .extend(block.stmts.first().map(|first| first.id));
        let before = self.anew.clone();
        for (i, stmt) in block.stmts.iter().enumerate() {
            let rest = block.stmts.get(i + 1..).unwrap_or(&[]);
            self.replaced = self.replaced_by(stmt, rest);
            self.stmt(stmt);
        }
        // What a block binds, the statements after it may see as well, or not.
        let after = std::mem::replace(&mut self.anew, before);
        self.anew.retain(|name, own| after.get(name) == Some(own));
        if !block.stmts.is_empty() {
            self.blocks.pop();
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.expr(value);
                // Its elements stay where they are.
                if let [target] = targets.as_slice()
                    && crate::infer::retained(target, value).is_some()
                    && matches!(
                        self.ty(value),
                        Ty::List { .. }
                            | Ty::Deque {
                                maxlen: Maxlen::Unbounded,
                                ..
                            }
                    )
                {
                    return;
                }
                for target in targets {
                    self.assign(target, value);
                }
                if let [first, .., _] = targets.as_slice() {
                    self.chained(first, targets, value);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.expr(value);
                self.assign(target, value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(value);
                self.expr(target);
                if let ExprKind::Subscript { value: base, .. } = &target.kind {
                    self.changed(base, stmt.span.start);
                }
                if let ExprKind::Attribute { value: base, .. } = &target.kind {
                    self.attribute_written(base);
                }
                let ty = self.ty(target);
                if ty.narrowed().is_shared() && !self.puts_another(target) {
                    self.changed(target, stmt.span.start);
                    if let Some(place) = self.place(target) {
                        let name = format!("`{}`", name_of(target));
                        self.elements(
                            value,
                            &Target {
                                place,
                                name: &name,
                                local: None,
                                sent: false,
                            },
                        );
                    }
                }
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.expr(iter);
                self.loops.push(stmt.id);
                self.loop_end = stmt.span.end;
                self.loop_target(target, iter, false);
                self.block(body);
                self.loops.pop();
                self.block(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.loops.push(stmt.id);
                self.expr(test);
                self.block(body);
                self.loops.pop();
                self.block(orelse);
            }
            StmtKind::Return(Some(value)) => {
                self.expr(value);
                if self.is_used_up(value) {
                    self.graph.used_up.insert(value.id);
                    return;
                }
                let mut left = Vec::new();
                leaves(value, &mut left);
                let mut own = BTreeSet::new();
                let mut twice = BTreeSet::new();
                for version in left.iter().filter_map(|e| self.scope.names.get(&e.id)) {
                    if !own.insert(version.clone()) {
                        twice.insert(version.clone());
                    }
                }
                // What is returned twice has two owners.
                own.retain(|version| !twice.contains(version));
                // With the function its variables end.
                self.replaced = own;
                let place = self.graph.id(Place::Ret(self.key.clone()));
                self.flow(
                    value,
                    &Target {
                        place,
                        name: "what is returned",
                        local: None,
                        sent: false,
                    },
                );
                self.replaced.clear();
            }
            StmtKind::Delete(targets) => {
                for target in targets {
                    if let ExprKind::Subscript { value: base, .. } = &target.kind {
                        self.changed(base, stmt.span.start);
                    }
                }
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                for case in cases {
                    self.captured(&case.pattern, subject);
                    case.guard.iter().for_each(|g| self.expr(g));
                    self.block(&case.body);
                }
            }
            // A function within: what it mentions is captured, and never dies here.
            StmtKind::Function(_) | StmtKind::Class(_) => {}
            _ => {
                let mut parts = Parts(Vec::new());
                visit::walk_stmt(&mut parts, stmt);
                parts.0.into_iter().for_each(|e| self.expr(e));
                for (block, _, _) in scope::child_blocks(stmt) {
                    self.block(block);
                }
            }
        }
    }

    /// Whether what is returned is somebody's list, of which nobody has more than a look.
    fn is_used_up(&self, value: &Expr) -> bool {
        let lasting = match &value.kind {
            ExprKind::Attribute { .. } => self.lead(value).is_some(),
            ExprKind::Name(_) => self
                .scope
                .names
                .get(&value.id)
                .is_none_or(|version| !self.scope.vars.contains_key(version)),
            _ => false,
        };
        let holds = |ty: &Ty| self.holds_objects(ty);
        lasting
            && self.graph.at_once.contains(&self.key)
            && super::at_once::is_plain(&self.ty(value), holds)
    }

    /// `case … as name`: another name for the subject.
    fn captured(&mut self, pattern: &Pattern, subject: &Expr) {
        let PatternKind::As { name: Some(_), .. } = &pattern.kind else {
            return;
        };
        let Some(version) = self.scope.names.get(&pattern.id).cloned() else {
            return;
        };
        let ty = self.ty(subject);
        if !super::holds_objects(&ty, self.model) {
            return;
        }
        let (from, own) = (self.holder(subject), self.var(&version));
        self.graph.same(from, own);
        self.borrowed.insert(version);
    }

    /// Looks at the calls and comprehensions within an expression.
    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Call { .. } => {
                if self.seen.insert(e.id) {
                    self.call(e);
                }
            }
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                self.loops.push(e.id);
                self.clauses(clauses, e.span.end);
                self.expr(element);
                value.iter().for_each(|v| self.expr(v));
                self.loops.pop();
            }
            ExprKind::Lambda { .. } => {}
            _ => {
                let mut parts = Parts(Vec::new());
                visit::walk_expr(&mut parts, e);
                parts.0.into_iter().for_each(|e| self.expr(e));
            }
        }
    }
}
