//! Buttons that count when they were pressed for some cycles.
//!
//! Translated by migrate 0.1.0 from `debounce.py`: 21 of 21 statements.
//! migrate: module = "debounce.py", source = "dbc2cae231beb58f", seal = "9d02c99f4621ec90"

#[derive(Debug, Clone)]
pub struct Button {
    pub hold: i64,
    pub count: i64,
    pub down: bool,
}

impl Button {
    pub fn new(hold: i64) -> Self {
        Self {
            hold,
            count: 0,
            down: false,
        }
    }

    /// True in the cycle in which the button goes down.
    pub fn update(&mut self, raw: bool) -> bool {
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
    let mut start = Button::new(3);
    let mut stop = Button::new(5);
    let mut presses: i64 = 0;
    for &bits in inputs {
        if start.update(bits & 1 == 1) {
            presses += 1;
        }
        if stop.update(bits & 2 == 2) {
            presses += 1;
        }
    }
    presses
}
