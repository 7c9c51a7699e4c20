//! `docs/commands.md` and `docs/codes.md`: what the commands and the codes say of themselves.

use super::{Files, check};
use clap::CommandFactory;
use copper_migrate::cli::Args;
use copper_migrate::diagnostic::Code;
use std::path::PathBuf;

const NOTE: &str = "This page is made from the code by `just bless`: do not edit it.";

/// Both pages.
pub fn files() -> Files {
    Files::from([
        (PathBuf::from("docs/commands.md"), commands().into_bytes()),
        (PathBuf::from("docs/codes.md"), codes().into_bytes()),
    ])
}

fn commands() -> String {
    let mut command = Args::command().term_width(100);
    command.build();
    let mut text = format!("# Commands\n\n{NOTE}\n");
    add(&mut text, "migrate", &command);
    text
}

fn add(text: &mut String, name: &str, command: &clap::Command) {
    let help = command.clone().term_width(100).render_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    *text += &format!(
        "\n## {name}\n\n```text\n{}\n```\n",
        help.join("\n").trim_end()
    );
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        add(text, &format!("{name} {}", sub.get_name()), sub);
    }
}

fn codes() -> String {
    let mut text = format!(
        "# Diagnostic codes\n\n{NOTE}\n\n\
         00 and 02 are holes: what stands there is not translated. 03 is what to know of the\n\
         translation, 04 what the Python steps into under Copper's PyTask. `migrate check` and\n\
         `migrate translate` say them, `migrate explain CODE` shows a page of this list, and\n\
         `# migrate: allow(CODE) reason` on the line, or on the line before, takes one away: a\n\
         hole that is not shown is still a hole.\n"
    );
    for code in Code::ALL {
        text += &format!(
            "\n## {code}: {}\n\n{}.\n\n",
            code.title(),
            code.severity().word()
        );
        text += &page(code.explanation());
    }
    text
}

/// Indented examples are Markdown's already; the words around them stay.
fn page(explanation: &str) -> String {
    explanation.trim_end().to_owned() + "\n"
}

#[test]
fn the_reference_is_as_the_code_says() {
    check(&files());
}

#[test]
fn every_command_has_examples() {
    let mut command = Args::command();
    command.build();
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let help = sub
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let name = sub.get_name();
        assert!(
            help.contains("Examples:") && help.contains(&format!("migrate {name}")),
            "{name}"
        );
    }
}
