//! Variables that hold bits: checksums and shift registers.
//!
//! Enters: a function and what is known of its expressions. Leaves: the variables that are
//! shifted in a loop and get nothing but bits, each with the narrowest unsigned type that
//! holds every step of it, so that `crc = (crc >> 1) ^ 0xA001` is what it is in C. This
//! module must not know how they are written.

use super::function::FnLower;
use crate::ast::visit::{Visitor, walk_expr, walk_stmt};
use crate::ast::{BinaryOp, Expr, ExprKind, NodeId, NodeMap, Stmt, StmtKind};
use crate::ir::RTy;
use crate::ir::uses::reads;
use crate::project::IntTy;
use crate::ranges::IntRange;
use crate::ty::Ty;
use crate::value::{Val, int_type_range};
use std::collections::{BTreeMap, BTreeSet};

/// The types of registers, narrow ones first.
const TYPES: [IntTy; 3] = [IntTy::U8, IntTy::U16, IntTy::U32];

/// How often a register may be read as a number: each of them is a conversion.
const MOST_READS: usize = 2;

/// The registers of a function.
#[derive(Debug, Default)]
pub(super) struct Registers {
    /// By the version of the variable.
    pub(super) types: BTreeMap<String, RTy>,
    /// The operations that make what they get.
    steps: BTreeSet<NodeId>,
}

/// What a variable gets.
struct Given<'a> {
    target: NodeId,
    /// The operator of an assignment with one.
    op: Option<BinaryOp>,
    value: &'a Expr,
    in_loop: bool,
}

/// The assignments of each variable, and how often it is read elsewhere.
struct Bits<'a> {
    names: &'a NodeMap<String>,
    given: BTreeMap<&'a str, Vec<Given<'a>>>,
    reads: BTreeMap<&'a str, usize>,
    loops: usize,
    /// Above zero where what is read is no number.
    quiet: usize,
    /// The variable that gets the value which is looked at.
    own: Option<&'a str>,
}

impl<'a> Bits<'a> {
    fn version(&self, e: &Expr) -> Option<&'a str> {
        match &e.kind {
            ExprKind::Name(_) => self.names.get(&e.id).map(String::as_str),
            _ => None,
        }
    }

    fn gets(&mut self, target: &'a Expr, op: Option<BinaryOp>, value: &'a Expr) {
        if let Some(version) = self.version(target) {
            let in_loop = self.loops > 0;
            let given = Given {
                target: target.id,
                op,
                value,
                in_loop,
            };
            self.given.entry(version).or_default().push(given);
        }
    }

    fn visit_target(&mut self, target: &'a Expr) {
        if self.version(target).is_none() {
            self.visit_expr(target);
        }
    }

    fn visit_own(&mut self, target: Option<&Expr>, value: &'a Expr) {
        self.own = target.and_then(|target| self.version(target));
        self.visit_expr(value);
        self.own = None;
    }

    /// Whether an expression reads a variable.
    fn mentions(&self, e: &Expr, version: &str) -> bool {
        self.version(e) == Some(version)
            || crate::ast::visit::children(e)
                .into_iter()
                .any(|child| self.mentions(child, version))
    }

    /// The operations by which a value is made of a variable's bits; `None` where it is made
    /// in another way.
    fn steps(&self, e: &'a Expr, version: &str) -> Option<Vec<&'a Expr>> {
        if !self.mentions(e, version) || self.version(e).is_some() {
            return Some(Vec::new());
        }
        match &e.kind {
            // An `if` within an operation is none that reads well.
            ExprKind::Binary { op, left, right }
                if is_bitwise(*op) && !chooses(left) && !chooses(right) =>
            {
                let shifted = is_shift(*op) && self.mentions(right, version);
                let mut steps = self.steps(left, version)?;
                steps.extend(self.steps(right, version)?);
                steps.push(e);
                (!shifted).then_some(steps)
            }
            ExprKind::Conditional { body, orelse, .. } => {
                let mut steps = self.steps(body, version)?;
                steps.extend(self.steps(orelse, version)?);
                Some(steps)
            }
            _ => None,
        }
    }
}

impl<'a> Visitor<'a> for Bits<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let repeats = matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. });
        self.loops += usize::from(repeats);
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                targets.iter().for_each(|t| self.gets(t, None, value));
                targets.iter().for_each(|t| self.visit_target(t));
                self.visit_own(targets.first(), value);
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.gets(target, None, value);
                self.visit_target(target);
                self.visit_own(Some(target), value);
            }
            StmtKind::AugAssign { target, op, value } => {
                self.gets(target, Some(*op), value);
                self.visit_target(target);
                self.visit_own(Some(target), value);
            }
            StmtKind::If { test, body, orelse } | StmtKind::While { test, body, orelse } => {
                // A test of bits is one of the register as it is.
                if !matches!(test.kind, ExprKind::Name(_)) {
                    self.quiet += 1;
                }
                self.visit_expr(test);
                self.quiet = 0;
                self.visit_block(body);
                self.visit_block(orelse);
            }
            _ => walk_stmt(self, stmt),
        }
        self.loops -= usize::from(repeats);
    }

    fn visit_expr(&mut self, e: &'a Expr) {
        if let Some(version) = self.version(e)
            && self.quiet == 0
            && self.own != Some(version)
        {
            *self.reads.entry(version).or_default() += 1;
        }
        walk_expr(self, e);
    }
}

impl<'a> FnLower<'_, 'a> {
    /// The registers of the function, and the operations that make what they get.
    pub(super) fn registers(&self) -> Registers {
        let mut bits = Bits {
            names: &self.scope.names,
            given: BTreeMap::new(),
            reads: BTreeMap::new(),
            loops: 0,
            quiet: 0,
            own: None,
        };
        bits.visit_block(&self.function.body);
        let mut found = Registers::default();
        for (version, given) in &bits.given {
            let Some(ty) = self.register_type(&bits, version, given) else {
                continue;
            };
            found.types.insert(version.to_string(), RTy::Int(ty));
            for one in given {
                let steps = bits.steps(one.value, version).unwrap_or_default();
                found.steps.extend(steps.iter().map(|step| step.id));
                found.steps.insert(one.target);
            }
        }
        found
    }

    fn register_type(&self, bits: &Bits<'_>, version: &str, given: &[Given<'_>]) -> Option<IntTy> {
        let info = self.scope.vars.get(version)?;
        let var = self.model.vars.get(version)?;
        let often = bits.reads.get(version).copied().unwrap_or(0) > MOST_READS;
        if info.is_param
            || info.bindings != given.len()
            || var.fact.ty != Ty::Int
            || var.alias.is_some()
            || self.unbound.contains(version)
            || often
        {
            return None;
        }
        let mut all = var.fact.range.int();
        let mut shifted = false;
        for one in given {
            let own = match one.op {
                Some(op) if !is_bitwise(op) || bits.mentions(one.value, version) => return None,
                Some(op) => is_shift(op),
                None => false,
            };
            let steps = bits.steps(one.value, version)?;
            let shifts =
                |e: &&Expr| matches!(&e.kind, ExprKind::Binary { op, .. } if is_shift(*op));
            shifted |= one.in_loop && (own || steps.iter().any(shifts));
            for step in steps {
                all = all.join(self.fact(step.id).range.int());
            }
            all = self.masks(one.value, all);
        }
        let fits = |ty: &IntTy| all.within(int_type_range(*ty));
        TYPES.into_iter().find(fits).filter(|_| shifted)
    }

    /// What holds the masks that a value is written with as well: nobody reads with ease that
    /// `(word & 0xFFFF_FFFF) as u16` loses nothing.
    fn masks(&self, e: &Expr, held: IntRange) -> IntRange {
        match &e.kind {
            ExprKind::Binary { op, left, .. } if is_shift(*op) => self.masks(left, held),
            ExprKind::Binary { op, left, right } if is_bitwise(*op) => {
                let held = self.masks(left, held);
                self.masks(right, held)
            }
            ExprKind::Conditional { body, orelse, .. } => {
                let held = self.masks(body, held);
                self.masks(orelse, held)
            }
            _ => match self.fact(e.id).range.int().constant() {
                Some(mask) if mask > 0 => held.join(IntRange::exactly(mask)),
                Some(_) | None => held,
            },
        }
    }

    /// The type of the register that a value is made of.
    pub(super) fn register(&self, val: &Val) -> Option<IntTy> {
        let RTy::Int(own) = &val.rty else { return None };
        let of = |(version, ty): (&String, &RTy)| {
            val.rty == *ty && reads(&val.expr, &self.var_name(version))
        };
        self.registers.types.iter().any(of).then_some(*own)
    }

    /// The type of the register that gets what an operation makes of two values.
    pub(super) fn register_of_step(&self, at: NodeId, a: &Val, b: &Val) -> Option<IntTy> {
        if !self.registers.steps.contains(&at) {
            return None;
        }
        self.register(a).or_else(|| self.register(b))
    }
}

fn chooses(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Conditional { .. })
}

fn is_shift(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Shl | BinaryOp::Shr)
}

fn is_bitwise(op: BinaryOp) -> bool {
    is_shift(op) || matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor)
}
