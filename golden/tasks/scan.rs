//! The nearest sector of a laser scan.
//!
//! Translated by migrate 0.1.0 from `scan.py`: 17 of 17 statements.
//! migrate: module = "scan.py", source = "c0c507a597ea53ce", seal = "89e63e24119b4575"

pub const SECTORS: i64 = 8;
pub const MAX_RANGE: f64 = 12.0;

#[allow(clippy::manual_range_contains)]
pub fn nearest(ranges: &[f64]) -> Result<(i64, f64), String> {
    let mut best = vec![MAX_RANGE; SECTORS as usize];
    let n = ranges.len() as i64;
    for (i, &r) in ranges.iter().enumerate() {
        if r < 0.05 || r > MAX_RANGE {
            continue;
        }
        let sector = floor_div((i * SECTORS as usize) as i64, n)
            .ok_or("scan.py:13: ZeroDivisionError: integer division or modulo by zero")?;
        if r < best
            [index(sector, best.len()).ok_or("scan.py:14: IndexError: list index out of range")?]
        {
            let at = index(sector, best.len())
                .ok_or("scan.py:15: IndexError: list assignment index out of range")?;
            best[at] = r;
        }
    }
    let mut where_: i64 = 0;
    for i in 0..SECTORS {
        if *best
            .get(i as usize)
            .ok_or("scan.py:18: IndexError: list index out of range")?
            < *best
                .get(where_ as usize)
                .ok_or("scan.py:18: IndexError: list index out of range")?
        {
            where_ = i;
        }
    }
    Ok((
        where_,
        *best
            .get(where_ as usize)
            .ok_or("scan.py:20: IndexError: list index out of range")?,
    ))
}

pub fn run(ranges: &[f64]) -> Result<f64, String> {
    let (where_, distance) = nearest(ranges)?;
    Ok(where_ as f64 + distance)
}

/// Python's `a // b` on ints: rounds down. `None` where it raises, or leaves 64 bits.
fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    let inexact = a % b != 0;
    Some(quotient - i64::from(inexact && (a < 0) != (b < 0)))
}

/// Python's index into a sequence, from the end where negative: `None` where it raises.
fn index(i: i64, len: usize) -> Option<usize> {
    let from_start = if i < 0 {
        i.checked_add(i64::try_from(len).ok()?)?
    } else {
        i
    };
    usize::try_from(from_start).ok().filter(|i| *i < len)
}
