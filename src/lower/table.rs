//! `TABLE[key]`: the entry of a constant table that a computed key names.

use super::function::FnLower;
use crate::ast::Expr as PyExpr;
use crate::ir::{Arm, Block, Expr};
use crate::ty::Ty;
use crate::value::Val;

impl<'a> FnLower<'_, 'a> {
    /// `table[key]`: a `match` over the table's keys, and Python's KeyError.
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
        let val = self.expr(key)?;
        let known: Vec<String> = match self.lw.input.model.tables.get(table) {
            Some(entries) => entries.keys().cloned().collect(),
            None => Vec::new(),
        };
        // The pattern of each key that the value can have.
        let mut complete = false;
        let patterns: Vec<(String, String)> = match &val.ty {
            Ty::Enum(name) => {
                let Some(def) = self.lw.input.types.enum_def(name) else {
                    return Err(self.hole(e));
                };
                let rust = self.lw.use_type(name);
                complete = def.variants.iter().all(|v| known.contains(&v.python_name));
                def.variants
                    .iter()
                    .filter(|v| known.contains(&v.python_name))
                    .map(|v| (v.python_name.clone(), format!("{rust}::{}", v.name)))
                    .collect()
            }
            Ty::Str => known
                .iter()
                .map(|k| (k.clone(), format!("{k:?}")))
                .collect(),
            _ => return Err(self.hole(e)),
        };
        let mut arms = Vec::new();
        let mut entry_type = None;
        for (key, pattern) in patterns {
            let entry = self.constant(e, &format!("{table}[{key}]"))?;
            if entry_type.as_ref().is_some_and(|ty| *ty != entry.rty) {
                return Err(self.partly(e, "a table whose values have several types"));
            }
            entry_type = Some(entry.rty.clone());
            arms.push(Arm::of(pattern, Block::value(entry.expr)));
        }
        let Some(rty) = entry_type else {
            return Err(self.partly(e, "a table that has none of these keys"));
        };
        if !complete {
            let error = format!("KeyError (`{table}` has no such key)");
            let error = self.error_return(&error, self.lw.first_line(e.span));
            arms.push(Arm::of("_", Block::of(vec![error])));
        }
        let lookup = Expr::Match {
            subject: Box::new(val.as_str()),
            arms,
        };
        Ok(Val::new(lookup, rty, &fact))
    }
}
