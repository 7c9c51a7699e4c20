//! What a condition tells of both its outcomes.

use super::Inference;
use super::env::{Env, Path};
use super::eval::Scope;
use super::type_tests::asks_type;
use crate::ast::{BoolOp, CompareOp, Expr, ExprKind, UnaryOp};
use crate::ranges::{FloatRange, IntRange, Range};
use crate::ty::Ty;

impl Inference<'_> {
    /// Evaluates `test` and gives what holds where it is true, and where it is false.
    pub(super) fn condition(&mut self, scope: &mut Scope<'_>, test: &Expr, env: Env) -> (Env, Env) {
        let mut env = env;
        match &test.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => {
                let (yes, no) = self.condition(scope, operand, env);
                scope.record(test.id, super::Fact::of(Ty::Bool));
                (no, yes)
            }
            ExprKind::Logical { op, values } => {
                let mut done: Option<Env> = None;
                let mut going = env;
                for value in values {
                    let (yes, no) = self.condition(scope, value, going);
                    let (stop, go) = match op {
                        BoolOp::And => (no, yes),
                        BoolOp::Or => (yes, no),
                    };
                    done = Some(done.map_or(stop.clone(), |d| d.meet(&stop)));
                    going = go;
                    let settled = asks_type(value) || self.is_never_given(scope, value);
                    if !going.reachable && settled {
                        break;
                    }
                }
                let fact = self.logical_fact(scope, *op, values);
                scope.record(test.id, fact);
                let done = done.unwrap_or_else(Env::unreachable);
                match op {
                    BoolOp::And => (going, done),
                    BoolOp::Or => (done, going),
                }
            }
            ExprKind::Compare { left, ops, rest } => {
                let _ = self.eval(scope, test, &mut env);
                let (mut yes, mut no) = (env.clone(), env);
                let mut a: &Expr = left;
                for (op, b) in ops.iter().zip(rest) {
                    self.compare(scope, a, *op, b, &mut yes);
                    if let ([op], [b]) = (ops.as_slice(), rest.as_slice()) {
                        self.compare(scope, left, negated(*op), b, &mut no);
                    }
                    a = b;
                }
                self.parted_by_given(scope, test, (yes, no))
            }
            ExprKind::Call { .. } if super::type_tests::type_test(test).is_some() => {
                match self.instance_condition(scope, test, &mut env) {
                    Some(outcomes) => outcomes,
                    None => (env.clone(), env),
                }
            }
            ExprKind::Bool(value) => {
                let _ = self.eval(scope, test, &mut env);
                if *value {
                    (env, Env::unreachable())
                } else {
                    (Env::unreachable(), env)
                }
            }
            _ => {
                let fact = self.eval(scope, test, &mut env);
                Self::hands_on(scope, test);
                self.instance_truth(scope, test, &fact, &mut env);
                let (mut yes, no) = (env.clone(), env);
                if let Some(path) = self.path_of(scope, test) {
                    if fact.ty.narrowed().is_number() {
                        let range = env_range(&yes, &path, fact.range);
                        yes.ranges.insert(path.clone(), without(range, 0));
                    }
                    if let Ty::Option(_) = &fact.ty {
                        yes.some.insert(path);
                    }
                }
                self.parted_by_given(scope, test, (yes, no))
            }
        }
    }

    /// Adds to `env` what `left op right` tells.
    fn compare(
        &mut self,
        scope: &Scope<'_>,
        left: &Expr,
        op: CompareOp,
        right: &Expr,
        env: &mut Env,
    ) {
        let is_none = |e: &Expr| matches!(e.kind, ExprKind::None);
        self.kind_by_equality(scope, left, op, right, env);
        let (a, b) = (self.path_of(scope, left), self.path_of(scope, right));
        self.size_of(scope, left, op, right, env);
        self.size_of(scope, right, mirrored(op), left, env);
        match op {
            CompareOp::IsNot | CompareOp::NotEq if is_none(right) => env.some.extend(a),
            CompareOp::IsNot | CompareOp::NotEq if is_none(left) => env.some.extend(b),
            CompareOp::Lt | CompareOp::LtE | CompareOp::Gt | CompareOp::GtE | CompareOp::Eq => {
                let (fa, fb) = (scope.fact(left.id), scope.fact(right.id));
                let known = |env: &Env, path: &Option<Path>, fact: Range| {
                    path.as_ref().map_or(fact, |p| env_range(env, p, fact))
                };
                let (ra, rb) = (known(env, &a, fa.range), known(env, &b, fb.range));
                if let (Some(path), true) = (a, fa.ty.narrowed().is_number()) {
                    env.ranges.insert(path, restrict(ra, op, rb));
                }
                if let (Some(path), true) = (b, fb.ty.narrowed().is_number()) {
                    env.ranges.insert(path, restrict(rb, mirrored(op), ra));
                }
            }
            CompareOp::NotEq => {
                // `x != 0` lifts a bound that is zero.
                let (fa, fb) = (scope.fact(left.id), scope.fact(right.id));
                let Some(path) = a else { return };
                let range = env.ranges.get(&path).copied().unwrap_or(fa.range);
                let zero = fb.range.float();
                let excluded = match (fb.range, zero.lo == 0.0 && zero.hi == 0.0) {
                    (Range::Int(b), _) => b.constant(),
                    (_, true) => Some(0),
                    _ => None,
                };
                if let (Some(value), true) = (excluded, fa.ty.narrowed().is_number()) {
                    env.ranges.insert(path, without(range, value));
                }
            }
            CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn => {}
        }
    }

    /// `abs(x) > bound`: then `x` is not zero.
    fn size_of(&self, scope: &Scope<'_>, size: &Expr, op: CompareOp, bound: &Expr, env: &mut Env) {
        let ExprKind::Call { func, args, .. } = &size.kind else {
            return;
        };
        let own = |name: &str| self.functions.contains_key(name);
        let full = self.model.full_name(func, own);
        let (Some("abs" | "math.fabs"), [of]) = (full.as_deref(), args.as_slice()) else {
            return;
        };
        let bound = scope.fact(bound.id).range.float();
        let excludes = match op {
            CompareOp::Gt => bound.lo >= 0.0,
            CompareOp::GtE => bound.lo > 0.0,
            _ => false,
        };
        let fact = scope.fact(of.id);
        if let (Some(path), true, false) = (self.path_of(scope, of), excludes, bound.nan)
            && fact.ty.narrowed().is_number()
        {
            let range = env_range(env, &path, fact.range);
            env.ranges.insert(path, without(range, 0));
        }
    }
}

fn env_range(env: &Env, path: &Path, otherwise: Range) -> Range {
    env.ranges.get(path).copied().unwrap_or(otherwise)
}

/// `x` where it is not `value`.
fn without(x: Range, value: i128) -> Range {
    match x {
        Range::Int(r) if r.lo == Some(value) => Range::Int(IntRange {
            lo: Some(value + 1),
            hi: r.hi,
        }),
        Range::Int(r) if r.hi == Some(value) => Range::Int(IntRange {
            lo: r.lo,
            hi: Some(value - 1),
        }),
        Range::Float(f) if value == 0 => Range::Float(FloatRange { nonzero: true, ..f }),
        Range::Int(_) | Range::Float(_) | Range::Any => x,
    }
}

/// The operator that holds where `op` does not; NaN makes order comparisons one-sided, so
/// nothing is concluded from those of floats (see [`restrict`]).
fn negated(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::NotEq,
        CompareOp::NotEq => CompareOp::Eq,
        CompareOp::Lt => CompareOp::GtE,
        CompareOp::LtE => CompareOp::Gt,
        CompareOp::Gt => CompareOp::LtE,
        CompareOp::GtE => CompareOp::Lt,
        CompareOp::Is => CompareOp::IsNot,
        CompareOp::IsNot => CompareOp::Is,
        CompareOp::In => CompareOp::NotIn,
        CompareOp::NotIn => CompareOp::In,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::LtE => CompareOp::GtE,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::GtE => CompareOp::LtE,
        other => other,
    }
}

/// `x` where `x op bound` holds. An order comparison of floats is only known to have held
/// or not: where it did not, `x` may be NaN; so a float keeps its NaN and only narrows.
fn restrict(x: Range, op: CompareOp, bound: Range) -> Range {
    match (x, bound) {
        (Range::Int(x), Range::Int(b)) => Range::Int(match op {
            CompareOp::Lt => x.meet(IntRange {
                lo: None,
                hi: b.hi.map(|v| v - 1),
            }),
            CompareOp::LtE => x.meet(IntRange { lo: None, hi: b.hi }),
            CompareOp::Gt => x.meet(IntRange {
                lo: b.lo.map(|v| v + 1),
                hi: None,
            }),
            CompareOp::GtE => x.meet(IntRange { lo: b.lo, hi: None }),
            CompareOp::Eq => x.meet(b),
            _ => x,
        }),
        (Range::Float(f), b) => {
            let b = b.float();
            if b.nan {
                return x;
            }
            match op {
                CompareOp::Lt => Range::Float(FloatRange {
                    hi: f.hi.min(b.hi.next_down()),
                    ..f
                }),
                CompareOp::LtE => Range::Float(FloatRange {
                    hi: f.hi.min(b.hi),
                    ..f
                }),
                CompareOp::Gt => Range::Float(FloatRange {
                    lo: f.lo.max(b.lo.next_up()),
                    ..f
                }),
                CompareOp::GtE => Range::Float(FloatRange {
                    lo: f.lo.max(b.lo),
                    ..f
                }),
                _ => x,
            }
        }
        _ => x,
    }
}
