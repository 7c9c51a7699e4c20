//! From a failure to its handler: the handler's Rust, or the way there.

use super::{AGAIN, Goal, Message, Rewrite, Said, Way};
use crate::ir::{Block, Expr, Stmt, StmtKind};
use crate::lower::attempt::text::{error_text, without_place};

impl Rewrite<'_> {
    /// `raise …` in the body: the way to its handler.
    pub(super) fn raised_here(&mut self, error: Option<&Expr>) -> Option<Vec<Stmt>> {
        let Some((text, computed)) = error.and_then(error_text) else {
            let again = matches!(error, Some(Expr::Atom(text)) if text == AGAIN);
            if !again && !self.handlers.is_empty() {
                self.refuse("an exception that is raised again here and caught further out");
            }
            return None;
        };
        let failure = self.failure(&text)?;
        let Goal::Handler(handler) = self.one_goal(failure.classes.iter())? else {
            return None;
        };
        let message = match (&computed, &failure.message) {
            (_, None) => Message::Unknown,
            (Some(Expr::Macro(name, args)), Some(_)) => {
                Message::Computed(Expr::Macro(name.clone(), without_place(args)))
            }
            (Some(_), Some(_)) => Message::Unknown,
            (None, Some(message)) => Message::Known(message.clone()),
        };
        self.at_site(handler, true, computed.is_some());
        let text = computed.unwrap_or_else(|| Expr::Atom(format!("{text:?}")));
        let said = Said {
            text: Some(text),
            message,
            class: None,
            typed: false,
        };
        Some(self.way(handler, &said).stmts)
    }

    /// What stands at a failure: its handler, or the way there.
    pub(super) fn way(&mut self, handler: usize, said: &Said) -> Block {
        let Some(caught) = self.handlers.get(handler).cloned() else {
            return Block::default();
        };
        let mut block = match &caught.way {
            Way::Here | Way::Else => caught.body.clone(),
            Way::To(label) => Block::of(vec![Stmt::new(StmtKind::Break(Some(label.clone())))]),
        };
        if let Some(name) = &caught.name {
            let text = |text: &str| Expr::Atom(format!("{text:?}"));
            let value = match (&said.message, caught.owned) {
                (Message::Known(message), false) => text(message),
                (Message::Known(message), true) => text(message).method("to_string", vec![]),
                (Message::Computed(value), _) => value.clone(),
                (Message::Bound, _) => Expr::atom("text"),
                (Message::Unknown, _) => {
                    self.refuse("the message of an exception that is read here is not known");
                    Expr::Atom("\"\"".into())
                }
            };
            // The pattern binds the name itself where the handler stands there.
            if !matches!(said.message, Message::Bound) || matches!(caught.way, Way::To(_)) {
                let kind = match caught.way {
                    Way::To(_) => StmtKind::Assign {
                        place: Expr::atom(name.clone()),
                        op: None,
                        value,
                    },
                    Way::Here | Way::Else => StmtKind::Let {
                        name: name.clone(),
                        mutable: false,
                        ty: None,
                        init: Some(value),
                    },
                };
                block.stmts.insert(0, Stmt::new(kind));
            }
        }
        if caught.again {
            match (&said.text, &caught.way) {
                (_, Way::To(_)) => {
                    self.refuse("`raise` in a handler that several places of the body lead to");
                }
                (Some(text), _) => raise_again(&mut block, &text.clone().method("into", vec![])),
                // The pattern of the call binds it.
                (None, _) => {
                    let error = match (&caught.name, &said.class) {
                        (Some(name), Some(class)) => Expr::call(
                            format!("Raised::{class}"),
                            vec![Expr::atom("at"), Expr::atom(name.clone())],
                        ),
                        _ => Expr::atom("error"),
                    };
                    let error = match self.typed == said.typed {
                        true => error,
                        false => error.method("into", vec![]),
                    };
                    raise_again(&mut block, &error);
                }
            }
        }
        if caught.way == Way::Else {
            self.fallback = Some(block.clone());
        }
        block
    }
}

/// Puts an error in the place of a bare `raise`.
fn raise_again(block: &mut Block, error: &Expr) {
    for stmt in &mut block.stmts {
        if let StmtKind::Return(Some(Expr::Call(name, args))) = &mut stmt.kind
            && name == "Err"
            && matches!(args.as_slice(), [Expr::Atom(text)] if text == AGAIN)
        {
            *args = vec![error.clone()];
            continue;
        }
        again_in(stmt, error);
    }
}

fn again_in(stmt: &mut Stmt, error: &Expr) {
    fn in_expr(e: &mut Expr, error: &Expr) {
        e.for_each_child_mut(&mut |c| in_expr(c, error), &mut |b| raise_again(b, error));
    }
    stmt.for_each_child_mut(&mut |e| in_expr(e, error), &mut |b| raise_again(b, error));
}
