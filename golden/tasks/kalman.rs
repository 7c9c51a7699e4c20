//! A Kalman filter of one dimension.
//!
//! Translated by migrate 0.1.0 from `kalman.py`: 14 of 14 statements.
//! migrate: module = "kalman.py", source = "9cd062358d2d6fd2", seal = "454269425b896477"

#[derive(Debug, Clone)]
pub struct Kalman {
    pub q: f64,
    pub r: f64,
    pub x: f64,
    pub p: f64,
}

impl Kalman {
    pub fn new(q: f64, r: f64) -> Self {
        Self {
            q,
            r,
            x: 0.0,
            p: 1.0,
        }
    }

    pub fn update(&mut self, z: f64) -> Result<f64, String> {
        self.p += self.q;
        let k = true_div(self.p, self.p + self.r)
            .ok_or("kalman.py:13: ZeroDivisionError: float division by zero")?;
        self.x += k * (z - self.x);
        self.p *= 1.0 - k;
        Ok(self.x)
    }
}

pub fn run(measured: &[f64]) -> Result<f64, String> {
    let mut kalman = Kalman::new(0.01, 0.5);
    let mut x = 0.0;
    for &z in measured {
        x = kalman.update(z)?;
    }
    Ok(x)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}
