//! `while` and `for`.

use super::{LOOP_ROUNDS, LOOP_WIDEN};
use crate::ast::{Block, Expr};
use crate::diagnostic::Code;
use crate::infer::Inference;
use crate::infer::env::Env;
use crate::infer::eval::{LoopEnvs, Scope};
use crate::infer::model::{Fact, Problem};
use crate::ty::Ty;

impl<'a> Inference<'a> {
    /// `xs += ys` changes the list that `xs` names.
    pub(super) fn extended(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        old: &Fact,
        items: &Fact,
        env: &mut Env,
    ) {
        match crate::catalog::extended(old, items) {
            Ok(ty) => {
                self.grow(scope, target, &ty);
                self.changed_in_place(scope, target, env);
            }
            Err(why) => {
                let problem = Problem::new(Code::PartlyHandled, why);
                self.problem(target.id, target.span, problem);
            }
        }
    }

    pub(super) fn while_loop(
        &mut self,
        scope: &mut Scope<'_>,
        test: &Expr,
        body: &Block,
        orelse: &Block,
        env: Env,
    ) -> Env {
        let mut head = env.clone();
        let mut exit = Env::unreachable();
        for turn in 0..LOOP_ROUNDS {
            scope.loops.push(LoopEnvs {
                breaks: Env::unreachable(),
                continues: Env::unreachable(),
            });
            let (yes, no) = self.condition(scope, test, head.clone());
            let end = self.block(scope, body, yes);
            let Some(envs) = scope.loops.pop() else {
                return env;
            };
            let back = end.meet(&envs.continues);
            let joined = env.meet(&back);
            let next = if turn >= LOOP_WIDEN {
                head.widen(&joined)
            } else {
                joined
            };
            let after = self.block(scope, orelse, no);
            exit = after.meet(&envs.breaks);
            if next == head {
                break;
            }
            head = next;
        }
        exit
    }

    pub(super) fn for_loop(
        &mut self,
        scope: &mut Scope<'_>,
        target: &Expr,
        iter: &Expr,
        body: &Block,
        orelse: &Block,
        env: Env,
    ) -> Env {
        let mut before = env;
        let items = self.eval(scope, iter, &mut before);
        let mut head = before.clone();
        let mut exit = Env::unreachable();
        for turn in 0..LOOP_ROUNDS {
            scope.loops.push(LoopEnvs {
                breaks: Env::unreachable(),
                continues: Env::unreachable(),
            });
            let mut inside = head.clone();
            match self.orderless_loop(scope, target, iter, body, &items.ty) {
                Some(elem) => self.assign(scope, target, None, &Fact::of(elem), &mut inside),
                None => self.bind_items(scope, target, iter, &items, &mut inside),
            }
            let end = self.block(scope, body, inside);
            let Some(envs) = scope.loops.pop() else {
                return before;
            };
            let back = end.meet(&envs.continues);
            let joined = before.meet(&back);
            let next = if turn >= LOOP_WIDEN {
                head.widen(&joined)
            } else {
                joined
            };
            let after = self.block(scope, orelse, next.clone());
            exit = after.meet(&envs.breaks);
            if next == head {
                break;
            }
            head = next;
        }
        // By now more is known of what the body does.
        if matches!(items.ty, Ty::Set(_))
            && self
                .orderless_loop(scope, target, iter, body, &items.ty)
                .is_none()
        {
            self.bind_items(scope, target, iter, &items, &mut before);
        }
        self.changed_one_by_one(scope, target, iter, (body, orelse));
        exit
    }
}
