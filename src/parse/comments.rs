//! Comments and blank lines, put into the tree.
//!
//! Enters: the comments of a file in order, and its tree. Leaves: the tree with each
//! comment in exactly one place: before a statement, at the end of its line, or at the
//! end of a block. This module must not know what the statements mean.

use super::trivia::RawComment;
use crate::ast::{Block, Comment, Docstring, Module, Stmt, StmtKind};
use crate::source::Span;

/// Puts every comment into `module`.
pub(super) fn attach(text: &str, masked: &str, comments: &[RawComment], module: &mut Module) {
    let mut attacher = Attacher {
        text,
        masked,
        comments,
        next: 0,
        pending: Vec::new(),
    };
    let floor = module.doc.as_ref().map_or(0, |doc| doc.span.end);
    attacher.stmts(&mut module.body, floor);
    attacher.next = attacher.next.min(comments.len());
    let rest = attacher.pending.iter().copied();
    let rest = rest.chain(comments.iter().skip(attacher.next).copied());
    let rest: Vec<_> = rest.map(|raw| comment(text, raw)).collect();
    module.body.trailing.extend(rest);
}

struct Attacher<'a> {
    text: &'a str,
    /// The text with comments as spaces.
    masked: &'a str,
    comments: &'a [RawComment],
    /// The first comment that has no place yet.
    next: usize,
    /// Comments that belong before the next statement that is visited.
    pending: Vec<RawComment>,
}

impl Attacher<'_> {
    fn peek(&self) -> Option<RawComment> {
        self.comments.get(self.next).copied()
    }

    fn take_before(&mut self, end: u32) -> Vec<RawComment> {
        let mut taken = Vec::new();
        while let Some(raw) = self.peek().filter(|raw| raw.span.start < end) {
            taken.push(raw);
            self.next += 1;
        }
        taken
    }

    /// The statements of a block; what stands before `floor` does not count as the
    /// first one's when blank lines are looked for.
    fn stmts(&mut self, block: &mut Block, floor: u32) {
        let starts: Vec<u32> = block.stmts.iter().map(|s| s.span.start).collect();
        let following = starts.into_iter().skip(1).map(Some).chain([None]);
        for (stmt, next) in block.stmts.iter_mut().zip(following) {
            self.stmt(stmt, floor, next);
        }
    }

    /// A block within a statement, with the comments at its end; `doc` is a docstring
    /// that was taken out of it.
    fn block(&mut self, block: &mut Block, doc: Option<&Docstring>, floor: u32) {
        let Some(start) = block_start(block, doc) else {
            return;
        };
        self.stmts(block, doc.map_or(floor, |doc| doc.span.end));
        let doc_end = doc.map_or(floor, |doc| doc.span.end);
        let end = block.stmts.last().map_or(doc_end, |stmt| stmt.span.end);
        let mut trailing = std::mem::take(&mut self.pending);
        let indent = self.column_if_first(start);
        let limit = self.next_token(end);
        while let Some(raw) = self.peek().filter(|raw| raw.span.start < limit) {
            let deep = indent.is_some_and(|indent| self.column(raw.span.start) >= indent);
            if raw.own_line && !deep {
                break;
            }
            trailing.push(raw);
            self.next += 1;
        }
        block.trailing = trailing
            .iter()
            .map(|raw| comment(self.text, *raw))
            .collect();
    }

    fn stmt(&mut self, stmt: &mut Stmt, floor: u32, next: Option<u32>) {
        let mut leading = std::mem::take(&mut self.pending);
        leading.extend(self.take_before(stmt.span.start));
        let first = leading
            .iter()
            .find(|raw| raw.own_line && raw.span.start >= floor);
        stmt.blank_before = self.blank_before(first.map_or(stmt.span.start, |raw| raw.span.start));
        let mut line = None;
        self.inner(stmt, next, &mut leading, &mut line);
        stmt.comments = leading.iter().map(|raw| comment(self.text, *raw)).collect();
        stmt.line_comment = line.map(|raw| comment(self.text, raw));
    }

    fn inner(
        &mut self,
        stmt: &mut Stmt,
        next: Option<u32>,
        leading: &mut Vec<RawComment>,
        line: &mut Option<RawComment>,
    ) {
        let start = stmt.span.start;
        match &mut stmt.kind {
            StmtKind::Function(function) => {
                let doc = function.doc.as_ref();
                let anchor = function.name.span.start;
                self.header(anchor, block_start(&function.body, doc), leading, line);
                self.block(&mut function.body, doc, anchor);
            }
            StmtKind::Class(class) => {
                let doc = class.doc.as_ref();
                let anchor = class.name.span.start;
                self.header(anchor, block_start(&class.body, doc), leading, line);
                self.block(&mut class.body, doc, anchor);
            }
            StmtKind::If { body, orelse, .. } => {
                let elif = self.masked.get(start as usize..);
                if elif.is_some_and(|text| text.starts_with("elif")) {
                    // Nothing can stand before `else if`: it goes into the block.
                    self.pending.append(leading);
                    stmt.blank_before = false;
                }
                self.header(start, block_start(body, None), leading, line);
                self.block(body, None, start);
                self.block(orelse, None, body_end(body, start));
            }
            StmtKind::While { body, orelse, .. } | StmtKind::For { body, orelse, .. } => {
                self.header(start, block_start(body, None), leading, line);
                self.block(body, None, start);
                self.block(orelse, None, body_end(body, start));
            }
            StmtKind::With { body, .. } => {
                self.header(start, block_start(body, None), leading, line);
                self.block(body, None, start);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finalbody,
            } => {
                self.header(start, block_start(body, None), leading, line);
                self.block(body, None, start);
                let mut end = body_end(body, start);
                for handler in handlers {
                    self.block(&mut handler.body, None, handler.span.start);
                    end = body_end(&handler.body, end);
                }
                self.block(orelse, None, end);
                end = body_end(orelse, end);
                self.block(finalbody, None, end);
            }
            StmtKind::Match { cases, .. } => {
                let first = cases.first().map(|case| case.span.start);
                self.header(start, first, leading, line);
                for case in cases {
                    self.block(&mut case.body, None, case.span.start);
                }
            }
            StmtKind::Return(_)
            | StmtKind::Delete(_)
            | StmtKind::Assign { .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::Raise { .. }
            | StmtKind::Assert { .. }
            | StmtKind::Import(_)
            | StmtKind::ImportFrom { .. }
            | StmtKind::Global(_)
            | StmtKind::Nonlocal(_)
            | StmtKind::Expr(_)
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Unsupported(_) => self.simple(stmt.span, next, leading, line),
        }
    }

    /// Comments within a statement without blocks, and at its end.
    fn simple(
        &mut self,
        at: Span,
        next: Option<u32>,
        leading: &mut Vec<RawComment>,
        line: &mut Option<RawComment>,
    ) {
        for raw in self.take_before(at.end) {
            if line.is_none() && !raw.own_line && self.same_line(at.start, raw.span.start) {
                *line = Some(raw);
            } else {
                leading.push(raw);
            }
        }
        let Some(raw) = self.peek() else { return };
        let ours = !raw.own_line
            && next.is_none_or(|next| raw.span.start < next)
            && self.same_line(at.end, raw.span.start);
        if ours {
            self.next += 1;
            if line.is_none() {
                *line = Some(raw);
            } else {
                leading.push(raw);
            }
        }
    }

    /// Comments from the start of a compound statement to its first block: the one at
    /// the end of the line is the statement's, those on lines of their own after
    /// `anchor` belong to the block.
    fn header(
        &mut self,
        anchor: u32,
        block: Option<u32>,
        leading: &mut Vec<RawComment>,
        line: &mut Option<RawComment>,
    ) {
        for raw in self.take_before(block.unwrap_or(anchor)) {
            if raw.own_line && !raw.in_brackets && raw.span.start > anchor {
                self.pending.push(raw);
            } else if line.is_none() && !raw.own_line {
                *line = Some(raw);
            } else {
                leading.push(raw);
            }
        }
    }

    fn same_line(&self, from: u32, to: u32) -> bool {
        let between = self.text.get(from as usize..to as usize).unwrap_or("");
        !between.contains(['\n', '\r'])
    }

    /// The first token from `pos` on.
    fn next_token(&self, pos: u32) -> u32 {
        let rest = self.masked.get(pos as usize..).unwrap_or("");
        let other = rest.find(|c: char| !c.is_ascii_whitespace() && c != '\\' && c != ';');
        pos + other.unwrap_or(rest.len()) as u32
    }

    fn before_on_line(&self, pos: u32) -> &str {
        let before = self.text.get(..pos as usize).unwrap_or("");
        let line = before.rsplit(['\n', '\r']).next().unwrap_or("");
        line.strip_prefix('\u{feff}').unwrap_or(line)
    }

    fn column(&self, pos: u32) -> usize {
        let line = self.before_on_line(pos);
        line.chars().fold(0, |column, c| match c {
            '\t' => (column / 8 + 1) * 8,
            '\x0c' => 0,
            _ => column + 1,
        })
    }

    /// The column of `pos`, where it is the first token of its line.
    fn column_if_first(&self, pos: u32) -> Option<usize> {
        let line = self.before_on_line(pos);
        line.trim().is_empty().then(|| self.column(pos))
    }

    /// Whether the line above that of `pos` is blank.
    fn blank_before(&self, pos: u32) -> bool {
        let line = self.before_on_line(pos);
        let above = (pos as usize).saturating_sub(line.len());
        let above = self.text.get(..above).unwrap_or("");
        if !line.trim().is_empty() || above.is_empty() {
            return false;
        }
        let above = above.strip_suffix('\n').unwrap_or(above);
        let above = above.strip_suffix('\r').unwrap_or(above);
        let above = above.rsplit(['\n', '\r']).next().unwrap_or("");
        above.trim().is_empty()
    }
}

fn block_start(block: &Block, doc: Option<&Docstring>) -> Option<u32> {
    let first = block.stmts.first().map(|stmt| stmt.span.start);
    doc.map(|doc| doc.span.start).or(first)
}

fn body_end(block: &Block, otherwise: u32) -> u32 {
    block.stmts.last().map_or(otherwise, |stmt| stmt.span.end)
}

fn comment(text: &str, raw: RawComment) -> Comment {
    let source = text
        .get(raw.span.start as usize..raw.span.end as usize)
        .unwrap_or("");
    let body = source.strip_prefix('#').unwrap_or(source);
    let body = body.strip_prefix(' ').unwrap_or(body);
    Comment {
        span: raw.span,
        text: body.trim_end().to_owned(),
    }
}
