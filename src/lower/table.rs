//! `TABLE[key]`: a constant dict that is asked by a computed key is a function, whose
//! `match` has an arm for each key.

use super::function::FnLower;
use super::iterate::{Form, Items, Shape};
use crate::ast::{Expr as PyExpr, ExprKind, UnaryOp};
use crate::ir::{Arm, Block, Expr, Function, RTy};
use crate::ty::Ty;
use crate::value::{Fact, Val};

/// A table as a function.
struct Table {
    /// Its name.
    name: String,
    /// The type of the values.
    value: RTy,
    /// It has a value for every key there is.
    complete: bool,
}

/// What asks a table.
enum Key {
    /// A key.
    Given(Expr),
    /// An `Option` of a key.
    Option(Expr),
}

/// How the literal keys of a table are told apart.
enum Keys {
    /// As Rust writes them.
    Plain,
    /// By the variants of an enum of the app: each name, and its path.
    Names(Vec<(String, String)>),
    /// Part by part.
    Parts(Vec<Keys>),
}

impl<'a> FnLower<'_, 'a> {
    /// `table[key]`, with Python's KeyError.
    pub(super) fn table_entry(
        &mut self,
        e: &'a PyExpr,
        table: &str,
        key: &'a PyExpr,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        if self.lw.input.model.problems.contains_key(&e.id) {
            return Err(self.hole(e));
        }
        let (asked, found) = self.ask_table(e, table, key)?;
        let error = self.no_such_key(key);
        let expr = if found.complete {
            asked
        } else {
            asked.ok_or(&error)
        };
        Ok(Val::new(expr, found.value, &fact))
    }

    /// `table.get(key)`, `table.get(key, default)`.
    pub(super) fn table_get(
        &mut self,
        e: &'a PyExpr,
        table: &str,
        args: &'a [PyExpr],
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let (key, default) = match args {
            [key] => (key, None),
            [key, default] => (key, Some(default)),
            _ => return Err(self.hole(e)),
        };
        let default = default.filter(|d| !matches!(d.kind, ExprKind::None));
        let (asked, found) = self.ask_table(e, table, key)?;
        let Some(default) = default else {
            if let RTy::Option(_) = found.value {
                // None is the value of some keys as well.
                let expr = match found.complete {
                    true => asked,
                    false => asked.method("flatten", vec![]),
                };
                return Ok(Val::new(expr, found.value, &fact));
            }
            let option = RTy::Option(Box::new(found.value));
            let expr = if found.complete {
                Expr::call("Some", vec![asked])
            } else {
                asked
            };
            return Ok(Val::new(expr, option, &fact));
        };
        if let (RTy::Ref(slice), ExprKind::List(items)) = (&found.value, &default.kind)
            && let RTy::Slice(elem) = &**slice
        {
            let expr = match items.is_empty() {
                true => asked.method("unwrap_or_default", vec![]),
                false => {
                    let array = RTy::Array(elem.clone(), items.len());
                    let own = self.expr_as(default, &array)?;
                    let own = self.coerce(own, &array, default.span, "the default")?;
                    asked.method("unwrap_or", vec![Expr::Ref(Box::new(own))])
                }
            };
            return Ok(match found.complete {
                true => return Err(self.partly(e, "`get()` of a table with all keys")),
                false => Val::new(expr, found.value, &fact),
            });
        }
        let Some(mut to) = self.lw.natural(&fact) else {
            return Err(self.hole(e));
        };
        if to == RTy::String && found.value == RTy::Str {
            to = RTy::Str;
        }
        let val = self.expr_as(default, &to)?;
        let default = self.coerce(val, &to, default.span, "the default")?;
        if found.complete && !default.can_fail() && to == found.value {
            return Ok(Val::new(asked, to, &fact));
        }
        if to == found.value && !found.complete {
            return Ok(Val::new(
                asked.method("unwrap_or", vec![default]),
                to,
                &fact,
            ));
        }
        // A list that the caller has for itself, of this table or of the default.
        if !found.complete && matches!(to, RTy::Vec(_)) {
            let entry = Val::new(Expr::atom("x"), found.value, &fact);
            // Nobody changes what a table holds.
            let outer = std::mem::replace(&mut self.copied_by_pytask, true);
            let entry = self.coerce(entry, &to, e.span, "the value");
            self.copied_by_pytask = outer;
            let entry = entry?;
            let list = Expr::Match {
                subject: Box::new(asked),
                arms: vec![
                    Arm::of("Some(x)", Block::value(entry)),
                    Arm::of("None", Block::value(default)),
                ],
            };
            return Ok(Val::new(list, to, &fact));
        }
        Err(self.partly(e, "`get()` with a default of another type"))
    }

    /// `key in table`
    pub(super) fn in_table(
        &mut self,
        e: &'a PyExpr,
        table: &str,
        key: &'a PyExpr,
    ) -> Result<Expr, Expr> {
        let (asked, found) = self.ask_table(e, table, key)?;
        Ok(if found.complete {
            Expr::atom("true")
        } else {
            asked.method("is_some", vec![])
        })
    }

    /// The keys and values of a table, each as a constant expression, and their types.
    #[allow(clippy::type_complexity)]
    pub(super) fn table_pairs(
        &mut self,
        e: &PyExpr,
        table: &str,
    ) -> Result<(Vec<(Expr, Expr)>, RTy, RTy), Expr> {
        let Some((entries, value)) = self.lw.table_entries(table) else {
            return Err(self.formless(e, table, &format!("the table `{table}`")));
        };
        let mut pairs = Vec::new();
        let mut key_ty = None;
        for (key, entry) in entries {
            let val = match &key.kind {
                ExprKind::Str(text) => Val::new(
                    Expr::Atom(format!("{text:?}")),
                    RTy::Str,
                    &Fact::of(Ty::Str),
                ),
                _ => {
                    let fact = self.lw.input.model.module.fact(key.id);
                    let Some((rty, expr)) = self.lw.constant_of(key, &fact) else {
                        let what = format!("a key of the table `{table}`");
                        return Err(self.formless(e, table, &what));
                    };
                    Val::new(expr, rty, &fact)
                }
            };
            if key_ty.as_ref().is_some_and(|ty| *ty != val.rty) {
                return Err(self.partly(e, "a table with keys of several types"));
            }
            key_ty = Some(val.rty);
            // Slices of several lengths have one type.
            let entry = match (&value, entry) {
                (RTy::Ref(slice), Expr::Ref(list)) if matches!(**slice, RTy::Slice(_)) => {
                    let all = Expr::Range {
                        low: None,
                        high: None,
                        inclusive: false,
                    };
                    Expr::Ref(Box::new(Expr::Index(list, Box::new(all))))
                }
                (_, entry) => entry,
            };
            pairs.push((val.expr, entry));
        }
        self.lw.use_types(&value);
        let Some(key_ty) = key_ty else {
            return Err(self.partly(e, "a table without entries"));
        };
        Ok((pairs, key_ty, value))
    }

    /// `table.items()` and its kin.
    pub(super) fn table_view(
        &mut self,
        e: &PyExpr,
        table: &PyExpr,
        view: &str,
    ) -> Result<Val, Expr> {
        let fact = self.fact(e.id);
        let ExprKind::Name(name) = &table.kind else {
            return Err(self.hole(e));
        };
        let (pairs, key, value) = self.table_pairs(e, name)?;
        let (items, elem) = match view {
            "keys" => (pairs.into_iter().map(|(k, _)| k).collect(), key),
            "values" => (pairs.into_iter().map(|(_, v)| v).collect(), value),
            _ => (
                pairs
                    .into_iter()
                    .map(|(k, v)| Expr::Tuple(vec![k, v]))
                    .collect(),
                RTy::Tuple(vec![key, value]),
            ),
        };
        let list = Expr::Macro("vec".into(), items);
        Ok(Val::new(list, RTy::Vec(Box::new(elem)), &fact))
    }

    /// The table that `T.items()` and its kin run through.
    pub(super) fn table_view_of(&self, e: &'a PyExpr) -> Option<&'a PyExpr> {
        let ExprKind::Call { func, .. } = &e.kind else {
            return None;
        };
        match &func.kind {
            ExprKind::Attribute { value, attr }
                if self.is_table(value)
                    && matches!(attr.name.as_str(), "items" | "keys" | "values")
                    && matches!(self.fact(value.id).ty, Ty::Record(_) | Ty::Dict { .. }) =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// What a loop over a table runs over.
    pub(super) fn table_items(&mut self, list: Val) -> Result<Items, Expr> {
        let fact = match (&list.ty, list.element()) {
            (Ty::List { elem, .. }, _) => Fact::of((**elem).clone()),
            (Ty::Record(_) | Ty::Dict { .. }, _) => match list.ty.as_dict() {
                Ty::Dict { key, .. } => Fact::of(*key),
                other => Fact::of(other),
            },
            _ => Fact::unknown(),
        };
        let rty = list.element().cloned().unwrap_or(RTy::Never);
        let items = match list.expr {
            Expr::Macro(_, items) => Expr::Array(items),
            other => other,
        };
        Ok(Items {
            form: Form::Array(items),
            shape: Shape::One {
                rty,
                fact,
                by_ref: false,
            },
        })
    }

    /// The call that asks a table: an `Option` of the value, unless it has all keys.
    fn ask_table(
        &mut self,
        e: &'a PyExpr,
        table: &str,
        key: &'a PyExpr,
    ) -> Result<(Expr, Table), Expr> {
        let (arg, ty, suffix, keys) = self.table_key(e, table, key)?;
        // None is no key of a table.
        let (arg, optional) = match arg {
            Key::Given(arg) => (arg, None),
            Key::Option(optional) => (Expr::atom("key"), Some(optional)),
        };
        let Some((entries, value)) = self.lw.table_entries(table) else {
            return Err(self.formless(e, table, &format!("the table `{table}`")));
        };
        let mut arms: Vec<(String, Expr)> = Vec::new();
        for (key, entry) in &entries {
            let pattern = match self.pattern_of(key, &keys) {
                Some(Some(pattern)) => pattern,
                // A name that the enum does not have is never asked for.
                Some(None) => continue,
                None => {
                    let what = format!("a key of the table `{table}`");
                    return Err(self.formless(e, table, &what));
                }
            };
            // Of equal keys, the last one counts.
            match arms.iter_mut().find(|(earlier, _)| *earlier == pattern) {
                Some(earlier) => earlier.1 = entry.clone(),
                None => arms.push((pattern, entry.clone())),
            }
        }
        let all = self.keys_in_all(&keys, &ty);
        let complete = all == Some(arms.len());
        let name = self.lw.table_name(table, suffix);
        let asked = self.lw.table_functions.get(&name);
        let asked_by = asked.and_then(|f| f.params.first()).map(|(_, held)| held);
        if asked_by.is_some_and(|held| *held != ty) {
            return Err(self.partly(e, "a table that is asked by keys of several types"));
        }
        self.lw.use_types(&value);
        self.lw.use_types(&ty);
        let found = Table {
            name: name.clone(),
            value: value.clone(),
            complete: complete && optional.is_none(),
        };
        self.table_function(table, name, ty, value, arms, complete);
        let Some(optional) = optional else {
            return Ok((Expr::call(found.name.clone(), vec![arg]), found));
        };
        let then = if complete { "map" } else { "and_then" };
        let function = Expr::atom(&found.name);
        Ok((optional.method(then, vec![function]), found))
    }

    /// How many keys there are, where it is known.
    fn keys_in_all(&self, keys: &Keys, ty: &RTy) -> Option<usize> {
        match (keys, ty) {
            (Keys::Names(variants), _) => Some(variants.len()),
            (Keys::Plain, RTy::Bool) => Some(2),
            (Keys::Parts(parts), RTy::Tuple(tys)) => parts
                .iter()
                .zip(tys)
                .map(|(part, ty)| self.keys_in_all(part, ty))
                .product(),
            _ => self
                .lw
                .class_of(ty)
                .and_then(|class| self.lw.input.model.classes.get(&class))
                .filter(|class| !class.members.is_empty())
                .map(|class| class.members.len()),
        }
    }

    /// The pattern of a literal key; none within where no key can be that.
    fn pattern_of(&mut self, key: &PyExpr, keys: &Keys) -> Option<Option<String>> {
        match (keys, &key.kind) {
            (Keys::Names(variants), ExprKind::Str(text)) => {
                let known = variants.iter().find(|(python, _)| python == text);
                Some(known.map(|(_, rust)| rust.clone()))
            }
            (Keys::Parts(parts), ExprKind::Tuple(items)) if parts.len() == items.len() => {
                let mut out = Vec::new();
                for (item, keys) in items.iter().zip(parts) {
                    match self.pattern_of(item, keys)? {
                        Some(pattern) => out.push(pattern),
                        None => return Some(None),
                    }
                }
                Some(Some(format!("({})", out.join(", "))))
            }
            _ => self.key_pattern(key).map(Some),
        }
    }

    /// The argument that asks a table, its type, what the function's name ends in, and how
    /// the keys are told apart.
    fn table_key(
        &mut self,
        e: &'a PyExpr,
        table: &str,
        key: &'a PyExpr,
    ) -> Result<(Key, RTy, &'static str, Keys), Expr> {
        if let ExprKind::Tuple(items) = &key.kind {
            let mut args = Vec::new();
            let (mut tys, mut parts) = (Vec::new(), Vec::new());
            for item in items {
                let (Key::Given(arg), ty, _, keys) = self.table_key(e, table, item)? else {
                    return Err(self.formless(e, table, "a table by this key"));
                };
                args.push(arg);
                tys.push(ty);
                parts.push(keys);
            }
            let plain = parts.iter().all(|part| matches!(part, Keys::Plain));
            let suffix = if plain { "of" } else { "for" };
            let keys = Keys::Parts(parts);
            return Ok((Key::Given(Expr::Tuple(args)), RTy::Tuple(tys), suffix, keys));
        }
        let val = self.expr(key)?;
        match (&val.ty, val.rty.peel()) {
            (Ty::Enum(name), RTy::Named(_)) => {
                let Some(def) = self.lw.input.types.enum_def(name) else {
                    return Err(self.hole(e));
                };
                let rust = self.lw.use_type(name);
                let variants = def
                    .variants
                    .iter()
                    .map(|v| (v.python_name.clone(), format!("{rust}::{}", v.name)))
                    .collect();
                let named = RTy::Named(name.clone());
                let (arg, ty) = match (self.lw.is_copy_type(name), val.rty.is_ref()) {
                    (true, false) => (val.expr, named),
                    (true, true) => (Expr::Deref(Box::new(val.expr)), named),
                    (false, true) => (val.expr, RTy::Ref(Box::new(named))),
                    (false, false) => (Expr::Ref(Box::new(val.expr)), RTy::Ref(Box::new(named))),
                };
                Ok((Key::Given(arg), ty, "for", Keys::Names(variants)))
            }
            (Ty::Str, RTy::String) if !val.rty.is_ref() => Ok((
                Key::Given(Expr::Ref(Box::new(val.expr))),
                RTy::Str,
                "of",
                Keys::Plain,
            )),
            (Ty::Str, RTy::Char) => Ok((Key::Given(val.lent_str()), RTy::Str, "of", Keys::Plain)),
            (Ty::Str, _) => Ok((Key::Given(val.expr), RTy::Str, "of", Keys::Plain)),
            (Ty::Int, RTy::Int(_)) => {
                let error = self.error("KeyError (an int beyond 64 bits)");
                let arg = val.to_int_checked(crate::project::IntTy::I64, &error);
                Ok((Key::Given(arg), RTy::I64, "of", Keys::Plain))
            }
            (Ty::Bool, RTy::Bool) => Ok((Key::Given(val.expr), RTy::Bool, "of", Keys::Plain)),
            (Ty::Member(_), RTy::Named(_)) => {
                let ty = val.rty.peel().clone();
                let arg = if val.rty.is_ref() {
                    Expr::Deref(Box::new(val.expr))
                } else {
                    val.expr
                };
                Ok((Key::Given(arg), ty, "of", Keys::Plain))
            }
            (Ty::Option(_), RTy::Option(asked)) if !val.rty.is_ref() => match &**asked {
                RTy::String => {
                    let lent = val.expr.method("as_deref", vec![]);
                    Ok((Key::Option(lent), RTy::Str, "of", Keys::Plain))
                }
                RTy::Str | RTy::Bool | RTy::Int(crate::project::IntTy::I64) => {
                    Ok((Key::Option(val.expr), (**asked).clone(), "of", Keys::Plain))
                }
                _ => Err(self.formless(e, table, "a table by this key")),
            },
            (Ty::Tuple(_), RTy::Tuple(tys)) if val.expr.is_simple() => {
                let parts = tys.iter().enumerate().map(|(i, ty)| {
                    let part = val.expr.clone().field(i.to_string());
                    match ty {
                        RTy::String => (Expr::Ref(Box::new(part)), RTy::Str),
                        _ => (part, ty.clone()),
                    }
                });
                let (args, tys): (Vec<Expr>, Vec<RTy>) = parts.unzip();
                let plain = |ty: &RTy| matches!(ty, RTy::Str | RTy::Int(_) | RTy::Bool);
                if !tys.iter().all(plain) {
                    return Err(self.formless(e, table, "a table by this key"));
                }
                Ok((
                    Key::Given(Expr::Tuple(args)),
                    RTy::Tuple(tys),
                    "of",
                    Keys::Plain,
                ))
            }
            _ => Err(self.formless(e, table, "a table by this key")),
        }
    }

    /// The pattern that a literal key is.
    fn key_pattern(&mut self, key: &PyExpr) -> Option<String> {
        match &key.kind {
            ExprKind::Str(text) => Some(format!("{text:?}")),
            ExprKind::Bool(value) => Some(value.to_string()),
            ExprKind::Tuple(items) => {
                let items: Option<Vec<String>> =
                    items.iter().map(|item| self.key_pattern(item)).collect();
                items.map(|items| format!("({})", items.join(", ")))
            }
            ExprKind::Attribute { attr, .. } => {
                let fact = self.lw.input.model.module.fact(key.id);
                let class = match fact.ty {
                    Ty::Member(class) => class,
                    Ty::Int => return Some(fact.range.int().constant()?.to_string()),
                    _ => return None,
                };
                self.lw.used_classes.insert(class.clone());
                Some(format!(
                    "{}::{}",
                    self.lw.class_name(&class),
                    super::classes::variant(&attr.name)
                ))
            }
            ExprKind::Int(_)
            | ExprKind::Name(_)
            | ExprKind::Unary {
                op: UnaryOp::Neg, ..
            } => {
                let fact = self.lw.input.model.module.fact(key.id);
                (fact.ty == Ty::Int).then_some(())?;
                Some(fact.range.int().constant()?.to_string())
            }
            _ => None,
        }
    }

    /// Adds the function of a table.
    fn table_function(
        &mut self,
        table: &str,
        name: String,
        key: RTy,
        value: RTy,
        arms: Vec<(String, Expr)>,
        complete: bool,
    ) {
        if self.lw.table_functions.contains_key(&name) {
            return;
        }
        let ret = of_constants(&value);
        let mut arms: Vec<Arm> = arms
            .into_iter()
            .map(|(pattern, entry)| Arm::of(pattern, Block::value(entry)))
            .collect();
        if !complete {
            arms.push(Arm::of("_", Block::value(Expr::atom("return None"))));
        }
        let found = Expr::Match {
            subject: Box::new(Expr::atom("key")),
            arms,
        };
        let (body, ret) = if complete {
            (found, ret)
        } else {
            (Expr::call("Some", vec![found]), RTy::Option(Box::new(ret)))
        };
        let function = Function {
            span: self.lw.table_span(table),
            doc: vec![format!("`{table}[key]`")],
            comments: Vec::new(),
            attributes: Vec::new(),
            name: name.clone(),
            receiver: None,
            params: vec![("key".into(), key)],
            ret,
            fallible: false,
            error: "",
            body: Block::value(body),
        };
        self.lw.table_functions.insert(name, function);
    }
}

/// A type whose texts are constants.
fn of_constants(ty: &RTy) -> RTy {
    match ty {
        RTy::Str => RTy::Ref(Box::new(RTy::Named("<class>::'static str".into()))),
        RTy::Option(held) => RTy::Option(Box::new(of_constants(held))),
        RTy::Tuple(tys) => RTy::Tuple(tys.iter().map(of_constants).collect()),
        RTy::Ref(held) => match &**held {
            RTy::Slice(elem) => {
                let slice = format!("<class>::'static [{}]", of_constants(elem));
                RTy::Ref(Box::new(RTy::Named(slice)))
            }
            _ => ty.clone(),
        },
        other => other.clone(),
    }
}
