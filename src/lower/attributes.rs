//! Attributes of instances, classes and members, and the receivers of their methods.
//!
//! Enters: `x.name`, or the object of a method. Leaves: the field, the constant or the call
//! of a property. This module must not know how classes are written.

use super::classes::variant;
use super::function::FnLower;
use crate::ast::Expr as PyExpr;
use crate::ast::ExprKind;
use crate::infer::FnId;
use crate::ir::{Expr, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

impl<'a> FnLower<'_, 'a> {
    /// Reads an attribute of an instance, a class or an enum's member.
    pub(super) fn class_read(
        &mut self,
        e: &'a PyExpr,
        value: &'a PyExpr,
        name: &str,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        match self.fact(value.id).ty.narrowed() {
            Ty::Instance(class) => {
                if let Some(id) = self.property_of(e) {
                    return self.property(e, id, value, &fact);
                }
                if self.lw.class_field(&class, name).is_some() {
                    // What a family's member keeps is given by a method, which has no place.
                    let given = self.property_of(value).is_some();
                    let place = match self.path_of(e).filter(|_| !given) {
                        Some(path) => self.path_place(&path, false),
                        None => {
                            let base = self.object(value)?;
                            let field = self.lw.attribute_ident(&class, name);
                            let ty = self.lw.class_field(&class, name);
                            ty.map(|ty| (base.field(field), ty))
                        }
                    };
                    let Some((expr, rty)) = place else {
                        return Err(self.hole(e));
                    };
                    let val = Val::declared(expr, rty, &fact);
                    if self.lw.input.model.late_reads.contains(&e.id) {
                        return Ok(self.late_read(val, &class, name, &fact));
                    }
                    return self.as_narrowed(val, &fact);
                }
                self.object_alone(e, value)?;
                self.class_const(e, &class, name)
            }
            Ty::Class(class) => {
                let is_member = self
                    .lw
                    .input
                    .model
                    .classes
                    .get(&class)
                    .is_some_and(|c| c.members.iter().any(|(n, _)| n == name));
                if is_member {
                    self.lw.used_classes.insert(class.clone());
                    let path = format!("{}::{}", self.class_path(&class), variant(name));
                    return Ok(Val::new(
                        Expr::atom(path),
                        self.lw.class_type(&class),
                        &fact,
                    ));
                }
                self.class_const(e, &class, name)
            }
            Ty::Member(class) => {
                if let Some(id) = self.model.calls.get(&e.id).copied() {
                    return self.property(e, id, value, &fact);
                }
                self.member_attribute(value, &class, name, &fact)
            }
            _ => Err(self.hole(e)),
        }
    }

    /// A read that asks whether the attribute is there by now.
    fn late_read(&mut self, val: Val, class: &str, name: &str, fact: &Fact) -> Val {
        let RTy::Option(inner) = val.rty else {
            return val;
        };
        let class = crate::ty::shown_class(class);
        let error = self.error(&format!(
            "AttributeError: '{class}' object has no attribute '{name}'"
        ));
        let (found, rty) = match *inner {
            RTy::String => (val.expr.method("as_deref", vec![]), RTy::Str),
            rty => (val.expr, rty),
        };
        Val::new(found.ok_or(&error), rty, fact)
    }

    fn class_const(&mut self, e: &PyExpr, class: &str, name: &str) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let known = self.lw.input.model.classes.contains_key(class);
        let Some(value) = self.lw.class_default(class, name).filter(|_| known) else {
            return Err(self.hole(e));
        };
        let found = self.lw.input.model.module.fact(value.id);
        let Some((ty, _)) = self.lw.constant_of(value, &found) else {
            return Err(self.partly(e, &format!("the class attribute `{class}.{name}`")));
        };
        self.lw
            .class_consts_used
            .insert((class.to_string(), name.to_string()));
        self.lw.used_classes.insert(class.to_string());
        let prefix = self.class_path(class);
        Ok(Val::new(
            Expr::atom(format!("{prefix}::{}", self.lw.class_const(class, name))),
            ty,
            &fact,
        ))
    }

    /// The property that an attribute is. The target of `a.x += b` goes by the call of its
    /// operator, which is none.
    fn property_of(&self, e: &PyExpr) -> Option<FnId> {
        let id = self.model.calls.get(&e.id).copied()?;
        let function = self.lw.input.model.functions.get(id.0)?;
        let name = function.python_name.rsplit('.').next()?;
        let operator = name.starts_with("__") && name != "__getattr__";
        (!operator).then_some(id)
    }

    fn property(
        &mut self,
        e: &'a PyExpr,
        id: FnId,
        value: &'a PyExpr,
        fact: &Fact,
    ) -> Result<Val, Expr> {
        self.lw.ensure(id);
        let Some(callee) = self.lw.input.model.functions.get(id.0) else {
            return Err(self.hole(e));
        };
        let receiver = self.receiver(value, callee.mutated.contains(&0))?;
        let args = self.global_args(callee);
        let expr = receiver.method(self.lw.function_name(id), args);
        let expr = if self.lw.is_fallible(id) {
            expr.try_()
        } else {
            expr
        };
        let Some(rty) = self.lw.lowered.get(&id).map(|f| f.ret.clone()) else {
            return Err(self.hole(e));
        };
        let val = Val::declared(expr, rty, fact);
        self.as_narrowed(val, fact)
    }

    /// The receiver of a method.
    pub(super) fn receiver(&mut self, value: &'a PyExpr, changes: bool) -> Result<Expr, Expr> {
        self.build_self(value);
        let path = match changes {
            true => self.path_of(value),
            false => self.kept_path(value),
        };
        match path {
            Some(path) => {
                let Some((place, rty)) = self.path_place(&path, changes) else {
                    return Err(self.hole(value));
                };
                if changes {
                    self.forget_path(&path);
                }
                match rty {
                    RTy::Option(_) => {
                        let name = format!("`{}` is None", self.path_text(&path));
                        Ok(self.not_none(place, &rty, changes, &name))
                    }
                    // A method borrows by itself: the reference is there for `mut`.
                    _ if changes && !is_self_place(&place) => Ok(Expr::RefMut(Box::new(place))),
                    _ => Ok(place),
                }
            }
            None if changes => match self.element_to_change(value)? {
                Some((place, rty)) => Ok(match self.not_none(place.clone(), &rty, true, "None") {
                    same if same == place => Expr::RefMut(Box::new(place)),
                    found => found,
                }),
                None if matches!(
                    value.kind,
                    ExprKind::Subscript { .. } | ExprKind::Attribute { .. }
                ) =>
                {
                    self.forget_base(value);
                    let (place, rty) = self.place(value, true)?;
                    Ok(self.not_none(place, &rty, true, "None"))
                }
                None => self.object(value),
            },
            None => self.object(value),
        }
    }

    /// What an expression gives, which must not be None.
    fn object(&mut self, value: &'a PyExpr) -> Result<Expr, Expr> {
        let found = self.expr(value)?;
        if matches!(found.rty.peel(), RTy::Option(_)) {
            self.tell_attribute(self.error("AttributeError (None)"), |_, e| e.id == value.id);
        }
        // A method borrows an element by itself.
        let expr = match found.expr {
            Expr::Ref(element) if matches!(*element, Expr::Index(..)) => *element,
            other => other,
        };
        Ok(self.not_none(expr, &found.rty, false, "None"))
    }

    /// What an `Option` holds, or Python's error; what is none as it is.
    pub(super) fn not_none(&self, held: Expr, rty: &RTy, changes: bool, what: &str) -> Expr {
        let inner = match (rty, rty.peel()) {
            (_, RTy::Option(inner)) => inner,
            _ => return held,
        };
        let lent = rty.is_ref() || held.is_place();
        let option = match lent && !inner.is_ref() {
            true if changes => held.method("as_mut", vec![]),
            true => held.method("as_ref", vec![]),
            false => held,
        };
        option.ok_or(&self.error(&format!("AttributeError ({what})")))
    }

    /// Whether a variable is the instance.
    pub(super) fn is_self(&self, root: &str) -> bool {
        self.has_receiver()
            && self
                .function
                .params
                .list
                .first()
                .is_some_and(|p| p.name.name == root)
    }
}

/// Whether a place lies in `self`.
fn is_self_place(place: &Expr) -> bool {
    match place {
        Expr::Atom(text) => text == "self",
        Expr::Field(base, _) | Expr::Index(base, _) => is_self_place(base),
        _ => false,
    }
}
