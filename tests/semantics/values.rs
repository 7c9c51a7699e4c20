//! Values to try: edges, all pairs of them, and random ones of every size.

/// A repeatable source of random bits.
pub struct Random(pub u64);

impl Random {
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.bits() % n
    }

    /// An int of any size.
    pub fn int(&mut self) -> i64 {
        let shift = self.below(64);
        let int = (self.bits() as i64) >> shift;
        match self.below(4) {
            0 => (1_i64 << self.below(63)).wrapping_add(int >> 60),
            _ => int,
        }
    }

    /// A float: any bits, a number of everyday size, a decimal, nearly an int, a whole one.
    pub fn float(&mut self) -> f64 {
        let unit = (self.bits() >> 11) as f64 / (1_u64 << 53) as f64 * 2.0 - 1.0;
        match self.below(7) {
            0 => f64::from_bits(self.bits()),
            1 => unit * 10_f64.powi(self.below(40) as i32 - 20),
            2 => (self.bits() as i64 >> self.below(64)) as f64 / 10_f64.powi(self.below(9) as i32),
            3 => (unit * 1e6).round() + [0.5, 1e-9, -1e-9][self.below(3) as usize],
            4 => (unit * 1e4).round(),
            5 => 2_f64.powi(self.below(2098) as i32 - 1074),
            _ => f64::from(unit as f32),
        }
    }
}

/// Ints at which something changes.
pub const INTS: [i64; 19] = [
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    7,
    63,
    64,
    -64,
    1 << 32,
    (1 << 53) - 1,
    (1 << 53) + 1,
    -(1 << 62),
    i64::MAX - 1,
    i64::MAX,
    i64::MIN + 1,
    i64::MIN,
];

/// Floats at which something changes.
pub const FLOATS: [f64; 27] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    2.675,
    -3.0,
    0.1,
    1e-5,
    1e-4,
    9_999_999_999_999_998.0,
    1e16,
    1e22,
    9_007_199_254_740_993.0,
    9_223_372_036_854_774_784.0,
    9_223_372_036_854_775_808.0,
    -9_223_372_036_854_775_808.0,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// The edges, then as many random ones.
pub fn ones<T: Copy>(edges: &[T], count: usize, mut random: impl FnMut() -> T) -> Vec<T> {
    let mut all = edges.to_vec();
    all.extend(std::iter::repeat_with(&mut random).take(count));
    all
}

/// All pairs of edges, then random pairs, some with an edge in them.
pub fn pairs<A: Copy, B: Copy>(
    (a_edges, b_edges): (&[A], &[B]),
    count: usize,
    seed: u64,
    mut a: impl FnMut(&mut Random) -> A,
    mut b: impl FnMut(&mut Random) -> B,
) -> Vec<(A, B)> {
    let mut all: Vec<(A, B)> = Vec::new();
    for x in a_edges {
        all.extend(b_edges.iter().map(|y| (*x, *y)));
    }
    let mut random = Random(seed);
    for _ in 0..count {
        let mut pair = (a(&mut random), b(&mut random));
        match random.below(10) {
            0 => pair.0 = a_edges[random.below(a_edges.len() as u64) as usize],
            1 => pair.1 = b_edges[random.below(b_edges.len() as u64) as usize],
            _ => {}
        }
        all.push(pair);
    }
    all
}
