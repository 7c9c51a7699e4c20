//! The way to `migrate`: events go out on what was stdout, and stdin is the lifeline, whose
//! end says that nobody listens any more. What the task prints goes to a file.

use super::json;
use super::protocol::{Event, FaultKind};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::sync::{Mutex, OnceLock};

static OUT: OnceLock<Mutex<BufWriter<File>>> = OnceLock::new();

/// Takes stdin and stdout for itself, and gives the task a file to print to.
pub fn open(output: &str) {
    let (out, lifeline) = take(output);
    let _ = OUT.set(Mutex::new(BufWriter::new(out)));
    if let Some(mut lifeline) = lifeline {
        std::thread::spawn(move || {
            let _ = lifeline.read(&mut [0]);
            end();
        });
    }
}

#[cfg(unix)]
unsafe extern "C" {
    fn dup2(from: i32, to: i32) -> i32;
    fn kill(process: i32, signal: i32) -> i32;
    fn getpgrp() -> i32;
}

#[cfg(unix)]
fn take(output: &str) -> (File, Option<File>) {
    use std::os::fd::{AsFd, AsRawFd};
    let copy = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned().map(File::from);
    let out = copy(std::io::stdout().as_fd()).expect("no stdout");
    let lifeline = copy(std::io::stdin().as_fd()).ok();
    let null = || File::options().read(true).write(true).open("/dev/null");
    let prints = File::create(output).or_else(|_| null());
    if let (Ok(prints), Ok(null)) = (prints, null()) {
        // SAFETY: the descriptors are open, and 0 to 2 belong to nobody else yet.
        unsafe {
            dup2(null.as_raw_fd(), 0);
            dup2(prints.as_raw_fd(), 1);
            dup2(prints.as_raw_fd(), 2);
        }
    }
    (out, lifeline)
}

#[cfg(not(unix))]
fn take(_: &str) -> (File, Option<File>) {
    panic!("the harness runs on Unix only");
}

/// Ends this process and every process that it started.
pub fn end() -> ! {
    #[cfg(unix)]
    // SAFETY: plain calls. `migrate` starts the harness as the leader of a group of its own.
    unsafe {
        if getpgrp() as u32 == std::process::id() {
            kill(0, 9);
        }
    }
    std::process::exit(1)
}

/// Writes the event through: what comes next may end the process.
pub fn send(event: &Event) {
    let Some(Ok(mut out)) = OUT.get().map(Mutex::lock) else {
        end()
    };
    let written = json::to_writer(&mut *out, event)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
    if written.is_err() {
        end();
    }
}

/// Sends a fault.
pub fn fault(kind: FaultKind, id: Option<u64>, message: impl ToString) {
    let message = message.to_string();
    send(&Event::Fault { kind, message, id });
}
