//! Watches what runs: how long a call takes, how much memory is taken. A thread of its own
//! says so and ends the process, whatever the task is doing; a small file holds what is
//! running, for whoever finds the process dead.

use super::channel;
use super::protocol::{FaultKind, Phase, Request};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

static PHASE: AtomicU8 = AtomicU8::new(b'-');
static ID: AtomicU64 = AtomicU64::new(0);
/// Counts the calls: the watch tells two calls apart by it.
static CALLS: AtomicU64 = AtomicU64::new(0);
static FILE: Mutex<Option<File>> = Mutex::new(None);

/// Starts to watch.
pub fn start(request: &Request) {
    if let Ok(mut file) = FILE.lock() {
        *file = File::create(&request.phase).ok();
    }
    let limit = Duration::from_millis(request.cycle_timeout_ms);
    let memory = request.memory_mib;
    std::thread::spawn(move || watch(limit, memory));
}

/// What runs from here on.
pub fn enter(phase: Phase, id: u64) {
    ID.store(id, Ordering::Relaxed);
    CALLS.fetch_add(1, Ordering::Relaxed);
    PHASE.store(phase.byte(), Ordering::Release);
    if let Ok(mut file) = FILE.lock()
        && let Some(file) = file.as_mut()
    {
        let text = format!("{}{id:<20}", char::from(phase.byte()));
        let _ = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(text.as_bytes()));
    }
}

fn watch(limit: Duration, memory_mib: u64) {
    let mut seen = (CALLS.load(Ordering::Relaxed), Instant::now());
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let calls = CALLS.load(Ordering::Relaxed);
        if calls != seen.0 {
            seen = (calls, Instant::now());
        }
        let phase = Phase::of(PHASE.load(Ordering::Acquire));
        let id = Some(ID.load(Ordering::Relaxed));
        let kind = match phase {
            Phase::Own => None,
            Phase::Python => Some(FaultKind::PythonHangs),
            Phase::Rust => Some(FaultKind::RustHangs),
        };
        if let Some(kind) = kind
            && seen.1.elapsed() > limit
        {
            channel::fault(kind, id, format!("{:.1} s", limit.as_secs_f64()));
            channel::end();
        }
        let taken = resident_mib();
        if taken > memory_mib {
            let who = match phase {
                Phase::Own => "the replay",
                Phase::Python => "the Python",
                Phase::Rust => "the native task",
            };
            let text = format!("{who} took {taken} MiB of memory");
            channel::fault(FaultKind::Memory, id, text);
            channel::end();
        }
    }
}

/// The memory of this process and of those that it started, as Linux counts it.
fn resident_mib() -> u64 {
    let own = std::process::id();
    let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
    let children = children.unwrap_or_default();
    let all = children.split_whitespace().map(str::to_owned);
    let pages: u64 = all
        .chain([own.to_string()])
        .filter_map(|process| std::fs::read_to_string(format!("/proc/{process}/statm")).ok())
        .filter_map(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum();
    pages * 4096 / (1 << 20)
}
