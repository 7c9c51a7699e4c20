//! `base.name = value`: fields of the state, of payloads and of instances.

use crate::ast::Expr as PyExpr;
use crate::diagnostic::Code;
use crate::infer::{Path, Problem};
use crate::ir::{Expr, RTy, StmtKind};
use crate::lower::function::FnLower;
use crate::lower::shadow::Plan;
use crate::source::Span;
use crate::ty::{Side, Ty};
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    pub(super) fn store_attribute(
        &mut self,
        target: &'a PyExpr,
        base: &'a PyExpr,
        name: &str,
        val: Val,
        at: Span,
    ) -> Result<(), Expr> {
        if self.lw.input.model.problems.contains_key(&target.id) {
            return Err(self.hole(target));
        }
        let base_ty = self.fact(base.id).ty.narrowed();
        if self.path_of(target).is_some_and(|p| self.is_input_path(&p)) {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("writing `.{name}` of an input is not translated"),
            )
            .with_help("PyTask works on a copy of the inputs: use a variable of your own");
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        }
        let path = self.path_of(target);
        if let (None, Ty::Instance(class)) = (&path, &base_ty) {
            let Some(ty) = self.lw.class_field(class, name) else {
                return Err(self.hole(target));
            };
            let value = self.coerce(val, &ty, at, name)?;
            let value = if value.is_simple() || !value.can_fail() && !self.calls_own(&value) {
                value
            } else {
                // The value is computed before its place is looked up.
                let held = Val::new(value, ty, &self.fact(target.id));
                self.hoist(held, "value", at).expr
            };
            let (place, _) = self.place(target, true)?;
            self.emit_assign(at, place, value);
            return Ok(());
        }
        let Some(path) = path else {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("writing `.{name}` of this is not translated yet"),
            );
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        };
        if let (Ty::Instance(_), Some(to)) = (&base_ty, self.path_type(&path)) {
            self.int_beyond_doubles(&val, &to, at, &format!("`{}`", self.path_text(&path)));
        }
        match &base_ty {
            Ty::Message {
                side: Side::Output, ..
            } if name == "tov" => self.store_tov(target, base, &path, val, at),
            Ty::Metadata => self.store_status(target, &path, val, at),
            Ty::Instance(class) => {
                if self.bind_attribute(&path, val.clone(), at)? {
                    self.forget_path(&path);
                    return Ok(());
                }
                let Some(ty) = self.lw.class_field(class, name) else {
                    return Err(self.hole(target));
                };
                self.write_field(&path, val, &ty, at, name)?;
                self.forget_path(&path);
                Ok(())
            }
            Ty::Struct(key) => {
                let Some(field) = self.lw.field(key, name).map(|f| f.ty.clone()) else {
                    let known: Vec<&str> = self
                        .lw
                        .fields(key)
                        .iter()
                        .map(|f| f.python_name.as_str())
                        .collect();
                    let message = format!(
                        "`{}` has no field `{name}`: PyTask drops this write",
                        crate::ty::last_segment(key)
                    );
                    let help = format!("it has {}", known.join(", "));
                    self.lw.report(
                        Code::UnknownFieldWritten,
                        target.span,
                        &message,
                        Some(&help),
                    );
                    // The payload becomes present all the same.
                    if let (Some(parent), true) = (self.path_of(base), self.is_output_path(&path)) {
                        if val.expr.can_fail() {
                            self.emit(at, StmtKind::Expr(val.expr));
                        }
                        if let Some((place, _)) = self.path_place(&parent, true)
                            && !place.is_simple()
                        {
                            self.emit(at, StmtKind::Expr(place));
                        }
                    }
                    return Ok(());
                };
                if crate::infer::is_dict_method(name) {
                    let message = format!(
                        "`{name}` is a method of the dict that a payload is: reading `.{name}` gives that"
                    );
                    self.lw.report(
                        Code::MethodNamedField,
                        target.span,
                        &message,
                        Some("rename the field"),
                    );
                }
                let rty = crate::lower::types::rty_of(&field);
                match self.shadows.write(target.id) {
                    Plan::Deferred { shadow, fresh } => {
                        let wide = self.wide_type(&field);
                        let value = self.coerce(val, &wide, at, name)?;
                        self.shadow_assign(&shadow.name, fresh, value, &wide, at);
                    }
                    Plan::Let { shadow, fresh } => {
                        let wide = self.wide_type(&field);
                        let range = val.range;
                        let ty = Ty::of_rust(&field, self.lw.input.types);
                        let value = self.coerce(val, &wide, at, name)?;
                        self.shadow_assign(&shadow.name, fresh, value, &wide, at);
                        let val = Val {
                            range,
                            ..Val::new(Expr::atom(shadow.name), wide, &crate::value::Fact::of(ty))
                        };
                        self.write_field(&path, val, &rty, at, name)?;
                    }
                    Plan::Direct => self.write_field(&path, val, &rty, at, name)?,
                }
                self.forget_path(&path);
                Ok(())
            }
            _ => Err(self.hole(target)),
        }
    }

    fn shadow_assign(&mut self, name: &str, fresh: bool, value: Expr, wide: &RTy, at: Span) {
        if fresh {
            let literal = matches!(&value, Expr::Atom(t) if t.starts_with(|c: char| c.is_ascii_digit()) || t == "None")
                || matches!(value, Expr::NegLit(_));
            let ty = literal.then(|| wide.clone());
            self.emit(
                at,
                StmtKind::Let {
                    name: name.to_string(),
                    mutable: false,
                    ty,
                    init: Some(value),
                },
            );
        } else {
            self.emit_assign(at, Expr::atom(name), value);
        }
    }

    fn write_field(
        &mut self,
        path: &Path,
        val: Val,
        rty: &RTy,
        at: Span,
        name: &str,
    ) -> Result<(), Expr> {
        let val = self.int_for_float(val, rty, name);
        let copied = self.is_state_path(path) || self.is_output_path(path);
        let outer = std::mem::replace(&mut self.copied_by_pytask, copied);
        let coerced = self.coerce(val, rty, at, name);
        self.copied_by_pytask = outer;
        let value = match coerced {
            Ok(value) => value,
            Err(hole) => {
                self.hole_in_stmt = true;
                hole
            }
        };
        self.raises_first = self.tries > 0 && value.can_fail();
        let place = self.path_place(path, true);
        self.raises_first = false;
        let Some((place, _)) = place else {
            let problem = Problem::new(
                Code::PartlyHandled,
                format!("writing `{path}` is not translated yet"),
            );
            return Err(Expr::Hole(self.lw.hole_text(self.current_span(), &problem)));
        };
        self.emit_assign(at, place, value);
        Ok(())
    }
}
