//! A review as Markdown, for the description of a pull request or a comment on it.
//!
//! Enters: [`Subject`]s. Leaves: Markdown as GitHub reads it, short enough for a comment. This
//! module must not judge.

use super::{
    BenchTable, Fact, bench, change, diff, diff_title, executed, findings, place, sentence, speed,
    switch_diff, switch_title, translated, verdict, verdict_rows,
};
use crate::review::{Kind, Point, Subject, points};
use std::fmt::Write as _;

/// What GitHub takes as a comment, and some room.
const MOST: usize = 60_000;
/// How many points stand unfolded.
const TOP: usize = 8;

/// The reviews as Markdown.
pub fn markdown(subjects: &[Subject]) -> String {
    let mut out = String::from(
        "| task | verdict | translated | findings | executed | speed | change |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for subject in subjects {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            cell(&subject.task),
            fact(&verdict(subject)),
            fact(&translated(subject)),
            fact(&findings(subject)),
            fact(&executed(subject)),
            fact(&speed(subject)),
            cell(&change(subject)),
        );
    }
    for subject in subjects {
        task(&mut out, subject);
    }
    // The diffs only where all of them fit.
    let diffs: String = subjects.iter().map(folded_diff).collect();
    if out.len() + diffs.len() <= MOST {
        out.push_str(&diffs);
    } else if !diffs.is_empty() {
        out.push_str("\nThe diff is too long for a comment: `migrate review` shows it.\n");
    }
    out
}

fn fact(fact: &Fact) -> String {
    match fact.note.is_empty() {
        true => cell(&fact.value),
        false => format!("{} ({})", cell(&fact.value), cell(&fact.note)),
    }
}

fn task(out: &mut String, subject: &Subject) {
    let _ = writeln!(
        out,
        "\n### `{}`\n\n`{}` to `{}`",
        subject.task,
        subject.script(),
        subject.path
    );
    let points = points(subject);
    if points.is_empty() {
        out.push_str("\nNothing stands out.\n");
    } else {
        out.push_str("\nLook here first:\n\n");
    }
    let (top, rest) = points.split_at_checked(TOP).unwrap_or((&points, &[]));
    for point in top {
        item(out, subject, point);
    }
    if !rest.is_empty() {
        let _ = writeln!(out, "\n<details><summary>{} more</summary>\n", rest.len());
        for point in rest.iter().take(100) {
            item(out, subject, point);
        }
        out.push_str("\n</details>\n");
    }
    let rows = verdict_rows(subject);
    if !rows.is_empty() {
        out.push_str(
            "\n<details><summary>Verdicts</summary>\n\n| log | verdict | cycles | executed | when \
             |\n|---|---|---|---|---|\n",
        );
        for row in rows {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                cell(&row.log),
                cell(&row.words),
                row.cycles,
                cell(&row.executed),
                row.when
            );
        }
        out.push_str("\n</details>\n");
    }
    if let Some(BenchTable { about, rows }) = bench(subject) {
        let _ = writeln!(
            out,
            "\n<details><summary>Time of a call: {}</summary>\n\n| version | calls | p50 | p99 | \
             max | allocations, p50 | max | times Rust |\n|---|---|---|---|---|---|---|---|",
            html(&about)
        );
        for (name, cells) in rows {
            let _ = writeln!(out, "| {} | {} |", cell(&name), cells.join(" | "));
        }
        out.push_str("\n</details>\n");
    }
}

fn item(out: &mut String, subject: &Subject, point: &Point) {
    let place = place(subject, point);
    let place = match place.trim_end() {
        "" => String::new(),
        place => format!("`{place}` "),
    };
    let strong = match point.kind {
        Kind::Conflict | Kind::Divergence | Kind::Hole | Kind::NoVerdict => "**",
        Kind::Unsure
        | Kind::Rule
        | Kind::Warning
        | Kind::State
        | Kind::Edited
        | Kind::Missed
        | Kind::Branch
        | Kind::LastBit => "",
    };
    let _ = writeln!(
        out,
        "- {strong}{}{strong}: {place}{}",
        point.kind.word(),
        html(&sentence(point))
    );
}

fn folded_diff(subject: &Subject) -> String {
    let own = folded(&subject.task, &diff_title(&diff(subject)), &diff(subject));
    let switch = switch_title(subject).replace('`', "");
    own + &folded(&subject.task, &switch, &switch_diff(subject))
}

fn folded(task: &str, title: &str, diff: &str) -> String {
    if diff.is_empty() {
        return String::new();
    }
    // A fence longer than any in the text.
    let longest = diff.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!(
        "\n<details><summary><code>{}</code>: {}</summary>\n\n{fence}diff\n{diff}{fence}\n\n\
         </details>\n",
        html(task),
        html(title)
    )
}

/// Text on one line that Markdown takes as it is; code in backticks stays code.
fn html(text: &str) -> String {
    text.replace('\n', " ")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
}

fn cell(text: &str) -> String {
    html(text).replace('|', "\\|")
}
