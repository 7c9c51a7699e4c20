//! Which expressions and places hand numbers to each other.

use super::super::call::bind_arguments;
use super::{Node, Place, Together, is_mixed};
use crate::ast::visit::{Visitor, walk_expr, walk_stmt};
use crate::ast::{Expr, ExprKind, Function, Keyword, Module, NodeId, Stmt, StmtKind};
use crate::infer::model::{FnModel, Model};
use crate::infer::scope::FnScope;
use crate::ty::Ty;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) fn walk(module: &Module, model: &Model, together: &mut Together) {
    let mut functions = BTreeMap::new();
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(function) => {
                functions.insert(function.name.name.clone(), function);
            }
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    if let StmtKind::Function(method) = &inner.kind {
                        let key = format!("{}.{}", class.name.name, method.method_key());
                        functions.insert(key, method);
                    }
                }
            }
            _ => {}
        }
    }
    let mut walk = Walk {
        model,
        functions: &functions,
        together,
        key: None,
        scope: model.level.clone(),
        looks: vec![&model.module],
    };
    for stmt in &module.body.stmts {
        match &stmt.kind {
            StmtKind::Function(_) => {}
            StmtKind::Class(class) => {
                for inner in &class.body.stmts {
                    walk.class_level(inner);
                }
            }
            _ => walk.visit_stmt(stmt),
        }
    }
    for (key, function) in &functions {
        walk.function(key, function);
    }
}

struct Walk<'m, 'w> {
    model: &'m Model,
    functions: &'w BTreeMap<String, &'m Function>,
    together: &'w mut Together,
    /// The function under way.
    key: Option<String>,
    scope: Rc<FnScope>,
    /// The function as it is called in each way.
    looks: Vec<&'m FnModel>,
}

impl<'m> Walk<'m, '_> {
    fn function(&mut self, key: &str, function: &'m Function) {
        self.key = Some(key.to_string());
        self.looks = self.looks_at(key);
        if let Some(scope) = self.model.scopes.get(key) {
            self.scope = scope.clone();
        }
        for param in &function.params.list {
            if let Some(default) = &param.default {
                let place = Place::Local(key.to_string(), param.name.name.clone());
                self.hand(default, Node::Place(place));
            }
        }
        self.visit_block(&function.body);
    }

    fn looks_at(&self, key: &str) -> Vec<&'m FnModel> {
        let all = self.model.functions.iter();
        all.filter(|f| f.python_name == key).collect()
    }

    /// A value that all instances of a class share.
    fn class_level(&mut self, stmt: &'m Stmt) {
        let (targets, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => (targets.as_slice(), value),
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (std::slice::from_ref(target), value),
            _ => return,
        };
        self.visit_expr(value);
        for target in targets {
            if let ExprKind::Name(name) = &target.kind {
                self.hand(value, Node::Place(Place::Attr(name.clone())));
            }
        }
    }

    fn mixed(&self, id: NodeId) -> bool {
        let mut looks = self.looks.iter();
        looks.any(|look| look.facts.get(&id).is_some_and(|fact| is_mixed(&fact.ty)))
    }

    /// Whether an expression is a struct of the app.
    fn is_of_app(&self, e: &Expr) -> bool {
        let mut facts = self.looks.iter().filter_map(|look| look.facts.get(&e.id));
        facts.any(|fact| matches!(fact.ty.narrowed(), Ty::Struct(_)))
    }

    /// Whether a loop over a tuple runs through numbers of both kinds.
    fn runs_through_both(&self, id: NodeId) -> bool {
        let both = |ty: &Ty| match ty.given() {
            Ty::Tuple(items) => {
                let one = items.iter().fold(Ty::Unknown, |one, item| one.join(item));
                is_mixed(&one) && !items.iter().any(is_mixed)
            }
            _ => false,
        };
        let mut looks = self.looks.iter();
        looks.any(|look| look.facts.get(&id).is_some_and(|fact| both(&fact.ty)))
    }

    /// What a loop runs through goes to its target.
    fn run(&mut self, target: &Expr, iter: &Expr) {
        match &target.kind {
            // Its parts are those of each element, whatever the number of elements.
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                self.together.written.insert(target.id);
                self.hand(iter, Node::Expr(target.id));
                items.iter().for_each(|item| self.run(item, iter));
            }
            _ => self.bind(target, iter),
        }
        if self.runs_through_both(iter.id) {
            self.together
                .join(Node::Expr(iter.id), Node::Expr(target.id));
            if let Some(place) = self.place(target) {
                self.together.join(Node::Expr(iter.id), Node::Place(place));
            }
        }
    }

    /// What an expression gives goes there, where that is numbers of both kinds.
    fn hand(&mut self, e: &Expr, to: Node) {
        if self.mixed(e.id) {
            self.together.join(Node::Expr(e.id), to);
        }
    }

    /// The parts of an expression are, or are in, what it gives.
    fn gives<'e>(&mut self, e: &Expr, parts: impl IntoIterator<Item = &'e Expr>) {
        if self.mixed(e.id) {
            for part in parts {
                self.hand(part, Node::Expr(e.id));
            }
        }
    }

    fn bind(&mut self, target: &Expr, value: &Expr) {
        self.together.written.insert(target.id);
        self.hand(value, Node::Expr(target.id));
        match &target.kind {
            ExprKind::Tuple(items) | ExprKind::List(items) => match &value.kind {
                ExprKind::Tuple(values) | ExprKind::List(values) if values.len() == items.len() => {
                    for (item, value) in items.iter().zip(values) {
                        self.bind(item, value);
                    }
                }
                _ => items.iter().for_each(|item| self.bind(item, value)),
            },
            ExprKind::Starred(inner) => self.bind(inner, value),
            ExprKind::Subscript { value: base, .. } => self.hand(value, Node::Expr(base.id)),
            _ => {
                if let Some(place) = self.place(target) {
                    self.hand(value, Node::Place(place));
                }
            }
        }
    }

    /// What a name or an attribute is.
    fn place(&self, e: &Expr) -> Option<Place> {
        match &e.kind {
            ExprKind::Name(name) => Some(match (self.scope.names.get(&e.id), &self.key) {
                (Some(version), Some(key)) => Place::Local(key.clone(), version.clone()),
                (Some(version), None) => Place::Local("<module>".into(), version.clone()),
                (None, _) => Place::Global(name.clone()),
            }),
            ExprKind::Attribute { attr, .. } => Some(Place::Attr(attr.name.clone())),
            _ => None,
        }
    }

    /// What a table of the module gives, whose entries are ints here and floats there.
    fn of_table(&mut self, e: &Expr, table: &Expr) {
        if let Some(place @ Place::Global(_)) = self.place(table) {
            self.hand(e, Node::Place(place));
        }
    }

    fn call(&mut self, e: &Expr, func: &Expr, args: &[Expr], keywords: &[Keyword]) {
        let given = || args.iter().chain(keywords.iter().map(|k| &k.value));
        let callee = self.looks.iter().find_map(|look| look.calls.get(&e.id));
        let callee = callee.and_then(|id| self.model.functions.get(id.0));
        let Some(callee) = callee else {
            // `enumerate((1, 0.5))`
            for arg in args {
                if self.mixed(e.id) && self.runs_through_both(arg.id) {
                    self.together.join(Node::Expr(arg.id), Node::Expr(e.id));
                }
            }
            let receiver = match &func.kind {
                ExprKind::Attribute { value, .. } => Some(&**value),
                _ => None,
            };
            self.gives(e, given().chain(receiver));
            if let Some(receiver) = receiver {
                self.of_table(e, receiver);
            }
            // `xs.append(x)`
            if let Some(receiver) = receiver
                && self.mixed(receiver.id)
            {
                given().for_each(|arg| self.hand(arg, Node::Expr(receiver.id)));
            }
            // What a dataclass or named tuple is made of.
            let own = self.looks.iter().find_map(|look| look.facts.get(&e.id));
            if let Some(Ty::Instance(class)) = own.map(|fact| fact.ty.narrowed()) {
                let model = self.model.classes.get(&class);
                let fields = model.map_or(&[][..], |class| class.fields.as_slice());
                for (arg, (field, _)) in args.iter().zip(fields) {
                    self.hand(arg, Node::Place(Place::Attr(field.clone())));
                }
                for keyword in keywords {
                    if let Some(name) = &keyword.name {
                        let place = Place::Attr(name.name.clone());
                        self.hand(&keyword.value, Node::Place(place));
                    }
                }
            }
            return;
        };
        let key = callee.python_name.clone();
        self.hand(e, Node::Place(Place::Ret(key.clone())));
        let Some(function) = self.functions.get(&key).copied() else {
            return;
        };
        for skip in [0, 1] {
            let Ok(bound) = bind_arguments(function, skip, args, keywords) else {
                continue;
            };
            let params = function.params.list.iter().skip(skip);
            for (bound, param) in bound.into_iter().zip(params) {
                if let Some(arg) = bound.passed() {
                    let place = Place::Local(key.clone(), param.name.name.clone());
                    self.hand(arg, Node::Place(place));
                }
            }
            break;
        }
    }
}

impl<'m> Visitor<'m> for Walk<'m, '_> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        walk_stmt(self, stmt);
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|target| self.bind(target, value));
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => self.bind(target, value),
            StmtKind::AugAssign { target, value, .. } => {
                self.bind(target, value);
                if let Some(place) = self.place(target) {
                    self.hand(target, Node::Place(place));
                }
            }
            StmtKind::For { target, iter, .. } => self.run(target, iter),
            StmtKind::Return(Some(value)) => {
                if let Some(key) = self.key.clone() {
                    self.hand(value, Node::Place(Place::Ret(key)));
                }
            }
            _ => {}
        }
    }

    fn visit_expr(&mut self, e: &'m Expr) {
        walk_expr(self, e);
        match &e.kind {
            ExprKind::Name(_) => {
                if let Some(place) = self.place(e) {
                    self.hand(e, Node::Place(place));
                }
            }
            ExprKind::Attribute { value, attr } => {
                let called = self.looks.iter().find_map(|look| look.calls.get(&e.id));
                let property = called.and_then(|id| self.model.functions.get(id.0));
                let place = match property {
                    Some(property) => Place::Ret(property.python_name.clone()),
                    None => Place::Attr(attr.name.clone()),
                };
                self.hand(e, Node::Place(place));
                self.gives(e, [&**value]);
                if self.mixed(e.id) && self.is_of_app(value) {
                    self.together.fixed.insert(e.id);
                }
            }
            ExprKind::Subscript { value, .. } => {
                self.gives(e, [&**value]);
                self.of_table(e, value);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(e, func, args, keywords),
            ExprKind::Unary { operand, .. } => self.gives(e, [&**operand]),
            ExprKind::Binary { left, right, .. } => self.gives(e, [&**left, &**right]),
            ExprKind::Logical { values, .. } => self.gives(e, values),
            ExprKind::Conditional { body, orelse, .. } => self.gives(e, [&**body, &**orelse]),
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                self.gives(e, items);
            }
            ExprKind::Dict(items) => self.gives(e, items.iter().map(|(_, value)| value)),
            ExprKind::Starred(inner) => self.gives(e, [&**inner]),
            ExprKind::Named { value, .. } => {
                self.gives(e, [&**value]);
                if let (Some(version), Some(key)) = (self.scope.names.get(&e.id), &self.key) {
                    let place = Place::Local(key.clone(), version.clone());
                    self.hand(value, Node::Place(place));
                }
            }
            ExprKind::Comprehension {
                element,
                value,
                clauses,
                ..
            } => {
                for clause in clauses {
                    self.run(&clause.target, &clause.iter);
                }
                self.gives(e, std::iter::once(&**element).chain(value.as_deref()));
            }
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Ellipsis
            | ExprKind::FString(_)
            | ExprKind::Compare { .. }
            | ExprKind::Lambda { .. }
            | ExprKind::Slice { .. }
            | ExprKind::Yield(_)
            | ExprKind::YieldFrom(_)
            | ExprKind::Await(_)
            | ExprKind::Unsupported(_) => {}
        }
    }
}
