//! How long the calls of one version take and how often they allocate. The calls of a
//! measured replay follow each other as in the log; nothing is reported between them.

use super::protocol::{CallEnd, Latency};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// Counts what is allocated through Rust: what CPython takes for itself is not seen.
#[cfg(feature = "migrate-count")]
mod counting {
    use super::{ALLOCATIONS, Ordering};
    use std::alloc::{GlobalAlloc, Layout, System};

    struct Counting;

    // SAFETY: everything is the system's; only a counter is added.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            unsafe { System.alloc(layout) }
        }
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            unsafe { System.alloc_zeroed(layout) }
        }
        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            unsafe { System.dealloc(at, layout) }
        }
        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            unsafe { System.realloc(at, layout, size) }
        }
    }

    #[global_allocator]
    static COUNTING: Counting = Counting;
}

/// What was measured of one version.
#[derive(Default)]
pub struct Samples {
    nanoseconds: Vec<u64>,
    allocations: Vec<u64>,
    failed: u64,
}

impl Samples {
    /// Measures one call.
    pub fn measure<R>(&mut self, call: impl FnOnce() -> R) -> R {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let begin = Instant::now();
        let result = call();
        let taken = begin.elapsed();
        let after = ALLOCATIONS.load(Ordering::Relaxed);
        self.nanoseconds.push(taken.as_nanos() as u64);
        self.allocations.push(after - before);
        result
    }

    /// Notes how the call ended.
    pub fn ended(&mut self, end: &CallEnd) {
        self.failed += u64::from(*end != CallEnd::Done);
    }

    /// What it comes to.
    pub fn latency(mut self) -> Latency {
        let mut timer = Samples::default();
        for _ in 0..1000 {
            timer.measure(|| ());
        }
        timer.nanoseconds.sort_unstable();
        self.nanoseconds.sort_unstable();
        self.allocations.sort_unstable();
        let at = |sorted: &[u64], part: f64| {
            let last = sorted.len().saturating_sub(1);
            let index = (last as f64 * part).round() as usize;
            sorted.get(index).copied().unwrap_or_default()
        };
        let counted = cfg!(feature = "migrate-count");
        Latency {
            calls: self.nanoseconds.len() as u64,
            failed: self.failed,
            p50_ns: at(&self.nanoseconds, 0.5),
            p99_ns: at(&self.nanoseconds, 0.99),
            max_ns: at(&self.nanoseconds, 1.0),
            timer_ns: at(&timer.nanoseconds, 0.5),
            allocations_p50: counted.then(|| at(&self.allocations, 0.5)),
            allocations_max: counted.then(|| at(&self.allocations, 1.0)),
        }
    }
}
