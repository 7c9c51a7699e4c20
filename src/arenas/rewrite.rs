//! Names of the objects of one class, all over the module.
//!
//! Enters: a function or a statement of the module. Leaves: the same, where the object is
//! looked up wherever something is asked of it; where it only goes from name to name, its
//! name stays, or goes. An `Err` is a use that cannot be followed. This module must not know
//! where the objects are made.

mod calls;
mod compare;
mod loops;
mod variants;

use super::known::{Known, held};
use crate::ast::rewrite::children;
use crate::ast::{
    BinaryOp, Block, BoolOp, Case, Class, Clause, CompareOp, ComprehensionKind, Conversion, Expr,
    ExprKind, FStringPart, Function, Module, NodeId, Pattern, PatternKind, Stmt, StmtKind, UnaryOp,
    blocks_mut,
};
use crate::desugar::Build;
use crate::ty::{Ty, family_of};
use std::collections::{BTreeMap, BTreeSet};

/// A use that cannot be followed.
pub(super) struct Lost;

pub(super) type Done = Result<(), Lost>;

/// What becomes of the names of the objects.
pub(super) enum Form {
    /// They are positions in the list of that name; a new one comes from the function for its
    /// class.
    Members {
        list: String,
        makers: BTreeMap<String, String>,
        /// Whether those functions get the object, or what it is made of.
        of_object: bool,
        /// Methods of the class that are functions now, which get a position instead of their
        /// object: `Class.method`, and the function.
        placed: BTreeMap<String, String>,
    },
    /// There is one object, which is the variable of that name, and made by that expression.
    Single {
        name: String,
        site: NodeId,
        /// Whether a statement of the module makes it, and binds it to that name.
        at_level: bool,
    },
}

/// The module, and the functions that name the variable now.
pub(super) type Rewritten = (Module, BTreeSet<String>);

/// Why a module is not rewritten: a method in which the object itself goes to another name,
/// or a use that cannot be followed.
pub(super) type Refused = Option<String>;

/// Rewrites the names of all objects of a class.
pub(super) fn module(
    module: &Module,
    known: &Known<'_>,
    class: &str,
    form: &Form,
) -> Result<Rewritten, Refused> {
    let mut rewrite = Rewrite {
        known,
        class,
        form,
        key: None,
        next_id: module.node_count,
        users: BTreeSet::new(),
        direct: BTreeSet::new(),
        given_away: None,
        moved: Vec::new(),
        setters: BTreeMap::new(),
    };
    let mut rewritten = module.clone();
    if rewrite.level(&mut rewritten).is_err() {
        return Err(rewrite.given_away);
    }
    rewrite.add_setters(&mut rewritten);
    rewritten.node_count = rewrite.next_id;
    Ok((rewritten, rewrite.users))
}

struct Rewrite<'r, 'm> {
    known: &'r Known<'m>,
    class: &'r str,
    form: &'r Form,
    /// The function; none at the level of the module.
    key: Option<String>,
    next_id: u32,
    users: BTreeSet<String>,
    /// Names of objects themselves, in the cases of a `match`.
    direct: BTreeSet<String>,
    /// The method in which the object itself goes to another name.
    given_away: Refused,
    /// Methods that are functions now.
    moved: Vec<Stmt>,
    /// Methods that the family gets.
    setters: variants::Setters,
}

impl Rewrite<'_, '_> {
    fn level(&mut self, module: &mut Module) -> Done {
        let mut kept = Vec::new();
        for mut stmt in std::mem::take(&mut module.body.stmts) {
            let is_site =
                matches!(&stmt.kind, StmtKind::Assign { value, .. } if self.is_site(value));
            if !is_site && self.is_only_a_name(&stmt)? {
                continue;
            }
            match &mut stmt.kind {
                StmtKind::Function(function) => {
                    self.key = Some(function.name.name.clone());
                    self.function(function)?;
                }
                // What looks which class of the family it is looks at the object itself.
                StmtKind::Class(of) if !of.variants.is_empty() && of.name.name == self.class => {}
                StmtKind::Class(of) => {
                    self.annotations(of);
                    let mut own = Vec::new();
                    for mut inner in std::mem::take(&mut of.body.stmts) {
                        if let StmtKind::Function(method) = &mut inner.kind {
                            let key = format!("{}.{}", of.name.name, method.name.name);
                            self.key = Some(key.clone());
                            self.function(method)?;
                            if let Some(name) = self.placed(&key) {
                                self.to_function(method, name)?;
                                self.moved.push(inner);
                                continue;
                            }
                        }
                        own.push(inner);
                    }
                    of.body.stmts = own;
                }
                StmtKind::Assign { value, .. } if is_site => self.arguments(value)?,
                _ => self.stmt(&mut stmt)?,
            }
            self.key = None;
            kept.push(stmt);
            kept.append(&mut self.moved);
        }
        module.body.stmts = kept;
        Ok(())
    }

    /// What the body of a class says of attributes that are no objects any more.
    fn annotations(&self, of: &mut Class) {
        let made = of.made.is_some();
        of.body.stmts.retain_mut(|stmt| match &mut stmt.kind {
            StmtKind::AnnAssign {
                annotation, value, ..
            } if names_class(annotation, self.class) => {
                annotation.kind = ExprKind::Ellipsis;
                made || value.is_some()
            }
            _ => true,
        });
    }

    /// The function that a method is now.
    fn placed(&self, key: &str) -> Option<&str> {
        match self.form {
            Form::Members { placed, .. } => placed.get(key).map(String::as_str),
            Form::Single { .. } => None,
        }
    }

    /// Makes a function of a method, whose first parameter is a position.
    fn to_function(&self, method: &mut Function, name: &str) -> Done {
        let plain = method.decorators.is_empty() && !method.name.name.starts_with("__");
        let Some(first) = method.params.list.first().filter(|_| plain) else {
            return Err(Lost);
        };
        let one = crate::desugar::snake(crate::ty::shown_class(self.class));
        let own = first.name.name.clone();
        let names = [one.clone(), format!("this_{one}"), format!("at_{one}")];
        let model = self.known.model;
        let free = |name: &String| {
            !super::known::binds(method, name)
                && !model.globals.contains_key(name)
                && !self.known.functions.contains_key(name)
        };
        let new = names.into_iter().find(free).ok_or(Lost)?;
        let mut rename = Rename {
            own: &own,
            new: &new,
        };
        rename.block(&mut method.body);
        if let Some(first) = method.params.list.first_mut() {
            first.name.name.clone_from(&new);
        }
        method.name.name = name.to_string();
        Ok(())
    }

    /// Whether this is where the module makes the only object.
    fn is_site(&self, e: &Expr) -> bool {
        matches!(self.form, Form::Single { site, at_level: true, .. } if *site == e.id)
    }

    fn expr(&mut self, like: &Expr, kind: ExprKind) -> Expr {
        let id = NodeId(self.next_id);
        self.next_id += 1;
        Expr {
            id,
            span: like.span,
            kind,
        }
    }

    fn ty(&self, e: &Expr) -> Ty {
        self.known.ty(self.key.as_deref(), e.id)
    }

    /// Whether an expression is an object of the class, or None.
    fn holds(&self, e: &Expr) -> bool {
        match self.ty(e).narrowed() {
            Ty::Instance(class) => family_of(&class) == self.class,
            Ty::Unknown => self.known.keeps(self.key.as_deref(), e, self.class),
            _ => false,
        }
    }

    /// Whether a value is, or holds, objects of the class.
    fn mentions(&self, e: &Expr) -> bool {
        self.mentions_in(&self.ty(e))
    }

    /// Whether values of a type are, or hold, objects of the class.
    fn mentions_in(&self, ty: &Ty) -> bool {
        let mut classes = BTreeSet::new();
        held(ty, &mut classes);
        classes.contains(self.class)
    }

    /// Whether a value is, or holds, objects of the class and of no other: positions of
    /// different classes are not told apart.
    fn only(&self, e: &Expr) -> bool {
        let mut classes = BTreeSet::new();
        held(&self.ty(e), &mut classes);
        classes.len() == 1 && classes.contains(self.class)
    }

    /// Whether an expression is the object whose method this is, or that a `match` is about.
    fn is_receiver(&self, e: &Expr) -> bool {
        let own = self
            .key
            .as_ref()
            .and_then(|key| self.known.functions.get(key));
        let receiver = own.and_then(|own| own.receiver);
        let is_direct = matches!(&e.kind, ExprKind::Name(name) if self.direct.contains(name));
        if self
            .key
            .as_ref()
            .is_some_and(|key| self.placed(key).is_some())
        {
            return is_direct;
        }
        is_direct
            || matches!((receiver, &e.kind), (Some((class, first)), ExprKind::Name(name))
                if family_of(class) == self.class && name == first)
    }

    fn is_single(&self) -> bool {
        matches!(self.form, Form::Single { .. })
    }

    /// Whether an expression only names the object, or is where the only one is made.
    fn only_names(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(_) => true,
            ExprKind::Attribute { value, .. } => self.only_names(value),
            _ => matches!(self.form, Form::Single { site, .. } if *site == e.id),
        }
    }

    /// Where something is asked of an object, or anything else is meant.
    fn object(&mut self, e: &mut Expr) -> Done {
        if self.is_receiver(e) {
            return Ok(());
        }
        if !self.holds(e) {
            return self.value(e);
        }
        match self.form {
            Form::Single { name, site, .. } => {
                if !self.only_names(e) || e.id == *site {
                    return Err(Lost);
                }
                e.kind = ExprKind::Name(name.clone());
            }
            Form::Members { list, .. } => {
                self.value(e)?;
                let list = self.expr(e, ExprKind::Name(list.clone()));
                let kind = ExprKind::Subscript {
                    value: Box::new(list),
                    index: Box::new(e.clone()),
                };
                *e = self.expr(e, kind);
            }
        }
        self.users.extend(self.key.clone());
        Ok(())
    }

    /// Where a name of an object may go on to another name, or anything else stands.
    fn value(&mut self, e: &mut Expr) -> Done {
        if self.holds(e) && (self.is_single() || self.is_receiver(e)) {
            let direct = matches!(&e.kind, ExprKind::Name(name) if self.direct.contains(name));
            self.given_away = self.key.clone().filter(|_| !self.is_single() && !direct);
            return Err(Lost);
        }
        match &mut e.kind {
            ExprKind::Attribute { value, .. } => self.object(value),
            ExprKind::Call { .. } => self.call(e),
            ExprKind::Compare { .. } => self.compare(e),
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.truth(operand),
            ExprKind::Unary { operand, .. } => self.object(operand),
            ExprKind::Binary { left, op, right }
                if *op == BinaryOp::Mod && self.ty(left) == Ty::Str =>
            {
                self.value(left)?;
                self.filled_in(right)
            }
            ExprKind::Binary { left, right, .. } => {
                self.object(left)?;
                self.object(right)
            }
            ExprKind::Logical { op, values } => {
                let is_or = matches!(op, BoolOp::Or);
                if !values.iter().any(|v| self.holds(v)) {
                    return values.iter_mut().try_for_each(|v| self.value(v));
                }
                match values.as_mut_slice() {
                    [first, other] if is_or => {
                        e.kind = self.either(first, other)?;
                        Ok(())
                    }
                    _ => Err(Lost),
                }
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.truth(test)?;
                self.value(body)?;
                self.value(orelse)
            }
            ExprKind::Subscript { value, index } => {
                self.object(value)?;
                self.key(index)
            }
            ExprKind::Set(items) => items.iter_mut().try_for_each(|item| self.key(item)),
            ExprKind::Dict(items) => items.iter_mut().try_for_each(|(key, value)| {
                key.iter_mut().try_for_each(|key| self.key(key))?;
                self.value(value)
            }),
            ExprKind::FString(parts) => self.text(parts),
            ExprKind::Comprehension {
                kind,
                element,
                value,
                clauses,
            } => {
                for clause in clauses {
                    self.object(&mut clause.iter)?;
                    self.target(&mut clause.target)?;
                    clause
                        .ifs
                        .iter_mut()
                        .try_for_each(|test| self.truth(test))?;
                }
                match kind {
                    ComprehensionKind::Dict | ComprehensionKind::Set => self.key(element)?,
                    ComprehensionKind::List | ComprehensionKind::Generator => {
                        self.value(element)?;
                    }
                }
                value.iter_mut().try_for_each(|v| self.value(v))
            }
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Await(_) => Err(Lost),
            // What goes by what it gives may compare the objects.
            ExprKind::Lambda { body, .. } if self.mentions(body) => Err(Lost),
            ExprKind::Lambda { params, body } => {
                let mut defaults = params.list.iter_mut().filter_map(|p| p.default.as_mut());
                defaults.try_for_each(|d| self.value(d))?;
                self.value(body)
            }
            _ => {
                let mut done = Ok(());
                children(e, &mut |child| {
                    if done.is_ok() {
                        done = self.value(child);
                    }
                });
                done
            }
        }
    }

    /// `motor or other`: the one that is not None.
    fn either(&mut self, first: &mut Expr, other: &mut Expr) -> Result<ExprKind, Lost> {
        let may_be_none = matches!(self.ty(first), Ty::Option(_));
        let has_truth = self.known.has(self.class, &["__bool__", "__len__"]);
        if !may_be_none || has_truth || !self.holds(first) || !self.only_names(first) {
            return Err(Lost);
        }
        self.value(first)?;
        self.value(other)?;
        let mut test = first.clone();
        crate::ast::rewrite::expr(&mut test, &mut |e| {
            e.id = NodeId(self.next_id);
            self.next_id += 1;
        });
        Ok(ExprKind::Conditional {
            test: Box::new(self.is_something(test)),
            body: Box::new(first.clone()),
            orelse: Box::new(other.clone()),
        })
    }

    /// `e is not None`
    fn is_something(&mut self, e: Expr) -> Expr {
        let none = self.expr(&e, ExprKind::None);
        let like = e.clone();
        let kind = ExprKind::Compare {
            left: Box::new(e),
            ops: vec![CompareOp::IsNot],
            rest: vec![none],
        };
        self.expr(&like, kind)
    }

    /// A key: an object is none, where objects of other classes may be keys as well.
    fn key(&mut self, e: &mut Expr) -> Done {
        match self.mentions(e) {
            true => Err(Lost),
            false => self.value(e),
        }
    }

    /// What a text shows of an object, the object shows.
    fn text(&mut self, parts: &mut Vec<FStringPart>) -> Done {
        for mut part in std::mem::take(parts) {
            if let FStringPart::Value {
                value,
                conversion,
                spec,
            } = &mut part
            {
                if self.mentions(value) && !self.holds(value) {
                    let plain = spec.is_empty() && *conversion != Some(Conversion::Ascii);
                    let items = self.shown_items(value)?;
                    if !plain {
                        return Err(Lost);
                    }
                    parts.push(FStringPart::Literal("[".into()));
                    parts.push(items);
                    parts.push(FStringPart::Literal("]".into()));
                    continue;
                }
                self.shown(value)?;
                self.text(spec)?;
            }
            parts.push(part);
        }
        Ok(())
    }

    /// What a list of objects shows: `", ".join(f"{jobs[job]!r}" for job in waiting)`.
    fn shown_items(&mut self, e: &mut Expr) -> Result<FStringPart, Lost> {
        let Form::Members { list, .. } = self.form else {
            return Err(Lost);
        };
        let of_class = match self.ty(e) {
            Ty::List { elem, .. } => match *elem {
                Ty::Instance(class) => family_of(&class) == self.class,
                _ => false,
            },
            _ => false,
        };
        let names = [crate::desugar::snake(self.class), "shown".to_string()];
        let name = names.into_iter().find(|name| !self.known.is_taken(name));
        let Some(name) = name.filter(|_| of_class && !self.shows_others()) else {
            return Err(Lost);
        };
        self.value(e)?;
        self.users.extend(self.key.clone());
        let mut build = Build {
            next_id: &mut self.next_id,
            span: e.span,
        };
        let (objects, index) = (build.name(list), build.name(&name));
        let object = build.expr(ExprKind::Subscript {
            value: Box::new(objects),
            index: Box::new(index),
        });
        let shown = FStringPart::Value {
            value: Box::new(object),
            conversion: Some(Conversion::Repr),
            spec: Vec::new(),
        };
        let clause = Clause {
            target: build.name(&name),
            iter: e.clone(),
            ifs: Vec::new(),
            is_async: false,
        };
        let element = Box::new(build.expr(ExprKind::FString(vec![shown])));
        let items = build.expr(ExprKind::Comprehension {
            kind: ComprehensionKind::Generator,
            element,
            value: None,
            clauses: vec![clause],
        });
        let comma = build.expr(ExprKind::Str(", ".into()));
        let join = build.attr(comma, "join");
        Ok(FStringPart::Value {
            value: Box::new(build.call(join, vec![items])),
            conversion: None,
            spec: Vec::new(),
        })
    }

    /// What is shown, copied, or looked into by what we do not follow.
    fn shown(&mut self, e: &mut Expr) -> Done {
        let is_one = self.holds(e);
        let may_be_none = matches!(self.ty(e), Ty::Option(_));
        if self.mentions(e) && !is_one || is_one && (may_be_none || self.shows_others()) {
            return Err(Lost);
        }
        self.object(e)
    }

    /// What fills in the places of a text.
    fn filled_in(&mut self, e: &mut Expr) -> Done {
        match &mut e.kind {
            ExprKind::Tuple(items) => items.iter_mut().try_for_each(|item| self.shown(item)),
            _ => self.shown(e),
        }
    }

    /// Whether Python makes texts and comparisons of an object that look into others of its
    /// class.
    fn shows_others(&self) -> bool {
        let holds = |ty: &Ty| self.mentions_in(ty);
        self.known.variants(self.class).iter().any(|own| {
            let model = self.known.model.classes.get(own);
            model.is_some_and(|c| c.made.is_some() && c.fields.iter().any(|(_, f)| holds(&f.ty)))
        })
    }

    /// Where only the truth of a value counts.
    fn truth(&mut self, e: &mut Expr) -> Done {
        match &mut e.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => return self.truth(operand),
            ExprKind::Logical { values, .. } => {
                return values.iter_mut().try_for_each(|v| self.truth(v));
            }
            _ => {}
        }
        if !self.holds(e) {
            return self.value(e);
        }
        if !matches!(self.ty(e), Ty::Option(_)) {
            return self.object(e);
        }
        if self.known.has(self.class, &["__bool__", "__len__"]) {
            return Err(Lost);
        }
        self.value(e)?;
        *e = self.is_something(e.clone());
        Ok(())
    }

    fn target(&mut self, target: &mut Expr) -> Done {
        match &mut target.kind {
            ExprKind::Name(_) => match self.is_single() && self.holds(target) {
                true => Err(Lost),
                false => Ok(()),
            },
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter_mut().try_for_each(|t| self.target(t))
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.value(target),
        }
    }

    fn block(&mut self, block: &mut Block) -> Done {
        let mut kept = Vec::new();
        for mut stmt in std::mem::take(&mut block.stmts) {
            if self.is_only_a_name(&stmt)? {
                continue;
            }
            self.of_variant(&mut stmt);
            kept.extend(self.by_index(&mut stmt)?);
            self.stmt(&mut stmt)?;
            kept.push(stmt);
        }
        block.stmts = kept;
        Ok(())
    }

    /// Whether a statement does nothing but give the only object a name.
    fn is_only_a_name(&self, stmt: &Stmt) -> Result<bool, Lost> {
        let (target, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => match targets.as_slice() {
                [target] => (target, value),
                _ => return Ok(false),
            },
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (target, value),
            _ => return Ok(false),
        };
        if !self.is_single() || !self.holds(value) {
            return Ok(false);
        }
        match target.kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } if self.only_names(value) => Ok(true),
            _ => Err(Lost),
        }
    }

    fn stmt(&mut self, stmt: &mut Stmt) -> Done {
        match &mut stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.assigned(targets, value)?;
                targets.iter_mut().try_for_each(|t| self.target(t))
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                self.forget(annotation);
                value.iter_mut().try_for_each(|v| self.value(v))?;
                self.target(target)
            }
            StmtKind::AugAssign { target, value, .. } => {
                if self.holds(target) || self.holds(value) {
                    return Err(Lost);
                }
                self.value(value)?;
                self.target(target)
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.object(iter)?;
                self.target(target)?;
                self.block(body)?;
                self.block(orelse)
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                self.truth(test)?;
                self.block(body)?;
                self.block(orelse)
            }
            StmtKind::Assert { test, message } => {
                self.truth(test)?;
                message.iter_mut().try_for_each(|m| self.shown(m))
            }
            StmtKind::With { items, .. } if items.iter().any(|(e, _)| self.mentions(e)) => {
                Err(Lost)
            }
            StmtKind::Match { subject, cases } if self.holds(subject) && !self.is_single() => {
                self.object(subject)?;
                cases.iter_mut().try_for_each(|case| self.case(case))
            }
            StmtKind::Match { subject, .. } if self.mentions(subject) => Err(Lost),
            // What it sees of the variables around it is not followed.
            StmtKind::Function(_) | StmtKind::Class(_) => Err(Lost),
            _ => {
                let mut done = Ok(());
                let blocks: Vec<Block> = blocks_mut(stmt).into_iter().map(std::mem::take).collect();
                crate::ast::rewrite::roots(stmt, &mut |e| {
                    if done.is_ok() {
                        done = self.value(e);
                    }
                });
                for (slot, block) in blocks_mut(stmt).into_iter().zip(blocks) {
                    *slot = block;
                }
                done?;
                blocks_mut(stmt)
                    .into_iter()
                    .try_for_each(|block| self.block(block))
            }
        }
    }

    /// A case of a `match` of an object: what it calls the object is the object itself.
    fn case(&mut self, case: &mut Case) -> Done {
        let plain = |pattern: &Pattern| match &pattern.kind {
            PatternKind::Class {
                positional,
                keywords,
                ..
            } => positional.is_empty() && keywords.is_empty(),
            _ => false,
        };
        let name = match &case.pattern.kind {
            PatternKind::As {
                pattern: Some(pattern),
                name,
            } if plain(pattern) => name.clone(),
            PatternKind::As {
                pattern: None,
                name: None,
            } => None,
            _ if plain(&case.pattern) => None,
            _ => return Err(Lost),
        };
        let fresh = name.filter(|name| self.direct.insert(name.clone()));
        case.guard
            .iter_mut()
            .try_for_each(|guard| self.truth(guard))?;
        self.block(&mut case.body)?;
        if let Some(name) = fresh {
            self.direct.remove(&name);
        }
        Ok(())
    }

    /// The value of an assignment.
    fn assigned(&mut self, targets: &[Expr], value: &mut Expr) -> Done {
        let parts = |t: &Expr| matches!(t.kind, ExprKind::Tuple(_) | ExprKind::List(_));
        match targets.iter().any(parts) {
            true => self.object(value),
            false => self.value(value),
        }
    }

    /// The arguments of the call that makes the only object.
    fn arguments(&mut self, site: &mut Expr) -> Done {
        let mut done = Ok(());
        children(site, &mut |part| {
            if done.is_ok() {
                done = self.value(part);
            }
        });
        done
    }

    /// An annotation of what is no object any more.
    fn forget(&mut self, annotation: &mut Expr) {
        if names_class(annotation, self.class) {
            annotation.kind = ExprKind::Ellipsis;
        }
    }

    /// A function: its body, and what its head says of the class.
    fn function(&mut self, function: &mut Function) -> Done {
        for param in &mut function.params.list {
            let names = |a: &mut Expr| names_class(a, self.class);
            param.annotation.take_if(names);
            if let Some(default) = &mut param.default {
                self.value(default)?;
            }
        }
        function.returns.take_if(|a| names_class(a, self.class));
        self.block(&mut function.body)?;
        if self.is_single() {
            let class = Ty::Instance(self.class.to_string());
            let own = self
                .key
                .as_ref()
                .and_then(|key| self.known.functions.get(key));
            let receiver = own.and_then(|own| own.receiver);
            let own = receiver.map(|(_, first)| first);
            let known = self.known;
            function.params.list.retain(|p| {
                own == Some(p.name.name.as_str()) || known.param(p).narrowed() != class
            });
        }
        if function.body.stmts.is_empty() {
            let id = NodeId(self.next_id);
            self.next_id += 1;
            function.body.stmts.push(Stmt {
                id,
                span: function.name.span,
                blank_before: false,
                comments: Vec::new(),
                line_comment: None,
                kind: StmtKind::Pass,
            });
        }
        Ok(())
    }
}

/// Gives a name another.
struct Rename<'r> {
    own: &'r str,
    new: &'r str,
}

impl Rename<'_> {
    fn block(&mut self, block: &mut Block) {
        block.stmts.iter_mut().for_each(|stmt| {
            crate::ast::rewrite::stmt(stmt, &mut |e| {
                if let ExprKind::Name(name) = &mut e.kind
                    && name == self.own
                {
                    name.clone_from(&self.new.to_string());
                }
            });
        });
    }
}

/// Whether an annotation names a class.
pub(super) fn names_class(annotation: &Expr, class: &str) -> bool {
    let here = match &annotation.kind {
        ExprKind::Name(name) => family_of(name) == class,
        ExprKind::Str(text) => text.contains(class),
        _ => false,
    };
    here || crate::ast::visit::children(annotation)
        .iter()
        .any(|part| names_class(part, class))
}
