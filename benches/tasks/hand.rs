//! The same tasks as a Rust engineer writes them.

/// A PID controller with a clamped integral.
pub mod pid {
    const MAX_INTEGRAL: f64 = 2.0;

    struct Pid {
        kp: f64,
        ki: f64,
        kd: f64,
        integral: f64,
        last: Option<f64>,
    }

    impl Pid {
        fn update(&mut self, error: f64, dt: f64) -> f64 {
            self.integral = (self.integral + error * dt).clamp(-MAX_INTEGRAL, MAX_INTEGRAL);
            let rate = self.last.map_or(0.0, |last| (error - last) / dt);
            self.last = Some(error);
            self.kp * error + self.ki * self.integral + self.kd * rate
        }
    }

    pub fn run(errors: &[f64]) -> f64 {
        let mut pid = Pid {
            kp: 1.2,
            ki: 0.4,
            kd: 0.05,
            integral: 0.0,
            last: None,
        };
        errors.iter().map(|&error| pid.update(error, 0.01)).sum()
    }
}

/// A Kalman filter of one dimension.
pub mod kalman {
    struct Kalman {
        q: f64,
        r: f64,
        x: f64,
        p: f64,
    }

    impl Kalman {
        fn update(&mut self, z: f64) -> f64 {
            self.p += self.q;
            let k = self.p / (self.p + self.r);
            self.x += k * (z - self.x);
            self.p *= 1.0 - k;
            self.x
        }
    }

    pub fn run(measured: &[f64]) -> f64 {
        let mut kalman = Kalman {
            q: 0.01,
            r: 0.5,
            x: 0.0,
            p: 1.0,
        };
        measured.iter().fold(0.0, |_, &z| kalman.update(z))
    }
}

/// Odometry of a differential drive.
pub mod odometry {
    use std::f64::consts::{PI, TAU};

    const TICKS_PER_M: f64 = 4096.0;
    const BASE: f64 = 0.32;

    #[derive(Default, Clone, Copy)]
    struct Pose {
        x: f64,
        y: f64,
        theta: f64,
    }

    fn step(pose: Pose, left: i64, right: i64) -> Pose {
        let dl = left as f64 / TICKS_PER_M;
        let dr = right as f64 / TICKS_PER_M;
        let dist = (dl + dr) / 2.0;
        let turn = (dr - dl) / BASE;
        let (sin, cos) = (pose.theta + turn / 2.0).sin_cos();
        Pose {
            x: pose.x + dist * cos,
            y: pose.y + dist * sin,
            theta: (pose.theta + turn + PI).rem_euclid(TAU) - PI,
        }
    }

    pub fn run(ticks: &[i64]) -> f64 {
        let pose = ticks.iter().fold(Pose::default(), |pose, &t| {
            step(pose, t.rem_euclid(50), (t * 7).rem_euclid(50))
        });
        pose.x + pose.y + pose.theta
    }
}

/// CRC-16 of a frame, as Modbus computes it.
pub mod crc {
    pub fn run(frame: &[i64]) -> i64 {
        let crc = frame.iter().fold(0xFFFF_u16, |crc, &byte| {
            (0..8).fold(crc ^ (byte as u8) as u16, |crc, _| {
                if crc & 1 != 0 {
                    (crc >> 1) ^ 0xA001
                } else {
                    crc >> 1
                }
            })
        });
        i64::from(crc)
    }
}

/// The nearest sector of a laser scan.
pub mod scan {
    const SECTORS: usize = 8;
    const MAX_RANGE: f64 = 12.0;

    fn nearest(ranges: &[f64]) -> (usize, f64) {
        let mut best = [MAX_RANGE; SECTORS];
        for (i, &r) in ranges.iter().enumerate() {
            if !(0.05..=MAX_RANGE).contains(&r) {
                continue;
            }
            let sector = &mut best[i * SECTORS / ranges.len()];
            *sector = r.min(*sector);
        }
        let mut at = 0;
        for (i, &distance) in best.iter().enumerate() {
            if distance < best[at] {
                at = i;
            }
        }
        (at, best[at])
    }

    pub fn run(ranges: &[f64]) -> f64 {
        let (at, distance) = nearest(ranges);
        at as f64 + distance
    }
}

/// Buttons that count when they were pressed for some cycles.
pub mod debounce {
    struct Button {
        hold: u32,
        count: u32,
        down: bool,
    }

    impl Button {
        fn new(hold: u32) -> Self {
            Self {
                hold,
                count: 0,
                down: false,
            }
        }

        fn update(&mut self, raw: bool) -> bool {
            if raw == self.down {
                self.count = 0;
                return false;
            }
            self.count += 1;
            if self.count < self.hold {
                return false;
            }
            self.count = 0;
            self.down = raw;
            raw
        }
    }

    pub fn run(inputs: &[i64]) -> i64 {
        let (mut start, mut stop) = (Button::new(3), Button::new(5));
        let mut presses = 0;
        for bits in inputs {
            presses += i64::from(start.update(bits & 1 == 1));
            presses += i64::from(stop.update(bits & 2 == 2));
        }
        presses
    }
}
