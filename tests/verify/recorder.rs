//! Records logs of the pid app as a test wants them, and copies logs without some of their
//! CopperLists: `recorder record LOG ITERATIONS SLAB_MIB [append] [crash] [fail=FROM..TO]`,
//! `recorder drop LOG COPY FROM..TO...`.

pub mod tasks;

use cu29::bincode::{config::standard, decode_from_slice};
use cu29::prelude::memmap::MmapSectionStorage;
use cu29::prelude::*;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Aborts the CopperList in which a task fails.
pub struct Aborts;

impl CuMonitor for Aborts {
    fn new(_: CuMonitoringMetadata, _: CuMonitoringRuntime) -> CuResult<Self> {
        Ok(Self)
    }
    fn process_copperlist(&self, _: &CuContext, _: CopperListView<'_>) -> CuResult<()> {
        Ok(())
    }
    fn process_error(&self, _: ComponentId, _: CuComponentState, _: &CuError) -> Decision {
        Decision::Abort
    }
}

#[copper_runtime(config = "copperconfig.ron")]
struct PidApplication {}

mod data {
    cu29::prelude::gen_cumsgs!("copperconfig.ron");
    pub use self::cumsgs::CuStampedDataSet as DataSet;
}

fn range(text: &str) -> Range<u64> {
    let (from, to) = text.split_once("..").expect("FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

fn main() -> CuResult<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["record", log, iterations, slab, options @ ..] => {
            record(Path::new(log), iterations, slab, options)
        }
        ["drop", log, copy, ranges @ ..] => {
            let ranges: Vec<Range<u64>> = ranges.iter().map(|r| range(r)).collect();
            drop_lists(Path::new(log), Path::new(copy), &ranges)
        }
        _ => panic!("usage: see the source"),
    }
}

fn record(log: &Path, iterations: &str, slab: &str, options: &[&str]) -> CuResult<()> {
    for option in options {
        if let Some(failing) = option.strip_prefix("fail=") {
            *tasks::FAILING.lock().expect("a lock") = range(failing);
        }
    }
    let slab_size = slab.parse::<usize>().expect("a number") << 20;
    let logger = UnifiedLoggerBuilder::new()
        .write(true)
        .create(true)
        .append(options.contains(&"append"))
        .file_base_name(log)
        .preallocated_size(slab_size)
        .build()
        .expect("a log");
    let UnifiedLogger::Write(logger) = logger else {
        panic!("a log to write")
    };
    let application = PidApplication::builder()
        .with_logger::<MmapSectionStorage, UnifiedLoggerWrite>(Arc::new(Mutex::new(logger)))
        .build()?;
    let mut running = application.start()?;
    for _ in 0..iterations.parse::<u64>().expect("a number") {
        running.run_one_iteration()?;
    }
    if options.contains(&"crash") {
        std::process::abort();
    }
    running.stop()?;
    Ok(())
}

fn drop_lists(log: &Path, copy: &Path, ranges: &[Range<u64>]) -> CuResult<()> {
    let UnifiedLogger::Read(mut from) = UnifiedLoggerBuilder::new()
        .file_base_name(log)
        .build()
        .expect("a log")
    else {
        panic!("a log to read")
    };
    let UnifiedLogger::Write(mut to) = UnifiedLoggerBuilder::new()
        .write(true)
        .create(true)
        .file_base_name(copy)
        .preallocated_size(12 << 20)
        .build()
        .expect("a log")
    else {
        panic!("a log to write")
    };
    let mut metadata = from.application_metadata()?.expect("metadata");
    metadata.catalog_offset = 0;
    to.seal_metadata(&metadata, None::<&()>)?;
    let context = to.construction_context(0, 0)?;
    let to = Arc::new(Mutex::new(to));
    let size = 1 << 20;
    let mut lists = stream_write_context::<CopperList<data::DataSet>, MmapSectionStorage>(
        to.clone(),
        UnifiedLogType::CopperList,
        size,
        context,
    )?;
    let mut keyframes = stream_write_context::<KeyFrame, MmapSectionStorage>(
        to.clone(),
        UnifiedLogType::FrozenTasks,
        size,
        context,
    )?;
    loop {
        let (header, bytes) = from.raw_read_section()?;
        let mut rest = bytes.as_slice();
        match header.entry_type {
            UnifiedLogType::LastEntry => return Ok(()),
            UnifiedLogType::CopperList => {
                while !rest.is_empty() {
                    let (list, used) =
                        decode_from_slice::<CopperList<data::DataSet>, _>(rest, standard())
                            .expect("a CopperList");
                    if !ranges.iter().any(|range| range.contains(&list.id)) {
                        lists.log(&list)?;
                    }
                    rest = &rest[used..];
                }
            }
            UnifiedLogType::FrozenTasks => {
                while !rest.is_empty() {
                    let (keyframe, used) =
                        decode_from_slice::<KeyFrame, _>(rest, standard()).expect("a keyframe");
                    keyframes.log(&keyframe)?;
                    rest = &rest[used..];
                }
            }
            _ => {}
        }
    }
}
