//! Numbers whose value tells whether they are ints or floats: what the file carries for them.

use super::Lowerer;
use super::function::FnLower;
use crate::catalog::Helper;
use crate::diagnostic::Code;
use crate::ir::{BinOp, RTy};

impl FnLower<'_, '_> {
    /// Carries `a += b` where numbers that tell are added.
    pub(super) fn assigns_number(&mut self, op: BinOp) {
        let (plain, assigning) = match op {
            BinOp::Add => (Helper::NumberAdd, Helper::NumberAddAssign),
            BinOp::Sub => (Helper::NumberSub, Helper::NumberSubAssign),
            BinOp::Mul => (Helper::NumberMul, Helper::NumberMulAssign),
            _ => return,
        };
        if self.lw.task.helpers.contains(&plain) {
            self.helper(assigning);
        }
    }
}

impl Lowerer<'_> {
    /// Carries the type where the Rust names it, and says what it is for.
    pub(super) fn settle_numbers(&mut self) {
        if self.input.model.told.is_empty() {
            return;
        }
        let task = &self.task;
        let entries = [&task.start, &task.process, &task.stop];
        let methods = task.classes.iter().flat_map(|class| {
            let traits = class.traits.iter().map(|(_, method)| method);
            class.methods.iter().chain(traits)
        });
        let functions = task.functions.iter().chain(methods);
        let functions = functions.chain(entries.into_iter().flatten());
        let mut named: Vec<&RTy> = Vec::new();
        for function in functions {
            named.extend(function.params.iter().map(|(_, ty)| ty));
            named.push(&function.ret);
        }
        named.extend(task.fields.iter().map(|field| &field.ty));
        named.extend(task.consts.iter().map(|constant| &constant.ty));
        let fields = task.classes.iter().flat_map(|class| &class.fields);
        named.extend(fields.map(|(_, ty)| ty));
        if named.into_iter().any(RTy::holds_number) {
            self.task.helpers.insert(Helper::Number);
        }
        if !self.task.helpers.contains(&Helper::Number) {
            return;
        }
        let told: Vec<_> = self.input.model.told.values().copied().collect();
        for span in told {
            let message =
                "this shows whether the number is an int or a float: it is a `Number`, which knows";
            self.report(Code::TellingNumber, span, message, None);
        }
    }
}
