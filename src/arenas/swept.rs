//! Objects that are made while the task runs and outlive it, as a list of the module whose
//! places are used again.
//!
//! Enters: the module and a class. Leaves: the module where its objects lie in a list, and
//! names of them are positions. Before a call of the task begins, when no function runs that
//! could name an object, the places that nothing names any more are found: new objects go
//! there first. Nothing where not every name can be found. This module must not know how uses
//! are rewritten.
//!
//! What names objects is told by types: every variable of the module is looked through, and
//! what its values hold.

use super::known::{Known, holders, holds_one};
use super::names;
use super::placed::{self, Placed};
use super::rewrite::Form;
use crate::ast::{
    BinaryOp, Block, Clause, CompareOp, ComprehensionKind, Expr, ExprKind, Module, Param,
    ParamKind, Stmt, StmtKind, UnaryOp,
};
use crate::catalog::position;
use crate::desugar::{Build, snake};
use crate::infer::Role;
use crate::ty::{Ty, family_of, shown_class};
use std::collections::BTreeSet;

/// How deep objects within objects are looked through.
const DEPTH: usize = 8;

/// Makes a list of the objects of `class`, and finds again the places that nothing names;
/// nothing where a name may be anywhere else.
pub(super) fn swept(module: &Module, known: &Known<'_>, class: &str) -> Option<Module> {
    let definition = known.class(class)?;
    let running = known.running();
    let sites = known.sites(class);
    let runs = |key: &Option<&str>| key.is_some_and(|key| running.contains(key));
    let outside = known.has(class, &["__del__"]) || known.compared_within(class);
    if outside || !sites.iter().any(|(key, _)| runs(key)) {
        return None;
    }
    let roles = known.model.functions.iter();
    let starts: BTreeSet<&str> = roles
        .filter(|f| f.role == Role::Process)
        .map(|f| f.python_name.as_str())
        .collect();
    if starts.is_empty() {
        return None;
    }
    let list = names::list(known, class)?;
    let makers = names::makers(known, class, "add")?;
    let form = |placed: &Placed| Form::Members {
        list: list.clone(),
        makers: makers.clone(),
        of_object: true,
        placed: placed.clone(),
    };
    let ((mut rewritten, _), _) = placed::placed(module, known, class, &form)?;
    let free = {
        let one = snake(class);
        names::first(known, [format!("free_{one}s"), format!("unused_{one}s")])?
    };
    let find = names::first(known, [format!("find_{free}"), format!("find_all_{free}")])?;
    let mut next_id = rewritten.node_count;
    let mut build = Build {
        next_id: &mut next_id,
        span: definition.name.span,
    };
    let mut functions = Vec::new();
    for variant in known.variants(class) {
        functions.push(build.reuser(&variant, makers.get(&variant)?, &list, &free));
    }
    let mut sweep = Sweep {
        known,
        class,
        build,
        one: snake(shown_class(class)),
        taken: BTreeSet::from([list.clone(), free.clone(), "used".into(), "found".into()]),
    };
    functions.push(sweep.finder(&find, &list, &free)?);
    let mut build = sweep.build;
    let (empty, none) = (build.empty(&list), build.empty(&free));
    let stmts = &mut rewritten.body.stmts;
    for stmt in stmts.iter_mut() {
        if let StmtKind::Function(function) = &mut stmt.kind
            && starts.contains(function.name.name.as_str())
        {
            let begin = build.when_none(&free, &find);
            function.body.stmts.insert(0, begin);
        }
    }
    let after = stmts
        .iter()
        .position(|s| matches!(&s.kind, StmtKind::Class(c) if c.name.name == class))?;
    stmts.splice(after + 1..after + 1, functions);
    let first = stmts.iter().position(|s| {
        matches!(
            s.kind,
            StmtKind::Assign { .. } | StmtKind::AnnAssign { .. } | StmtKind::Expr(_)
        )
    })?;
    stmts.splice(first..first, [empty, none]);
    rewritten.node_count = next_id;
    Some(rewritten)
}

/// Looks through all that may name an object.
struct Sweep<'s, 'm> {
    known: &'s Known<'m>,
    class: &'s str,
    build: Build<'s>,
    /// What one object is called.
    one: String,
    /// The names of variables that stand for something already.
    taken: BTreeSet<String>,
}

impl Sweep<'_, '_> {
    /// The function that finds the places that nothing names.
    fn finder(&mut self, name: &str, list: &str, free: &str) -> Option<Stmt> {
        let model = self.known.model;
        let holders = holders(self.known, self.class);
        let lives = |ty: &Ty| holds_one(ty, &holders);
        let raised = model.exception_attributes.values().flatten();
        let consts = model.consts.values().map(|c| &c.fact.ty);
        let mut elsewhere = consts.chain(raised.map(|(_, fact)| &fact.ty));
        let fields = model.classes.values().flat_map(|class| &class.fields);
        let mut facts = fields.map(|(_, fact)| fact).chain(model.variables.values());
        // What is not known may be an object.
        if elsewhere.any(lives) || facts.any(|fact| !is_known(&fact.ty)) {
            return None;
        }
        let linked = self.fields(self.class).any(|(_, _, ty)| lives(&ty));
        let mut marks = Vec::new();
        for (variable, fact) in &model.variables {
            if lives(&fact.ty) {
                let root = self.build.name(variable);
                marks.extend(self.marks(&root, &fact.ty, &holders, linked, DEPTH)?);
            }
        }
        let mut body = Vec::new();
        // used = [False] * len(motors)
        let (one, count) = (self.build.expr(ExprKind::Bool(false)), self.len(list));
        let one = self.build.expr(ExprKind::List(vec![one]));
        let all = self.build.expr(ExprKind::Binary {
            left: Box::new(one),
            op: BinaryOp::Mul,
            right: Box::new(count),
        });
        let used = self.build.name("used");
        body.push(self.build.assign(used, all));
        if linked {
            body.push(self.build.empty("found"));
        }
        body.append(&mut marks);
        if linked {
            body.push(self.followed(list, &holders)?);
        }
        body.push(self.found(free));
        let globals = StmtKind::Global(vec![free.to_string()]);
        body.insert(0, self.build.stmt(globals));
        Some(self.build.function(name, Vec::new(), body))
    }

    fn len(&mut self, list: &str) -> Expr {
        let (len, list) = (self.build.name("len"), self.build.name(list));
        self.build.call(len, vec![list])
    }

    /// `while found:` marks what the objects that were found name themselves.
    fn followed(&mut self, list: &str, holders: &BTreeSet<String>) -> Option<Stmt> {
        let at = self.fresh(&self.one.clone());
        let pop = self.build.of("found", "pop");
        let popped = self.build.call(pop, Vec::new());
        let target = self.build.name(&at);
        let taken = self.build.assign(target, popped);
        let (objects, index) = (self.build.name(list), self.build.name(&at));
        let object = self.subscript(objects, index);
        let class = Ty::Instance(self.class.to_string());
        let mut marks = vec![self.mark(&at)];
        marks.extend(self.object(&object, &class, holders, true, DEPTH)?);
        let (used, index) = (self.build.name("used"), self.build.name(&at));
        let is_used = self.subscript(used, index);
        let new = self.build.expr(ExprKind::Unary {
            op: UnaryOp::Not,
            operand: Box::new(is_used),
        });
        let if_new = self.when(new, marks);
        let test = self.build.name("found");
        Some(self.build.stmt(StmtKind::While {
            test,
            body: block(vec![taken, if_new]),
            orelse: Block::default(),
        }))
    }

    /// `free_motors = [at for at, is_used in enumerate(used) if not is_used]`
    fn found(&mut self, free: &str) -> Stmt {
        let [at, is_used] = ["at", "is_used"].map(|name| self.fresh(name));
        let (enumerate, used) = (self.build.name("enumerate"), self.build.name("used"));
        let iter = self.build.call(enumerate, vec![used]);
        let operand = Box::new(self.build.name(&is_used));
        let op = UnaryOp::Not;
        let test = self.build.expr(ExprKind::Unary { op, operand });
        let (known, index) = (self.build.name(position::KNOWN), self.build.name(&at));
        let element = Box::new(self.build.call(known, vec![index]));
        let parts = [at, is_used].map(|name| self.build.name(&name));
        let clause = Clause {
            target: self.build.expr(ExprKind::Tuple(parts.into())),
            iter,
            ifs: vec![test],
            is_async: false,
        };
        let value = self.build.expr(ExprKind::Comprehension {
            kind: ComprehensionKind::List,
            element,
            value: None,
            clauses: vec![clause],
        });
        let target = self.build.name(free);
        self.build.assign(target, value)
    }

    fn subscript(&mut self, value: Expr, index: Expr) -> Expr {
        self.build.expr(ExprKind::Subscript {
            value: Box::new(value),
            index: Box::new(index),
        })
    }

    fn when(&mut self, test: Expr, body: Vec<Stmt>) -> Stmt {
        self.build.stmt(StmtKind::If {
            test,
            body: block(body),
            orelse: Block::default(),
        })
    }

    /// A name that no variable of the function has.
    fn fresh(&mut self, name: &str) -> String {
        let mut names = (2..).map(|i| format!("{name}{i}"));
        let mut found = name.to_string();
        let model = self.known.model;
        let is_known = |name: &String| {
            self.known.functions.contains_key(name) || model.globals.contains_key(name)
        };
        while self.taken.contains(&found) || is_known(&found) {
            let Some(next) = names.next() else { break };
            found = next;
        }
        self.taken.insert(found.clone());
        found
    }

    /// `used[motor] = True`
    fn mark(&mut self, at: &str) -> Stmt {
        let at = self.build.name(at);
        self.mark_value(at)
    }

    fn mark_value(&mut self, at: Expr) -> Stmt {
        let used = self.build.name("used");
        let target = self.subscript(used, at);
        let value = self.build.expr(ExprKind::Bool(true));
        self.build.assign(target, value)
    }

    /// The attributes of the objects of a class, or of those of its family, with the class.
    fn fields(&self, class: &str) -> impl Iterator<Item = (String, String, Ty)> {
        let mut found = Vec::new();
        for variant in self.known.variants(class) {
            if let Some(model) = self.known.model.classes.get(&variant) {
                let own = model.fields.iter();
                found.extend(
                    own.map(|(name, fact)| (variant.clone(), name.clone(), fact.ty.clone())),
                );
            }
        }
        found.into_iter()
    }

    /// The statements that mark what a value names; nothing where it cannot be looked through.
    fn marks(
        &mut self,
        e: &Expr,
        ty: &Ty,
        holders: &BTreeSet<String>,
        linked: bool,
        depth: usize,
    ) -> Option<Vec<Stmt>> {
        if !holds_one(ty, holders) {
            return Some(Vec::new());
        }
        let depth = depth.checked_sub(1)?;
        match ty {
            Ty::Instance(class) if family_of(class) == self.class => {
                let at = self.build.again(e);
                if !linked {
                    return Some(vec![self.mark_value(at)]);
                }
                let append = self.build.of("found", "append");
                let added = self.build.call(append, vec![at]);
                Some(vec![self.build.stmt(StmtKind::Expr(added))])
            }
            Ty::Instance(_) => self.object(e, ty, holders, linked, depth),
            Ty::Option(inner) => {
                let (it, none) = (self.build.again(e), self.build.expr(ExprKind::None));
                let test = self.build.compare(it, CompareOp::IsNot, none);
                let inner = self.marks(e, inner, holders, linked, depth)?;
                Some(vec![self.when(test, inner)])
            }
            Ty::List { elem, .. } | Ty::Deque { elem, .. } => {
                let all = self.build.again(e);
                self.each(all, elem, holders, linked, depth)
            }
            Ty::Dict { key, value, .. } if !holds_one(key, holders) => {
                let values = self.build.again(e);
                let values = self.build.attr(values, "values");
                let values = self.build.call(values, Vec::new());
                self.each(values, value, holders, linked, depth)
            }
            Ty::Tuple(items) => {
                let mut marks = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    let value = self.build.again(e);
                    let index = self.build.expr(ExprKind::Int(i.into()));
                    let value = self.subscript(value, index);
                    marks.extend(self.marks(&value, item, holders, linked, depth)?);
                }
                Some(marks)
            }
            Ty::Record(fields) => {
                let mut marks = Vec::new();
                for (name, ty) in fields.iter() {
                    let value = self.build.again(e);
                    let key = self.build.expr(ExprKind::Str(name.clone()));
                    let value = self.subscript(value, key);
                    marks.extend(self.marks(&value, ty, holders, linked, depth)?);
                }
                Some(marks)
            }
            _ => None,
        }
    }

    /// A loop over what holds objects.
    fn each(
        &mut self,
        all: Expr,
        elem: &Ty,
        holders: &BTreeSet<String>,
        linked: bool,
        depth: usize,
    ) -> Option<Vec<Stmt>> {
        let name = match elem.narrowed() {
            Ty::Instance(class) if family_of(&class) == self.class => self.one.clone(),
            Ty::Instance(class) => snake(shown_class(&class)),
            _ => "item".to_string(),
        };
        let name = self.fresh(&name);
        let item = self.build.name(&name);
        let body = self.marks(&item, elem, holders, linked, depth)?;
        self.taken.remove(&name);
        Some(vec![self.build.stmt(StmtKind::For {
            target: item,
            iter: all,
            body: block(body),
            orelse: Block::default(),
            is_async: false,
        })])
    }

    /// What an object of another class, or the object itself, names.
    fn object(
        &mut self,
        e: &Expr,
        ty: &Ty,
        holders: &BTreeSet<String>,
        linked: bool,
        depth: usize,
    ) -> Option<Vec<Stmt>> {
        let Ty::Instance(class) = ty else { return None };
        let variants = self.known.variants(class);
        if let [only] = variants.as_slice() {
            let only = only.clone();
            return self.attributes(e, &only, holders, linked, depth);
        }
        let mut cases = Vec::new();
        for variant in variants {
            let name = self.fresh(&snake(shown_class(&variant)));
            let own = self.build.name(&name);
            let marks = self.attributes(&own, &variant, holders, linked, depth)?;
            self.taken.remove(&name);
            cases.push(match marks.is_empty() {
                true => continue,
                false => self.build.case(&variant, &name, marks),
            });
        }
        let pass = self.build.stmt(StmtKind::Pass);
        cases.push(self.build.other_cases(vec![pass]));
        let subject = self.build.again(e);
        Some(vec![self.build.stmt(StmtKind::Match { subject, cases })])
    }

    /// What the attributes of an object of just that class name.
    fn attributes(
        &mut self,
        e: &Expr,
        class: &str,
        holders: &BTreeSet<String>,
        linked: bool,
        depth: usize,
    ) -> Option<Vec<Stmt>> {
        let fields = self.fields(class);
        let own = fields.filter(|(variant, _, _)| variant == class);
        let own: Vec<_> = own.collect();
        let mut marks = Vec::new();
        for (_, name, ty) in own {
            if holds_one(&ty, holders) {
                let value = self.build.again(e);
                let value = self.build.attr(value, &name);
                marks.extend(self.marks(&value, &ty, holders, linked, depth)?);
            }
        }
        Some(marks)
    }
}

fn block(stmts: Vec<Stmt>) -> Block {
    Block {
        stmts,
        trailing: Vec::new(),
    }
}

/// Whether a type says all that values hold.
fn is_known(ty: &Ty) -> bool {
    !matches!(ty, Ty::Unknown | Ty::Conflict(_)) && ty.parts().into_iter().all(is_known)
}

impl Build<'_> {
    /// The function that puts an object where none is any more, or at the end.
    fn reuser(&mut self, class: &str, name: &str, list: &str, free: &str) -> Stmt {
        let one = match snake(shown_class(class)) {
            one if one == list => format!("new_{one}"),
            one => one,
        };
        let params: Vec<Param> = vec![self.param(&one, ParamKind::Normal, None)];
        let pop = self.of(free, "pop");
        let (target, place) = (self.name("at"), self.call(pop, Vec::new()));
        let taken = self.assign(target, place);
        let (objects, index) = (self.name(list), self.name("at"));
        let slot = self.expr(ExprKind::Subscript {
            value: Box::new(objects),
            index: Box::new(index),
        });
        let object = self.name(&one);
        let put = self.assign(slot, object);
        let (len, objects) = (self.name("len"), self.name(list));
        let len = self.call(len, vec![objects]);
        let known = self.name(position::KNOWN);
        let (target, place) = (self.name("at"), self.call(known, vec![len]));
        let counted = self.assign(target, place);
        let append = self.of(list, "append");
        let object = self.name(&one);
        let added = self.call(append, vec![object]);
        let added = self.stmt(StmtKind::Expr(added));
        let test = self.name(free);
        let branch = self.stmt(StmtKind::If {
            test,
            body: block(vec![taken, put]),
            orelse: block(vec![counted, added]),
        });
        let at = self.name("at");
        let given = self.stmt(StmtKind::Return(Some(at)));
        self.function(name, params, vec![branch, given])
    }

    /// `if not free_motors: find_free_motors()`
    fn when_none(&mut self, free: &str, find: &str) -> Stmt {
        let operand = Box::new(self.name(free));
        let op = UnaryOp::Not;
        let test = self.expr(ExprKind::Unary { op, operand });
        let find = self.name(find);
        let call = self.call(find, Vec::new());
        let call = self.stmt(StmtKind::Expr(call));
        self.stmt(StmtKind::If {
            test,
            body: block(vec![call]),
            orelse: Block::default(),
        })
    }
}
