//! Calls: who gets the names of objects.

use super::*;
use crate::ast::{Ident, Keyword};
use crate::catalog::position;
use crate::infer::{Bound, bind_arguments};

/// Builtins that hand on the items of a collection, or ask how many there are.
const FOLLOWED: [&str; 17] = [
    "len",
    "enumerate",
    "zip",
    "reversed",
    "sorted",
    "min",
    "max",
    "any",
    "all",
    "list",
    "tuple",
    "next",
    "iter",
    "sum",
    "set",
    "dict",
    "deque",
];

/// Methods of collections that look at no item.
const ADDS: [&str; 7] = [
    "append",
    "appendleft",
    "insert",
    "extend",
    "add",
    "setdefault",
    "update",
];

/// Methods of a logger, which show what they are given.
const LOGS: [&str; 6] = ["debug", "info", "warning", "error", "critical", "exception"];

impl Rewrite<'_, '_> {
    pub(super) fn call(&mut self, e: &mut Expr) -> Done {
        let callee = self.known.callee(self.key.as_deref(), e.id);
        let is_made = self.known.makes(self.key.as_deref(), e, self.class);
        let gives = self.mentions(e);
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &mut e.kind
        else {
            return Ok(());
        };
        if is_made {
            let Form::Members {
                makers, of_object, ..
            } = self.form
            else {
                return Err(Lost);
            };
            self.users.extend(self.key.clone());
            let made = self.known.made(self.key.as_deref(), func);
            let Some(maker) = made.and_then(|class| makers.get(&class)) else {
                return Err(Lost);
            };
            if !of_object {
                func.kind = ExprKind::Name(maker.clone());
                return self.passed(args, keywords);
            }
            self.passed(args, keywords)?;
            let object = e.clone();
            let maker = self.expr(&object, ExprKind::Name(maker.clone()));
            let kind = ExprKind::Call {
                func: Box::new(maker),
                args: vec![object],
                keywords: Vec::new(),
            };
            *e = self.expr(e, kind);
            return Ok(());
        }
        if let Some(callee) = callee {
            if let Some(function) = self.placed(callee).map(str::to_string) {
                let ExprKind::Attribute { value, .. } = &func.kind else {
                    return Err(Lost);
                };
                let mut at = (**value).clone();
                if !self.holds(&at) {
                    return Err(Lost);
                }
                let may_be_none = matches!(self.ty(&at), Ty::Option(_));
                self.value(&mut at)?;
                if may_be_none {
                    let some = self.expr(&at, ExprKind::Name(position::SOME.to_string()));
                    let kind = ExprKind::Call {
                        func: Box::new(some),
                        args: vec![at.clone()],
                        keywords: Vec::new(),
                    };
                    at = self.expr(&at, kind);
                }
                func.kind = ExprKind::Name(function);
                self.passed(args, keywords)?;
                args.insert(0, at);
                return Ok(());
            }
            // `str(motor)`: a builtin asks the object itself.
            if let (ExprKind::Name(name), [shown]) = (&func.kind, args.as_mut_slice())
                && !self.known.functions.contains_key(name)
                && callee.ends_with("__")
                && !callee.ends_with(".__init__")
                && self.holds(shown)
                && keywords.is_empty()
            {
                return self.shown(shown);
            }
            if let ExprKind::Attribute { value, .. } = &mut func.kind {
                self.object(value)?;
            }
            if self.is_single() {
                self.without_the_object(callee, args, keywords)?;
            }
            return self.passed(args, keywords);
        }
        // A copy of what holds objects would be given objects of its own.
        let own = |name: &str| self.known.functions.contains_key(name);
        let copies = self.known.model.full_name(func, own).as_deref() == Some("copy.deepcopy");
        if copies && args.iter().any(|a| self.holds_any(a)) {
            return Err(Lost);
        }
        let all = args.iter().chain(keywords.iter().map(|k| &k.value));
        let gets = all.into_iter().any(|a| self.mentions(a));
        match &mut func.kind {
            ExprKind::Attribute { value, attr }
                if gets
                    && !self.mentions(value)
                    && match self.ty(value) {
                        Ty::Str => attr.name == "format",
                        _ => LOGS.contains(&attr.name.as_str()) && !gives,
                    } =>
            {
                self.value(value)?;
                let keywords = keywords.iter_mut().map(|k| &mut k.value);
                return args
                    .iter_mut()
                    .chain(keywords)
                    .try_for_each(|a| self.shown(a));
            }
            ExprKind::Attribute { value, attr } => {
                let collection = matches!(
                    self.ty(value).narrowed(),
                    Ty::List { .. }
                        | Ty::Dict { .. }
                        | Ty::Set(_)
                        | Ty::Deque { .. }
                        | Ty::Tuple(_)
                );
                // `remove`, `index` and the like look for an equal one.
                let looks = !ADDS.contains(&attr.name.as_str())
                    && !attr.name.starts_with("heapq.")
                    && (self.known.equates(self.class) || !self.only(value));
                let by_key = match self.ty(value).narrowed() {
                    Ty::Dict { .. } => args.first().is_some_and(|key| self.mentions(key)),
                    Ty::Set(_) => true,
                    _ => false,
                };
                if gets && (!collection || looks || by_key) || self.orders(value, attr, keywords) {
                    return Err(Lost);
                }
                self.object(value)?;
            }
            ExprKind::Name(name) => {
                let followed = FOLLOWED.contains(&name.as_str());
                let keyed = keywords
                    .iter()
                    .any(|k| k.name.as_ref().is_some_and(|n| n.name == "key"));
                let ordered = matches!(name.as_str(), "min" | "max" | "sorted" | "sum") && !keyed;
                if name == "bool"
                    && let [truth] = args.as_mut_slice()
                {
                    return self.truth(truth);
                }
                if let ("isinstance", [of, _]) = (name.as_str(), args.as_mut_slice()) {
                    let may_be_none = matches!(self.ty(of), Ty::Option(_));
                    return match self.mentions(of) && (!self.holds(of) || may_be_none) {
                        true => Err(Lost),
                        false => self.object(of),
                    };
                }
                if gets && !followed {
                    // `str(motor)`, of the object itself.
                    return match args.as_mut_slice() {
                        [shown] if !gives && keywords.is_empty() => self.shown(shown),
                        _ => Err(Lost),
                    };
                }
                // What runs through a dict gets its keys.
                let by_item = args.iter().any(|a| match self.ty(a).narrowed() {
                    Ty::Dict { key, .. } => self.mentions_in(&key),
                    _ => self.mentions(a),
                });
                if (gives && !followed) || (by_item && ordered) {
                    return Err(Lost);
                }
                if matches!(name.as_str(), "len" | "iter" | "list" | "tuple") {
                    return args.iter_mut().try_for_each(|a| self.object(a));
                }
            }
            _ if gives || gets => return Err(Lost),
            _ => self.value(func)?,
        }
        self.passed(args, keywords)
    }

    /// Whether a method puts objects of the class in an order: it would go by their positions.
    fn orders(&self, list: &Expr, method: &Ident, keywords: &[Keyword]) -> bool {
        let keyed = |k: &Keyword| k.name.as_ref().is_some_and(|n| n.name == "key");
        let of_objects = |ty: &Ty| match ty {
            Ty::Instance(class) => family_of(class) == self.class,
            _ => false,
        };
        let ty = self.ty(list).narrowed();
        let says_itself = self.known.compares(self.class);
        match method.name.as_str() {
            "sort" => self.mentions_in(&ty) && !keywords.iter().any(keyed),
            name if name.starts_with("heapq.") || name.starts_with("bisect.") => {
                self.mentions_in(&ty)
                    && !keywords.iter().any(keyed)
                    && (says_itself || ty.parts().into_iter().any(of_objects))
            }
            _ => false,
        }
    }

    /// Whether a value is, or holds, objects of any class.
    fn holds_any(&self, e: &Expr) -> bool {
        let mut classes = BTreeSet::new();
        held(&self.ty(e), &mut classes);
        !classes.is_empty()
    }

    fn passed(&mut self, args: &mut [Expr], keywords: &mut [Keyword]) -> Done {
        args.iter_mut().try_for_each(|a| self.value(a))?;
        keywords
            .iter_mut()
            .try_for_each(|k| self.value(&mut k.value))
    }

    /// Leaves the only object out of the arguments.
    fn without_the_object(
        &mut self,
        callee: &str,
        args: &mut Vec<Expr>,
        keywords: &mut Vec<Keyword>,
    ) -> Done {
        let Some(own) = self.known.functions.get(callee) else {
            return Err(Lost);
        };
        let skip = usize::from(callee.contains('.') && !is_static(own.function));
        let class = Ty::Instance(self.class.to_string());
        let params = own.function.params.list.iter().skip(skip);
        let params: Vec<_> = params.collect();
        if !params
            .iter()
            .any(|p| self.known.param(p).narrowed() == class)
        {
            return Ok(());
        }
        let Ok(bound) = bind_arguments(own.function, skip, args, keywords) else {
            return Err(Lost);
        };
        let mut left = BTreeSet::new();
        for (slot, param) in bound.iter().zip(params) {
            if self.known.param(param).narrowed() != class {
                continue;
            }
            match slot {
                Bound::Given(arg) if self.only_names(arg) => {
                    left.insert(arg.id);
                }
                Bound::Given(_) | Bound::Default(_) => return Err(Lost),
            }
        }
        args.retain(|a| !left.contains(&a.id));
        keywords.retain(|k| !left.contains(&k.value.id));
        Ok(())
    }
}

fn is_static(function: &Function) -> bool {
    function
        .decorators
        .iter()
        .any(|d| matches!(&d.kind, ExprKind::Name(n) if n == "staticmethod"))
}
