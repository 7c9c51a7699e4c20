//! A PID controller with a clamped integral.
//!
//! Translated by migrate 0.1.0 from `pid.py`: 15 of 15 statements.
//! migrate: module = "pid.py", source = "5de2ff6b80e38781", seal = "004ff890d396eab1"

pub const MAX_INTEGRAL: f64 = 2.0;

#[derive(Debug, Clone)]
pub struct Pid {
    pub kp: f64,
    pub ki: f64,
    pub kd: f64,
    pub integral: f64,
    pub last: Option<f64>,
}

impl Pid {
    pub fn new(kp: f64, ki: f64, kd: f64) -> Self {
        Self {
            kp,
            ki,
            kd,
            integral: 0.0,
            last: None,
        }
    }

    pub fn update(&mut self, error: f64, dt: f64) -> Result<f64, String> {
        self.integral = (-MAX_INTEGRAL).max(MAX_INTEGRAL.min(self.integral + error * dt));
        let rate = if let Some(last) = self.last {
            true_div(error - last, dt)
                .ok_or("pid.py:16: ZeroDivisionError: float division by zero")?
        } else {
            0.0
        };
        self.last = Some(error);
        Ok(self.kp * error + self.ki * self.integral + self.kd * rate)
    }
}

pub fn run(errors: &[f64]) -> Result<f64, String> {
    let mut pid = Pid::new(1.2, 0.4, 0.05);
    let mut total = 0.0;
    for &error in errors {
        total += pid.update(error, 0.01)?;
    }
    Ok(total)
}

/// Python's `a / b`: `None` where it raises a ZeroDivisionError.
fn true_div(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}
