//! Odometry of a differential drive.
//!
//! Translated by migrate 0.1.0 from `odometry.py`: 15 of 15 statements.
//! Warning MIG0316 line 23: `t * 7` may leave 64 bits: an error in the Rust, where Python goes on.
//! migrate: module = "odometry.py", source = "e64a2bd07ef0a369", seal = "2e242e9c5b37cbd7"

pub const TICKS_PER_M: f64 = 4096.0;
pub const BASE: f64 = 0.32;

pub fn step(pose: (f64, f64, f64), left: i64, right: i64) -> Result<(f64, f64, f64), String> {
    let (mut x, mut y, theta) = pose;
    let dl = left as f64 / TICKS_PER_M;
    let dr = right as f64 / TICKS_PER_M;
    let dist = (dl + dr) / 2.0;
    let turn = (dr - dl) / BASE;
    x += dist
        * finite_angle(theta + turn / 2.0)
            .ok_or("odometry.py:14: ValueError: math domain error")?
            .cos();
    y += dist
        * finite_angle(theta + turn / 2.0)
            .ok_or("odometry.py:15: ValueError: math domain error")?
            .sin();
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

/// An angle for `math.sin` and kin: `None` where they raise, that is for an infinity.
fn finite_angle(x: f64) -> Option<f64> {
    (!x.is_infinite()).then_some(x)
}
