//! `migrate demo`: translation and verification on a bundled app.

mod bundle;

use super::console::{BOLD, CYAN, Console, RESET};
use super::shell;
use super::translate::{self, TranslateArgs};
use super::verify::{self, VerifyArgs};
use crate::error::Error;
use crate::pipeline;
use crate::project::{Project, TaskId};
use crate::review::wiring;
use crate::verify::missing_tools;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the app is unpacked unless the user says otherwise.
const DIR: &str = "migrate-demo";

/// Arguments of `migrate demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Where to unpack the app: a directory that is new or empty.
    #[arg(long, value_name = "DIR", default_value = DIR)]
    pub dir: PathBuf,
    /// Where the harness is built; without it, target/migrate in the app.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
}

/// Shown below the help of `migrate demo`.
pub const EXAMPLES: &str = "\
Examples:
  migrate demo                   in migrate-demo/
  migrate demo --dir /tmp/demo";

/// Unpacks an app, translates its Python task and verifies the Rust, as a user would.
///
/// # Errors
/// Where a tool is missing, the directory is not empty, or one of the steps fails.
pub fn run(args: DemoArgs, console: &Console) -> Result<ExitCode, Error> {
    refuse_taken(&args.dir)?;
    let here = Path::new(".");
    all_there(&missing_tools(here))?;
    bundle::unpack(bundle::PID, &args.dir)
        .map_err(|(path, source)| Error::Write { path, source })?;
    let app = args.dir.display();
    let script = args.dir.join("python/pid.py");
    let log = args.dir.join("logs/run.copper");
    let program = program();
    let translate_line = format!("{program} translate {}", shell::word(&script));
    let verify_line = format!(
        "{program} verify --app {} --log {}",
        shell::word(&args.dir),
        shell::word(&log)
    );
    console.say(&format!(
        "unpacked a Copper app to {BOLD}{app}{RESET}: {} controls the speed of a wheel,\n\
         {} holds 400 cycles of a run with it. The first verification\n\
         builds Copper and both versions of the task, which takes one to three minutes; later \
         ones take seconds.\n\n\
         {CYAN}${RESET} {BOLD}{translate_line}{RESET}",
        script.display(),
        log.display()
    ));
    let translate_args = TranslateArgs {
        file: Some(script.clone()),
        app: None,
        task: None,
        diff: false,
        stdout: false,
        output: None,
        module: false,
        main: false,
        python: None,
    };
    let translated = translate::run(translate_args, console)?;
    let project = Project::load(&args.dir)?;
    let id = TaskId("pid".into());
    let translation = pipeline::translate(&project, &id)?;
    let (Some(task), Some(node)) = (translation.files.first(), project.node(&id)) else {
        return Ok(translated);
    };
    let native = args.dir.join(&task.path);
    console.say(&format!(
        "\n{CYAN}${RESET} {BOLD}cat {}{RESET}",
        shell::word(&native)
    ));
    console.print(&task.text)?;
    console.say(&format!("\n{CYAN}${RESET} {BOLD}{verify_line}{RESET}"));
    let verify_args = VerifyArgs::of(args.dir.clone(), log, args.target_dir);
    let verified = verify::run(verify_args, console)?;
    let module = node.binding.as_ref().map(|binding| &binding.module_file);
    let module = module.and_then(|file| std::fs::read_to_string(file).ok());
    let edits: String = wiring(&project, node, task, &module.unwrap_or_default())
        .iter()
        .map(|edit| format!("  {app}/{edit}\n"))
        .collect();
    console.say(&format!(
        "\n{CYAN}next{RESET}: change a formula in {}, and prove the new Rust\n\
         \x20 {translate_line}\n\
         \x20 {verify_line}\n\
         or change one in {} alone: verify shows the first CopperList that differs\n\
         \x20 {verify_line}\n\
         or run the Rust instead of the Python\n\
         {edits}\
         \x20 cd {} && cargo run -- --log logs/native.copper --iterations 400\n\
         or translate your own task\n\
         \x20 {program} translate path/to/task.py",
        script.display(),
        native.display(),
        shell::word(&args.dir),
    ));
    Ok(if translated == ExitCode::SUCCESS {
        verified
    } else {
        translated
    })
}

/// Stops where something lies in the directory already.
fn refuse_taken(dir: &Path) -> Result<(), Error> {
    let taken = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().map(|_| "is not empty"),
        Err(_) if dir.exists() => Some("is not a directory"),
        Err(_) => None,
    };
    match taken {
        None => Ok(()),
        Some(why) => Err(Error::Usage {
            message: format!("{} {why}: the demo overwrites nothing", dir.display()),
            help: "delete it, or name another directory with --dir".into(),
        }),
    }
}

/// One error for all that is missing.
fn all_there(missing: &[Error]) -> Result<(), Error> {
    if missing.is_empty() {
        return Ok(());
    }
    let list: String = missing
        .iter()
        .map(|error| format!("\n- {error}").replace('\n', "\n  "))
        .collect();
    Err(Error::Environment {
        message: format!("not everything is installed that the demo needs:{list}"),
        help: "nothing was written yet; run the demo again when it is there".into(),
    })
}

/// How to call this very program: by its name where the `PATH` has it, else by its path
/// from here.
fn program() -> String {
    let name = "migrate".to_owned();
    let Some(own) = std::env::current_exe().ok() else {
        return name;
    };
    let same = |found: &PathBuf| found.canonicalize().ok() == own.canonicalize().ok();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs = std::env::split_paths(&path);
    if dirs.any(|dir| dir.is_absolute() && same(&dir.join(&name))) {
        return name;
    }
    let here = std::env::current_dir().unwrap_or_default();
    shell::word(own.strip_prefix(here).unwrap_or(&own))
}
