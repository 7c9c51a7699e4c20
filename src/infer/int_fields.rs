//! Float fields that hold an int until the call of the task has ended.
//!
//! Enters: writes of ints to float fields, and reads of them. Leaves: which reads may see an
//! int that another function has written in the same call. Within one function the flow
//! itself knows.

use super::Inference;
use super::eval::Scope;
use super::model::{FnId, Role};
use crate::ty::Ty;

impl Inference<'_> {
    /// Notes that a function writes an int to a float field.
    pub(super) fn int_in_float_field(
        &mut self,
        scope: &Scope<'_>,
        field: &(String, String),
        wide: bool,
    ) {
        let Some(id) = scope.id else { return };
        let (writers, any_wide) = self.model.int_fields.entry(field.clone()).or_default();
        let changed = writers.insert(id) | (wide && !*any_wide);
        *any_wide |= wide;
        self.all_changed(changed);
    }

    /// Whether a read of a field may see an int that another function has written before;
    /// and whether a double may not hold it.
    pub(super) fn shared_int(&self, scope: &Scope<'_>, base: &Ty, name: &str) -> Option<bool> {
        let Ty::Struct(key) = base else { return None };
        let field = (key.clone(), name.to_string());
        let (writers, wide) = self.model.int_fields.get(&field)?;
        let reader = scope.id?;
        // `start`, `process` and `stop` are calls of their own.
        let is_seen = |writer: &FnId| {
            let apart = self.is_entry(*writer) && self.is_entry(reader);
            !apart && (*writer != reader || !self.is_entry(reader))
        };
        writers.iter().any(is_seen).then_some(*wide)
    }

    fn is_entry(&self, id: FnId) -> bool {
        let function = self.model.functions.get(id.0);
        function.is_some_and(|f| f.role != Role::Helper)
    }
}
