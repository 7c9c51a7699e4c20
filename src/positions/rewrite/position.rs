//! Where a position is meant, or a list of positions.
//!
//! Enters: an expression that gives an object, or objects. Leaves: one that gives its place
//! in the container. This module must not know statements.

use super::*;

impl Rewrite<'_, '_> {
    /// Where a position in `home` is meant; `place` is what gets it.
    pub(super) fn position(&mut self, e: &mut Expr, home: &Home, place: &Place) -> Done {
        let no = || Err(place.clone());
        if let Some((_, own, many)) = self.place_of(e)? {
            if many || own != *home {
                return no();
            }
            return self.parts(e);
        }
        match &mut e.kind {
            ExprKind::None => Ok(()),
            ExprKind::Name(_) => self.counted(e, home, place),
            ExprKind::Conditional { test, body, orelse } => {
                self.truth(test)?;
                self.position(body, home, place)?;
                self.position(orelse, home, place)
            }
            ExprKind::Subscript { value, index }
                if !matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                if let Some((_, own, true)) = self.place_of(value)? {
                    self.object(index)?;
                    return if own == *home {
                        self.parts(value)
                    } else {
                        no()
                    };
                }
                let kept = homes::home(self.names, self.key, value);
                if home.dict && kept.is_some() {
                    return no();
                }
                if kept.is_none() {
                    self.object(index)?;
                    return self.list(value, home, place);
                }
                if kept.as_ref() != Some(home) {
                    return no();
                }
                self.object(index)?;
                let (list, index) = ((**value).clone(), (**index).clone());
                let func = self.attr(list, methods::OF);
                *e = self.call(func, vec![index]);
                Ok(())
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match (&func.kind, args.as_mut_slice()) {
                (ExprKind::Name(name), [list]) if matches!(name.as_str(), "max" | "min") => {
                    self.list(list, home, place)?;
                    for keyword in keywords {
                        self.key_function(&mut keyword.value, home)?;
                    }
                    Ok(())
                }
                (ExprKind::Name(name), [each, ..]) if name == "next" => {
                    self.comprehension(each, Some((home, place)))
                }
                (ExprKind::Attribute { value, attr }, [key])
                    if attr.name == "get"
                        && homes::home(self.names, self.key, value).as_ref() == Some(home) =>
                {
                    if !matches!(key.kind, ExprKind::Name(_) | ExprKind::Str(_)) {
                        return no();
                    }
                    let (dict, key) = ((**value).clone(), key.clone());
                    let again = self.expr(&key, key.kind.clone());
                    let kind = ExprKind::Compare {
                        left: Box::new(again),
                        ops: vec![CompareOp::In],
                        rest: vec![dict],
                    };
                    let test = self.expr(&key, kind);
                    let none = self.expr(&key, ExprKind::None);
                    let kind = ExprKind::Conditional {
                        test: Box::new(test),
                        body: Box::new(key.clone()),
                        orelse: Box::new(none),
                    };
                    *e = self.expr(&key, kind);
                    Ok(())
                }
                _ => no(),
            },
            _ => no(),
        }
    }

    /// `key=lambda t: t.x` of positions.
    pub(super) fn key_function(&mut self, e: &mut Expr, home: &Home) -> Done {
        let ExprKind::Lambda { params, body } = &mut e.kind else {
            return self.object(e);
        };
        let Some(param) = params.list.first().map(|p| p.name.name.clone()) else {
            return Ok(());
        };
        self.object(body)?;
        self.named_objects(body, &param, home);
        Ok(())
    }

    /// `t` as `home[t]`, all over an expression.
    pub(super) fn named_objects(&mut self, e: &mut Expr, name: &str, home: &Home) {
        if matches!(&e.kind, ExprKind::Name(n) if n == name) {
            *e = self.object_at(home, e.clone());
            return;
        }
        children(e, &mut |child| self.named_objects(child, name, home));
    }

    /// The target of a loop over the container: its index.
    pub(super) fn counted(&mut self, e: &mut Expr, home: &Home, place: &Place) -> Done {
        let no = || Err(place.clone());
        let Some(version) = self.own.scope.names.get(&e.id).cloned() else {
            return no();
        };
        let Some(around) = self.elements.get(&version).cloned() else {
            return no();
        };
        let container = homes::values_of(&around.container).unwrap_or(&around.container);
        if homes::home(self.names, self.key, container).as_ref() != Some(home) {
            return no();
        }
        let index = match around.counted {
            Some(name) => name,
            None if around.countable => self.index_name(&version, home),
            None => return no(),
        };
        let named = self.name(e, &index);
        *e = match home.dict {
            true => named,
            false => {
                let func = self.name(e, methods::KNOWN);
                self.call(func, vec![named])
            }
        };
        Ok(())
    }

    pub(super) fn index_name(&mut self, version: &str, home: &Home) -> String {
        if let Some(name) = self.indices.get(version) {
            return name.clone();
        }
        let part = if home.dict { "key" } else { "index" };
        let plain = plain_name(version);
        let taken =
            |name: &String| self.own.scope.has(name) || self.names.model.globals.contains_key(name);
        let mut name = format!("{plain}_{part}");
        while taken(&name) {
            name.push('_');
        }
        self.indices.insert(version.to_string(), name.clone());
        name
    }

    /// Where a list of positions in `home` is meant.
    pub(super) fn list(&mut self, e: &mut Expr, home: &Home, place: &Place) -> Done {
        let no = || Err(place.clone());
        if let Some((_, own, many)) = self.place_of(e)? {
            if !many || own != *home {
                return no();
            }
            return self.parts(e);
        }
        if homes::values_of(e)
            .is_some_and(|d| homes::home(self.names, self.key, d).as_ref() == Some(home))
        {
            *e = self.container(e, home);
            return Ok(());
        }
        if homes::home(self.names, self.key, e).as_ref() == Some(home) {
            if !home.dict {
                let func = self.attr(e.clone(), methods::EACH);
                *e = self.call(func, Vec::new());
            }
            return Ok(());
        }
        match &mut e.kind {
            ExprKind::List(items) => items
                .iter_mut()
                .try_for_each(|item| self.position(item, home, place)),
            ExprKind::Comprehension { .. } => self.comprehension(e, Some((home, place))),
            ExprKind::Subscript { value, index }
                if matches!(index.kind, ExprKind::Slice { .. }) =>
            {
                self.list(value, home, place)?;
                self.object(index)
            }
            ExprKind::Binary { left, right, .. } => {
                self.list(left, home, place)?;
                self.list(right, home, place)
            }
            ExprKind::Conditional { test, body, orelse } => {
                self.truth(test)?;
                self.list(body, home, place)?;
                self.list(orelse, home, place)
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => match (&func.kind, args.as_mut_slice()) {
                (ExprKind::Name(name), [list])
                    if matches!(name.as_str(), "sorted" | "list" | "reversed") =>
                {
                    self.list(list, home, place)?;
                    for keyword in keywords {
                        self.key_function(&mut keyword.value, home)?;
                    }
                    // The positions of all objects are a list of their own.
                    let all = match &list.kind {
                        ExprKind::Call { func, .. } if name == "list" => {
                            matches!(&func.kind, ExprKind::Attribute { attr, .. } if attr.name == methods::EACH)
                        }
                        _ => false,
                    };
                    if all {
                        *e = list.clone();
                    }
                    Ok(())
                }
                _ => no(),
            },
            _ => no(),
        }
    }
}
