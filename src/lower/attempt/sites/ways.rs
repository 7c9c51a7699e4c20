//! From a failure to its handler: the handler's Rust, or the way there.

use super::{AGAIN, Caught, Goal, Message, Rewrite, Said, Way, is_made_of_text};
use crate::catalog::{Helper, exceptions};
use crate::desugar::{CLASS_NAME, EXCEPTION_REPR, FIRST_ARGUMENT};
use crate::ir::{Block, Expr, Stmt, StmtKind};
use crate::lower::attempt::text::{error_text, without_place};
use crate::lower::vars::rust_ident;

impl Rewrite<'_> {
    /// `raise …` in the body: the way to its handler.
    pub(super) fn raised_here(
        &mut self,
        error: Option<&Expr>,
        kept: Vec<Expr>,
    ) -> Option<Vec<Stmt>> {
        let Some((text, computed)) = error.and_then(error_text) else {
            let again = matches!(error, Some(Expr::Atom(text)) if text == AGAIN);
            if !again && !self.handlers.is_empty() {
                if let Some(stmts) = error.and_then(|error| self.raised_again(error)) {
                    return Some(stmts);
                }
                self.refuse("an exception that is raised again here and caught further out");
            }
            return None;
        };
        let failure = self.failure(&text)?;
        let Goal::Handler(handler) = self.one_goal(failure.classes.iter())? else {
            return None;
        };
        let message = match (&computed, &failure.message) {
            (_, None) => match self.callees.told(&text) {
                Some(message) => Message::Computed(message.clone()),
                None => Message::Unknown,
            },
            (Some(Expr::Macro(name, args)), Some(_)) => {
                Message::Computed(Expr::Macro(name.clone(), without_place(args)))
            }
            (Some(_), Some(_)) => Message::Unknown,
            (None, Some(message)) => Message::Known(message.clone()),
        };
        self.at_site(handler, true, matches!(message, Message::Computed(_)));
        let text = computed.unwrap_or_else(|| Expr::Atom(format!("{text:?}")));
        let names = failure
            .classes
            .first()
            .and_then(|c| self.callees.kept.get(c));
        let names = names.into_iter().flatten().map(|(attr, _)| attr.clone());
        let said = Said {
            text: Some(text),
            message,
            kept: names.zip(kept).chain(super::class_name(&failure)).collect(),
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
        let bound_by_pattern = matches!(said.message, Message::Bound);
        if let Some(name) = &caught.name
            && (!caught.silent || bound_by_pattern && !matches!(caught.way, Way::To(_)))
        {
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
                block.stmts.insert(0, bound(&caught.way, name, value));
            }
        }
        for (attr, name) in caught.reads.iter().rev() {
            if is_made_of_text(attr) {
                match self.made_of_text(attr, said, &caught) {
                    Some(value) => {
                        // Behind the message that the pattern binds.
                        block.stmts.insert(0, bound(&caught.way, name, value));
                    }
                    None => self.refuse("what this exception was made with is not known"),
                }
                continue;
            }
            let by_pattern = matches!(said.message, Message::Bound) && attr != CLASS_NAME;
            if !by_pattern || matches!(caught.way, Way::To(_)) {
                let given = said.kept.iter().find(|(own, _)| own == attr);
                let value = match given {
                    _ if by_pattern => Expr::atom(part_name(attr)),
                    Some((_, value)) => value.clone(),
                    None => {
                        self.refuse(&format!("the exception has no `{attr}` here"));
                        continue;
                    }
                };
                block.stmts.insert(0, bound(&caught.way, name, value));
            }
        }
        if caught.again {
            match (&said.text, &caught.way) {
                (_, Way::To(_)) => {
                    self.refuse("`raise` in a handler that several places of the body lead to");
                }
                (Some(text), _) => {
                    let mut error = vec![text.clone().method("into", vec![])];
                    let kept = said.kept.iter().filter(|(attr, _)| attr != CLASS_NAME);
                    error.extend(kept.map(|(_, value)| value.clone()));
                    raise_again(&mut block, &error);
                }
                // The pattern of the call binds it.
                (None, _) => {
                    let error = match (&caught.name, &said.class) {
                        (name, Some(class)) if name.is_some() || !caught.reads.is_empty() => {
                            let mut parts = vec!["at".to_string()];
                            parts.push(name.clone().unwrap_or("text".into()));
                            parts.extend(self.kept_names(class, &caught.reads));
                            let parts = parts.into_iter().map(Expr::atom).collect();
                            Expr::call(format!("Raised::{class}"), parts)
                        }
                        _ => Expr::atom("error"),
                    };
                    let error = match self.typed == said.typed {
                        true => error,
                        false => error.method("into", vec![]),
                    };
                    raise_again(&mut block, &[error]);
                }
            }
        }
        if caught.way == Way::Else {
            self.fallback = Some(block.clone());
        }
        block
    }
}

impl Rewrite<'_> {
    /// What a handler shows of an exception, made of its message.
    fn made_of_text(&self, attr: &str, said: &Said, caught: &Caught) -> Option<Expr> {
        let named = said.kept.iter().find(|(own, _)| own == CLASS_NAME);
        let class = match (&said.class, named) {
            (Some(class), _) => class.clone(),
            (None, Some((_, Expr::Atom(name)))) => name.trim_matches('"').to_string(),
            (None, _) => return None,
        };
        let derives = |from: &str| exceptions::derives(&class, from, self.callees.own);
        let shows_key = derives("KeyError");
        let text = match &said.message {
            // Made with nothing, or with a number and a text.
            Message::Bound if derives("AssertionError") || derives("StopIteration") => return None,
            Message::Bound if derives("OverflowError") => return None,
            Message::Known(text) if text.starts_with("(34,") => return None,
            Message::Known(text) if text.is_empty() => {
                let repr = Expr::Atom(format!("{:?}", format!("{class}()")));
                return (attr == EXCEPTION_REPR).then(|| repr.method("to_string", vec![]));
            }
            Message::Known(text) => Expr::Atom(format!("{text:?}")),
            Message::Computed(text) => text.clone(),
            Message::Bound => match (&caught.way, &caught.name) {
                (Way::To(_), _) | (_, None) => Expr::atom("text"),
                (_, Some(name)) => Expr::atom(name.clone()),
            },
            Message::Unknown => return None,
        };
        if attr == FIRST_ARGUMENT {
            return match text {
                Expr::Call(repr, args) if shows_key && repr == Helper::StrRepr.name() => {
                    Some(args.into_iter().next()?.method("to_string", vec![]))
                }
                _ if shows_key => None,
                text @ Expr::Macro(..) => Some(text),
                text if matches!(&text, Expr::Method(_, name, _) if name == "to_string") => {
                    Some(text)
                }
                text => Some(text.method("to_string", vec![])),
            };
        }
        let shown = match shows_key {
            true => text,
            false => {
                let text = match text {
                    Expr::Atom(literal) if literal.starts_with('"') => Expr::Atom(literal),
                    text => Expr::Ref(Box::new(text)),
                };
                Expr::call(Helper::StrRepr.name(), vec![text])
            }
        };
        let format = Expr::Atom(format!("{:?}", format!("{class}({{}})")));
        Some(Expr::Macro("format".into(), vec![format, shown]))
    }
}

/// The name that a pattern gives to an attribute.
pub(super) fn part_name(attr: &str) -> String {
    match attr {
        "at" | "text" | "error" | "value" => format!("{attr}_"),
        _ => rust_ident(attr),
    }
}

/// Binds what a handler reads.
fn bound(way: &Way, name: &str, value: Expr) -> Stmt {
    Stmt::new(match way {
        Way::To(_) => StmtKind::Assign {
            place: Expr::atom(name),
            op: None,
            value,
        },
        Way::Here | Way::Else => StmtKind::Let {
            name: name.to_string(),
            mutable: false,
            ty: None,
            init: Some(value),
        },
    })
}

/// Puts an error in the place of a bare `raise`.
pub(super) fn raise_again(block: &mut Block, error: &[Expr]) {
    for stmt in &mut block.stmts {
        if let StmtKind::Return(Some(Expr::Call(name, args))) = &mut stmt.kind
            && name == "Err"
            && matches!(args.as_slice(), [Expr::Atom(text)] if text == AGAIN)
        {
            *args = error.to_vec();
            continue;
        }
        again_in(stmt, error);
    }
}

fn again_in(stmt: &mut Stmt, error: &[Expr]) {
    fn in_expr(e: &mut Expr, error: &[Expr]) {
        e.for_each_child_mut(&mut |c| in_expr(c, error), &mut |b| raise_again(b, error));
    }
    stmt.for_each_child_mut(&mut |e| in_expr(e, error), &mut |b| raise_again(b, error));
}
