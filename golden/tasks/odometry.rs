//! Odometry of a differential drive.
//!
//! Translated by migrate 0.1.0 from `odometry.py`: 15 of 15 statements.
//! Warning MIG0316 line 23: `t * 7` may leave 64 bits: an error in the Rust, where Python goes on.
//! migrate: module = "odometry.py", source = "e64a2bd07ef0a369", seal = "49342a3a196cac8f"

pub const TICKS_PER_M: f64 = 4096.0;
pub const BASE: f64 = 0.32;

pub fn step(pose: (f64, f64, f64), left: i64, right: i64) -> Result<(f64, f64, f64), String> {
    let (mut x, mut y, theta) = pose;
    let dl = left as f64 / TICKS_PER_M;
    let dr = right as f64 / TICKS_PER_M;
    let dist = (dl + dr) / 2.0;
    let turn = (dr - dl) / BASE;
    x += dist
        * math(theta + turn / 2.0, f64::cos)
            .ok_or("odometry.py:14: ValueError: math domain error")?;
    y += dist
        * math(theta + turn / 2.0, f64::sin)
            .ok_or("odometry.py:15: ValueError: math domain error")?;
    let theta = (theta + turn + std::f64::consts::PI).rem_euclid(2.0 * std::f64::consts::PI)
        - std::f64::consts::PI;
    Ok((x, y, theta))
}

pub fn run(ticks: &[i64]) -> Result<f64, String> {
    let mut pose: (f64, f64, f64) = (0.0, 0.0, 0.0);
    for &t in ticks {
        pose = step(
            pose,
            t.rem_euclid(50),
            t.checked_mul(7)
                .ok_or("odometry.py:23: an int leaves 64 bits")?
                .rem_euclid(50),
        )?;
    }
    Ok(pose.0 + pose.1 + pose.2)
}

/// A function of Python's `math`: `None` where it raises, that is for a NaN from a number
/// and for an infinity from a finite number.
fn math(x: f64, function: fn(f64) -> f64) -> Option<f64> {
    let y = function(x);
    let raises = (y.is_nan() && !x.is_nan()) || (y.is_infinite() && x.is_finite());
    (!raises).then_some(y)
}
