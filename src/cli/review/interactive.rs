//! `migrate review --interactive` and what does the same without a terminal: the hunks of a
//! translation, one by one, as `git add -p` walks through them.

use super::{Plan, ReviewArgs, plans, read_existing};
use crate::cli::console::{BOLD, CYAN, Console, GREEN, RED, RESET, YELLOW};
use crate::cli::translate::keep;
use crate::error::Error;
use crate::header::with_machine_lines;
use crate::pipeline;
use crate::project::{Project, TaskId};
use crate::review::Origin;
use crate::review::decisions::Decisions;
use crate::review::hunks::{Decision, Hunk, HunkKind, apply, hunks};
use crate::verify::write_whole;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Lines of context above and below a hunk.
const CONTEXT: usize = 3;

const HELP: &str = "\
y  accept this hunk
n  reject it: what is there stays
e  edit it in $EDITOR, and accept what you make of it
s  skip it: undecided, it comes again next time
a  accept it and all later hunks of its kind
r  reject it and all later hunks of its kind
q  quit; what was decided is kept
?  this help";

/// Whether hunks are to be decided or listed.
pub fn is_wanted(args: &ReviewArgs) -> bool {
    args.interactive
        || args.list
        || args.forget
        || !args.accept.is_empty()
        || !args.reject.is_empty()
}

/// Decides about the hunks of the tasks, and applies those that were accepted.
///
/// # Errors
/// A task cannot be translated, a file cannot be read or written, or a hunk is named that is
/// not there.
pub fn run(
    project: &Project,
    ids: &[TaskId],
    args: &ReviewArgs,
    console: &Console,
) -> Result<ExitCode, Error> {
    let root = &project.root;
    let mut files = Vec::new();
    for id in ids {
        let translation = pipeline::translate(project, id)?;
        for plan in plans(root, &translation)? {
            files.push(Reviewed::new(root, plan, args.forget)?);
        }
    }
    for file in &files {
        if let Origin::Left(why) = &file.plan.origin {
            console.say(&format!("{YELLOW}note{RESET}: {} {why}", file.plan.name));
        }
    }
    unknown_names(&files, args)?;
    if args.list {
        for file in &files {
            console.print(&file.list())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut walk = Walk::default();
    for file in &mut files {
        file.decide_by_name(args);
        if args.interactive && !walk.quit {
            walk.file(file, console)?;
        }
    }
    let mut undecided = 0;
    for file in &mut files {
        undecided += file.finish(root, console)?;
    }
    if files.iter().all(|file| file.hunks.is_empty()) {
        console.say("nothing would change");
    }
    Ok(match undecided {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}

/// A file, its hunks, and what was decided about them.
struct Reviewed {
    plan: Plan,
    /// What is there, with the header's lines for machines as they would be: nobody decides
    /// about those.
    old: String,
    hunks: Vec<Hunk>,
    decisions: Decisions,
}

impl Reviewed {
    fn new(root: &Path, plan: Plan, forget: bool) -> Result<Self, Error> {
        let mut decisions = Decisions::read(root, &plan.name)?;
        if forget {
            decisions.hunks.clear();
        }
        let old = plan.old.as_deref();
        let old = old.map(|old| with_machine_lines(old, &plan.new));
        let hunks = match plan.is_change() {
            true => hunks(old.as_deref(), &plan.new),
            false => Vec::new(),
        };
        // What is not there any more needs no decision.
        let known = |id: &String| hunks.iter().any(|hunk| hunk.id == *id);
        decisions.hunks.retain(|id, _| known(id));
        Ok(Self {
            plan,
            old: old.unwrap_or_default(),
            hunks,
            decisions,
        })
    }

    fn undecided(&self) -> impl Iterator<Item = &Hunk> {
        let decided = &self.decisions.hunks;
        self.hunks
            .iter()
            .filter(|hunk| !decided.contains_key(&hunk.id))
    }

    /// `--accept` and `--reject`; a name that is more exact goes first.
    fn decide_by_name(&mut self, args: &ReviewArgs) {
        let exact = |hunk: &Hunk, name: &String| match name.as_str() {
            "all" => 0,
            name if name == hunk.kind.word() => 1,
            _ => 2,
        };
        let best = |hunk: &Hunk, names: &[String]| {
            let named = names.iter().filter(|name| hunk.is_named(name));
            named.map(|name| exact(hunk, name)).max()
        };
        for hunk in &self.hunks {
            let (accept, reject) = (best(hunk, &args.accept), best(hunk, &args.reject));
            let decision = match accept > reject {
                _ if accept.is_none() && reject.is_none() => continue,
                true => Decision::Accepted,
                false => Decision::Rejected,
            };
            self.decisions.hunks.insert(hunk.id.clone(), decision);
        }
    }

    fn list(&self) -> String {
        let line = |hunk: &Hunk| {
            let decided = match self.decisions.hunks.get(&hunk.id) {
                None => "undecided",
                Some(Decision::Accepted) => "accepted",
                Some(Decision::Rejected) => "rejected",
                Some(Decision::Edited(_)) => "edited",
            };
            let text = if hunk.after.is_empty() {
                &hunk.before
            } else {
                &hunk.after
            };
            let first = text.lines().map(str::trim).find(|line| !line.is_empty());
            format!(
                "{:<10} {:<10} {:<9} {}:{} {}\n",
                hunk.id,
                hunk.kind.word(),
                decided,
                self.plan.name,
                hunk.line,
                first.unwrap_or_default()
            )
        };
        self.hunks.iter().map(line).collect()
    }

    /// Writes what was accepted, where nobody changed the file meanwhile; how many hunks are
    /// undecided.
    fn finish(&mut self, root: &Path, console: &Console) -> Result<usize, Error> {
        let name = &self.plan.name;
        let open = self.undecided().count();
        if open > 0 {
            console.say(&format!(
                "{YELLOW}{open} of {} hunks{RESET} of {name} are undecided",
                self.hunks.len()
            ));
        }
        if open > 0 && self.plan.old.is_none() {
            console.say("  it is written when all of its hunks are decided");
            self.decisions.write(root)?;
            return Ok(open);
        }
        if self.hunks.is_empty() {
            self.decisions.write(root)?;
            return Ok(0);
        }
        let path = root.join(&self.plan.path);
        if read_existing(&path)? != self.plan.old {
            self.decisions.write(root)?;
            return Err(Error::Usage {
                message: format!("{name} was changed while its hunks were reviewed"),
                help: "run it again: what was decided is kept where the hunks are the same".into(),
            });
        }
        // While something is undecided, the header's lines for machines stay: they say what
        // the next merge starts from.
        let old = match (&self.plan.old, open) {
            (Some(old), 1..) => old,
            (Some(_), 0) | (None, _) => &self.old,
        };
        let text = apply(old, &self.hunks, &self.decisions.hunks);
        let refuses_all = || {
            let rejected = |d: &Decision| *d == Decision::Rejected;
            self.decisions.hunks.values().all(rejected)
        };
        if self.plan.old.is_none() && refuses_all() {
            console.say(&format!("{name} is not written: every hunk was rejected"));
            self.decisions.write(root)?;
            return Ok(0);
        }
        if self.plan.old.as_ref() != Some(&text) {
            write_whole(&path, &text)?;
            console.say(&format!("{GREEN}wrote{RESET} {BOLD}{name}{RESET}"));
        }
        if open == 0 {
            keep(&self.plan.base, &self.plan.generated)?;
            self.decisions.hunks.clear();
        }
        self.decisions.write(root)?;
        Ok(open)
    }
}

/// A name that means no hunk is a slip.
fn unknown_names(files: &[Reviewed], args: &ReviewArgs) -> Result<(), Error> {
    let is_known = |name: &str| {
        name == "all"
            || HunkKind::ALL.iter().any(|kind| kind.word() == name)
            || files
                .iter()
                .any(|file| file.hunks.iter().any(|hunk| hunk.is_named(name)))
    };
    match args
        .accept
        .iter()
        .chain(&args.reject)
        .find(|name| !is_known(name))
    {
        None => Ok(()),
        Some(name) => Err(Error::Usage {
            message: format!("there is no hunk `{name}`"),
            help: "`migrate review --list` has the ids and kinds".into(),
        }),
    }
}

/// The walk through all hunks.
#[derive(Default)]
struct Walk {
    quit: bool,
    /// What was decided about all later hunks of a kind.
    kinds: BTreeMap<HunkKind, Decision>,
}

impl Walk {
    fn file(&mut self, file: &mut Reviewed, console: &Console) -> Result<(), Error> {
        let open: Vec<Hunk> = file.undecided().cloned().collect();
        let all = file.hunks.len();
        for hunk in open {
            let number = file.hunks.iter().position(|h| h.id == hunk.id).unwrap_or(0) + 1;
            if let Some(decision) = self.kinds.get(&hunk.kind) {
                file.decisions.hunks.insert(hunk.id, decision.clone());
                continue;
            }
            console.say(&shown(file, &hunk));
            let decision = self.ask(&hunk, (number, all), console)?;
            if self.quit {
                return Ok(());
            }
            if let Some(decision) = decision {
                file.decisions.hunks.insert(hunk.id, decision);
            }
        }
        Ok(())
    }

    fn ask(
        &mut self,
        hunk: &Hunk,
        (number, all): (usize, usize),
        console: &Console,
    ) -> Result<Option<Decision>, Error> {
        loop {
            console.ask(&format!(
                "{CYAN}({number}/{all}) {} {}: y, n, e, s, a, r, q, ?{RESET} ",
                hunk.id,
                hunk.kind.word()
            ));
            let mut answer = String::new();
            let read = std::io::stdin().lock().read_line(&mut answer);
            if !matches!(read, Ok(1..)) {
                console.say("\nno more answers; without a terminal, --accept, --reject and --list do the same");
                self.quit = true;
                return Ok(None);
            }
            let decision = match answer.trim() {
                "y" => Decision::Accepted,
                "n" => Decision::Rejected,
                "s" => return Ok(None),
                "q" => {
                    self.quit = true;
                    return Ok(None);
                }
                all @ ("a" | "r") => {
                    let decision = match all {
                        "a" => Decision::Accepted,
                        _ => Decision::Rejected,
                    };
                    self.kinds.insert(hunk.kind, decision.clone());
                    decision
                }
                "e" => match edit(hunk)? {
                    Ok(text) => Decision::Edited(text),
                    Err(why) => {
                        console.say(&format!("{YELLOW}not taken{RESET}: {why}"));
                        continue;
                    }
                },
                _ => {
                    console.say(HELP);
                    continue;
                }
            };
            return Ok(Some(decision));
        }
    }
}

/// A hunk with what stands around it.
fn shown(file: &Reviewed, hunk: &Hunk) -> String {
    let mut out = format!("{BOLD}{}:{}{RESET}\n", file.plan.name, hunk.line);
    let old: Vec<&str> = file.old.lines().collect();
    let above = hunk.old.start.saturating_sub(CONTEXT)..hunk.old.start;
    let below = hunk.old.end..(hunk.old.end + CONTEXT).min(old.len());
    let context = |range: std::ops::Range<usize>| old.get(range).unwrap_or_default().iter();
    context(above).for_each(|line| out.push_str(&format!(" {line}\n")));
    for (sign, line) in hunk.lines() {
        let color = if sign == '+' { GREEN } else { RED };
        out.push_str(&format!("{color}{sign}{line}{RESET}\n"));
    }
    context(below).for_each(|line| out.push_str(&format!(" {line}\n")));
    out.trim_end().to_owned()
}

/// What the user makes of a hunk in an editor; or why that cannot be taken.
fn edit(hunk: &Hunk) -> Result<Result<String, String>, Error> {
    let set = |name| std::env::var(name).ok().filter(|v: &String| !v.is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR"));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let path = std::env::temp_dir().join(format!("migrate-{}-{}.rs", std::process::id(), hunk.id));
    write_whole(&path, &hunk.after)?;
    // As git does: the value may hold arguments.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg(&editor)
        .arg(&path)
        .status();
    let text = std::fs::read_to_string(&path);
    let _ = std::fs::remove_file(&path);
    Ok(match (status, text) {
        (Ok(status), Ok(_)) if !status.success() => Err(format!("`{editor}` ended with {status}")),
        (Ok(_), Ok(text)) if crate::merge::unresolved(&text).is_some() => {
            Err("the conflict's markers are still there".into())
        }
        (Ok(_), Ok(text)) => Ok(ended(text)),
        (Err(error), _) | (_, Err(error)) => Err(format!("`{editor}`: {error}")),
    })
}

/// A text that ends with a line break, or is empty.
fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
