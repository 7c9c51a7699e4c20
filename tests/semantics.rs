//! Every helper in `templates/helpers/` against CPython: the edges, and 10,000 random values
//! each, floats by their bits.
//!
//! CPython is the `python3` on the `PATH`, as a child process.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "semantics/bytes.rs"]
mod bytes;
#[path = "semantics/heaps.rs"]
mod heaps;
#[path = "semantics/numbers.rs"]
mod numbers;
#[path = "semantics/texts.rs"]
mod texts;
#[path = "semantics/values.rs"]
mod values;

use copper_migrate::catalog::Helper;
use std::cmp::Ordering;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use values::{FLOATS, INTS, Random, ones, pairs};

const COUNT: usize = 10_000;

macro_rules! helpers {
    ($($name:ident)*) => {
        $(include!(concat!("../templates/helpers/", stringify!($name), ".rs"));)*
        /// The helpers that are compared here.
        const COMPARED: &[&str] = &[$(stringify!($name)),*];
    };
}

helpers! {
    floor_div modulo true_div int_true_div float_floor_div float_modulo float_to_int
    round_digits py_min py_max math math2 finite_angle pow int_pow shift_left shift_right index
    mod_pow gcd lcm factorial comb isclose ieee_remainder modf frexp ldexp fsum sum_floats
    round_tens round_int slice_bound compare_wide_float py_sort sort_by_parts
    heap_push heap_pop heap_push_by heap_pop_by heapify heap_push_by_key heap_pop_by_key heapify_by_key without_nan bisect_left bisect_right bisect_by
    wide_floor_div wide_modulo wide_true_div
    lookup lookup_mut set_item pop_item set_default same_items
    push_window push_window_front window_of rotate count_items most_common move_to_end exact_mean median_of spread_of columns
    float_text fixed_text exponent_text general_text short_text grouped with_sign zero_filled
    prefix_filled
    str_repr tuple_text ascii_text parse_int parse_float single_char is_space split_words str_find str_rfind str_find_in centered
    capitalized titled split_lines str_slice str_step str_item hypot asinh acosh atanh compare_int_float
    bytes_repr find_bytes strip_bytes split_bytes partition_bytes replace_bytes fill_bytes bytes_from_hex
    uint_from_bytes int_from_bytes int_to_bytes packed_single packed_field
    number number_add number_sub number_mul number_add_assign number_sub_assign number_mul_assign
    number_neg number_abs number_checked_add number_checked_sub number_checked_mul
    number_checked_neg number_checked_abs number_true_div number_floor_div number_modulo
    number_pow number_min number_max number_text number_int number_rounded number_round_digits
}

/// A value as `reference.py` reads and writes it.
trait Word {
    fn word(&self) -> String;
}

impl Word for i64 {
    fn word(&self) -> String {
        format!("i{self}")
    }
}

impl Word for usize {
    fn word(&self) -> String {
        format!("i{self}")
    }
}

impl Word for f64 {
    fn word(&self) -> String {
        format!("f{:016x}", self.to_bits())
    }
}

/// A result as `reference.py` writes it; CPython does not say which NaN it gives.
trait Outcome {
    fn text(&self) -> String;
}

impl Outcome for i64 {
    fn text(&self) -> String {
        self.word()
    }
}

impl Outcome for usize {
    fn text(&self) -> String {
        self.word()
    }
}

impl Outcome for f64 {
    fn text(&self) -> String {
        if self.is_nan() {
            "fnan".into()
        } else {
            self.word()
        }
    }
}

impl Outcome for bool {
    fn text(&self) -> String {
        i64::from(*self).text()
    }
}

impl<A: Outcome, B: Outcome> Outcome for (A, B) {
    fn text(&self) -> String {
        format!("{} {}", self.0.text(), self.1.text())
    }
}

impl Outcome for Ordering {
    fn text(&self) -> String {
        (*self as i64).text()
    }
}

impl Word for &str {
    fn word(&self) -> String {
        let bytes: Vec<String> = self.bytes().map(|b| format!("{b:02x}")).collect();
        format!("s{}", bytes.concat())
    }
}

impl Word for char {
    fn word(&self) -> String {
        self.to_string().as_str().word()
    }
}

impl Word for Option<i64> {
    fn word(&self) -> String {
        self.map_or("none".into(), |i| i.word())
    }
}

impl Outcome for &str {
    fn text(&self) -> String {
        self.word()
    }
}

impl Outcome for String {
    fn text(&self) -> String {
        self.as_str().word()
    }
}

impl Outcome for char {
    fn text(&self) -> String {
        self.word()
    }
}

impl Outcome for Vec<String> {
    fn text(&self) -> String {
        let items: Vec<String> = self.iter().map(Outcome::text).collect();
        format!("[{}]", items.join(","))
    }
}

impl Word for &[u8] {
    fn word(&self) -> String {
        let bytes: Vec<String> = self.iter().map(|b| format!("{b:02x}")).collect();
        format!("b{}", bytes.concat())
    }
}

impl Outcome for Vec<u8> {
    fn text(&self) -> String {
        self.as_slice().word()
    }
}

impl Outcome for Vec<Vec<u8>> {
    fn text(&self) -> String {
        let items: Vec<String> = self.iter().map(Outcome::text).collect();
        format!("[{}]", items.join(","))
    }
}

impl<T: Outcome> Outcome for Option<T> {
    fn text(&self) -> String {
        self.as_ref().map_or("none".into(), Outcome::text)
    }
}

/// What CPython gives for each case.
fn python(name: &str, cases: &[String]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/semantics/reference.py");
    let mut child = Command::new("python3")
        .arg(script)
        .arg(name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = cases.join("\n");
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let results: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(results.len(), cases.len());
    results
}

/// The distance of two floats, in floats that lie between them; 0 for equal texts.
fn ulps(rust: &str, python: &str) -> u64 {
    let ordered = |text: &str| {
        let bits = u64::from_str_radix(text.strip_prefix('f')?, 16).ok()?;
        let bits = bits.cast_signed();
        Some(i128::from(if bits < 0 {
            i64::MIN.wrapping_sub(bits)
        } else {
            bits
        }))
    };
    match (ordered(rust), ordered(python)) {
        _ if rust == python => 0,
        (Some(a), Some(b)) => u64::try_from((a - b).abs()).unwrap_or(u64::MAX),
        _ => u64::MAX,
    }
}

/// Compares; floats may be `tolerance` ULPs apart.
#[track_caller]
fn compare(name: &str, tolerance: u64, cases: &[(String, String)]) {
    let inputs: Vec<String> = cases.iter().map(|case| case.0.clone()).collect();
    let mut wrong = Vec::new();
    for ((input, rust), python) in cases.iter().zip(python(name, &inputs)) {
        let distance = ulps(rust, &python);
        if distance > tolerance {
            wrong.push(format!("{name}({input}): Rust {rust}, Python {python}"));
        }
    }
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{shown}",
        wrong.len(),
        cases.len()
    );
}

fn unary<A: Word + Copy, R: Outcome>(values: &[A], f: impl Fn(A) -> R) -> Vec<(String, String)> {
    let case = |a: &A| (a.word(), f(*a).text());
    values.iter().map(case).collect()
}

fn binary<A: Word + Copy, B: Word + Copy, R: Outcome>(
    values: &[(A, B)],
    f: impl Fn(A, B) -> R,
) -> Vec<(String, String)> {
    let case = |(a, b): &(A, B)| (format!("{} {}", a.word(), b.word()), f(*a, *b).text());
    values.iter().map(case).collect()
}

fn floats(seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    ones(&FLOATS, COUNT, || random.float())
}

fn float_pairs(seed: u64) -> Vec<(f64, f64)> {
    pairs(
        (&FLOATS, &FLOATS),
        COUNT,
        seed,
        Random::float,
        Random::float,
    )
}

fn int_pairs(seed: u64) -> Vec<(i64, i64)> {
    pairs((&INTS, &INTS), COUNT, seed, Random::int, Random::int)
}

/// Floats with a number of digits.
fn float_digits(seed: u64) -> Vec<(f64, usize)> {
    let digits: Vec<usize> = (0..=25).collect();
    pairs((&FLOATS, &digits), COUNT, seed, Random::float, |r| {
        r.below(20) as usize
    })
}

#[test]
fn every_helper_is_compared() {
    for helper in Helper::ALL {
        assert!(COMPARED.contains(&helper.name()), "{}", helper.name());
    }
    assert_eq!(COMPARED.len(), Helper::ALL.len());
}

#[test]
fn division_of_ints() {
    compare("floor_div", 0, &binary(&int_pairs(1), floor_div));
    compare("modulo", 0, &binary(&int_pairs(2), modulo));
    compare("int_true_div", 0, &binary(&int_pairs(3), int_true_div));
}

#[test]
fn division_of_wide_ints() {
    let mut random = Random(35);
    let mut values: Vec<(i128, i128)> = Vec::new();
    for _ in 0..COUNT {
        let wide = |r: &mut Random| (i128::from(r.int()) * i128::from(r.int())) >> r.below(64);
        let pair = (wide(&mut random), wide(&mut random));
        values.push(pair);
        values.push((pair.0, i128::from(random.int())));
        values.push((pair.0, (1 << 53) + i128::from(random.int() % 3)));
    }
    for a in [0, 1, -1, i128::MAX, i128::MIN + 1] {
        values.extend([0, 1, 3, -7, i128::MAX].map(|b| (a, b)));
    }
    let words = |a: &i128, b: &i128| format!("i{a} i{b}");
    let narrow = |v: Option<i128>| v.and_then(|v| i64::try_from(v).ok()).text();
    let cases = |f: &dyn Fn(i128, i128) -> String| -> Vec<(String, String)> {
        values
            .iter()
            .map(|(a, b)| (words(a, b), f(*a, *b)))
            .collect()
    };
    compare("floor_div", 0, &cases(&|a, b| narrow(wide_floor_div(a, b))));
    compare("modulo", 0, &cases(&|a, b| narrow(wide_modulo(a, b))));
    compare("true_div", 0, &cases(&|a, b| wide_true_div(a, b).text()));
}

#[test]
fn comparison_of_an_int_with_a_float() {
    let mut values = pairs((&INTS, &FLOATS), COUNT, 19, Random::int, Random::float);
    let mut random = Random(20);
    // The nearest float, which beyond 2**53 may lie on either side.
    values.extend((0..COUNT).map(|_| random.int()).map(|a| (a, a as f64)));
    compare("compare_int_float", 0, &binary(&values, compare_int_float));
    let mut random = Random(34);
    let mut cases = Vec::new();
    for i in 0..COUNT {
        let a = i128::from(random.int()) * i128::from(random.int());
        let b = if i % 2 == 0 { a as f64 } else { random.float() };
        let input = format!("i{a} {}", b.word());
        cases.push((input, compare_wide_float(a, b).text()));
    }
    compare("compare_int_float", 0, &cases);
}

#[test]
fn division_of_floats() {
    compare("true_div", 0, &binary(&float_pairs(4), true_div));
    compare(
        "float_floor_div",
        0,
        &binary(&float_pairs(5), float_floor_div),
    );
    compare("float_modulo", 0, &binary(&float_pairs(6), float_modulo));
}

#[test]
fn powers_and_shifts_of_ints() {
    let small = |r: &mut Random| r.int() >> r.below(64);
    let exponents = |r: &mut Random| r.below(70) as i64 - 3;
    let values = pairs((&INTS, &INTS), COUNT, 7, small, exponents);
    compare("int_pow", 0, &binary(&values, int_pow));
    let values = pairs((&INTS, &INTS), COUNT, 8, Random::int, exponents);
    compare("shift_left", 0, &binary(&values, shift_left));
    compare("shift_right", 0, &binary(&values, shift_right));
}

/// Lists of small ints, each the steps of one case.
fn steps(seed: u64) -> Vec<Vec<i64>> {
    let mut random = Random(seed);
    (0..COUNT)
        .map(|_| {
            let len = 1 + random.below(14);
            (0..len).map(|_| random.below(60) as i64).collect()
        })
        .collect()
}

fn cases(values: &[Vec<i64>], f: impl Fn(&[i64]) -> Vec<i64>) -> Vec<(String, String)> {
    let words = |list: &[i64]| list.iter().map(Word::word).collect::<Vec<_>>().join(" ");
    let case = |steps: &Vec<i64>| (words(steps), words(&f(steps)));
    values.iter().map(case).collect()
}

#[test]
fn dicts_in_order() {
    let run = |steps: &[i64]| {
        let mut entries: Vec<(i64, i64)> = Vec::new();
        let mut before = Vec::new();
        let mut out = Vec::new();
        for (n, step) in (0..).zip(steps) {
            let key = step / 6 % 5;
            match step % 6 {
                0 => set_item(&mut entries, key, n),
                1 => out.push(lookup(&entries, &key).copied().unwrap_or(-1)),
                2 => out.push(pop_item(&mut entries, &key).unwrap_or(-1)),
                3 => out.push(*set_default(&mut entries, key, n)),
                4 => {
                    if let Some(slot) = lookup_mut(&mut entries, &key) {
                        *slot += 1;
                    }
                }
                _ => out.push(i64::from(same_items(&entries, &before))),
            }
            if step % 3 == 0 {
                before = entries.clone();
                before.reverse();
            }
        }
        out.extend(entries.into_iter().flat_map(|(key, value)| [key, value]));
        out.push(steps.len() as i64);
        out
    };
    compare("dict", 0, &cases(&steps(31), run));
}

#[test]
fn deques_with_a_maxlen() {
    let run = |steps: &[i64]| {
        let maxlen = steps[0] as usize % 4 + 1;
        let mut window = std::collections::VecDeque::new();
        for &step in steps {
            if step % 3 == 0 {
                push_window_front(&mut window, maxlen, step);
            } else {
                push_window(&mut window, maxlen, step);
            }
        }
        window.into_iter().collect()
    };
    compare("deque", 0, &cases(&steps(32), run));
}

#[test]
fn deques_that_turn() {
    let run = |steps: &[i64]| {
        let maxlen = steps[0] as usize % 5 + 1;
        let mut window = window_of(steps.iter().copied(), maxlen);
        rotate(&mut window, steps[0] - 9);
        rotate(&mut window, i64::MIN + steps[0]);
        window.into_iter().collect()
    };
    compare("turned", 0, &cases(&steps(33), run));
}

#[test]
fn columns_of_rows() {
    let run = |steps: &[i64]| {
        let at = |i: i64| steps.len().min(i as usize % 6);
        let last = steps[steps.len() - 1];
        let rows = [&steps[at(steps[0])..], steps, &steps[..at(last)]];
        let some = &rows[..steps.len() % 4];
        columns(some).into_iter().flatten().collect()
    };
    compare("columns", 0, &cases(&steps(36), run));
}

#[test]
fn counters_in_order() {
    let run = |steps: &[i64]| {
        let mut counts = count_items(steps.iter().map(|step| step % 5));
        let mut out: Vec<i64> = most_common(&counts)
            .into_iter()
            .flat_map(|(key, count)| [key, count])
            .collect();
        let moved = move_to_end(&mut counts, &(steps[0] % 7), steps[0] % 2 == 0);
        out.push(i64::from(moved.is_some()));
        out.extend(counts.into_iter().map(|(key, _)| key));
        out
    };
    compare("counter", 0, &cases(&steps(34), run));
}

#[test]
fn means_and_medians() {
    let mut random = Random(35);
    let mut lists: Vec<Vec<f64>> = FLOATS.iter().map(|&x| vec![x]).collect();
    for _ in 0..COUNT {
        let len = random.below(8) as usize + 1;
        lists.push((0..len).map(|_| random.float()).collect());
    }
    lists.retain(|xs| xs.iter().all(|x| x.is_finite()));
    let of = |f: &dyn Fn(&[f64]) -> Option<f64>| -> Vec<(String, String)> {
        let case = |xs: &Vec<f64>| {
            let words: Vec<String> = xs.iter().map(Word::word).collect();
            (words.join(" "), f(xs).text())
        };
        lists.iter().map(case).collect()
    };
    compare("statistics.mean", 0, &of(&exact_mean));
    let median = |xs: &[f64]| {
        let mut sorted = xs.to_vec();
        sorted.sort_by(f64::total_cmp);
        median_of(&sorted)
    };
    compare(
        "statistics.median",
        0,
        &of(&|xs| median(xs).map(|m| m + 0.0)),
    );
}

#[test]
fn spreads() {
    let mut random = Random(36);
    let mut lists: Vec<Vec<f64>> = FLOATS.iter().map(|&x| vec![x]).collect();
    lists.extend(
        FLOATS
            .iter()
            .flat_map(|&x| FLOATS.iter().map(move |&y| vec![x, y])),
    );
    for _ in 0..COUNT {
        let len = random.below(9) as usize;
        let (scale, kind) = (random.float(), random.below(4));
        let value = |r: &mut Random| match kind {
            0 => r.float(),
            1 => r.below(4) as f64 * scale,
            2 => scale + r.below(1000) as f64 * f64::EPSILON,
            _ => r.below(20) as f64 * f64::from_bits(1),
        };
        lists.push((0..len).map(|_| value(&mut random)).collect());
    }
    let of = |less: u64, root: bool| -> Vec<(String, String)> {
        let case = |xs: &Vec<f64>| {
            let words: Vec<String> = xs.iter().map(Word::word).collect();
            (words.join(" "), spread_of(xs, less, root).text())
        };
        lists.iter().map(case).collect()
    };
    compare("statistics.variance", 0, &of(1, false));
    compare("statistics.pvariance", 0, &of(0, false));
    compare("statistics.stdev", 0, &of(1, true));
    compare("statistics.pstdev", 0, &of(0, true));
}

#[test]
fn number_theory() {
    let small = |r: &mut Random| r.int() >> r.below(64);
    let values = pairs((&INTS, &INTS), COUNT, 21, small, small);
    compare("math.gcd", 0, &binary(&values, gcd));
    compare("math.lcm", 0, &binary(&values, lcm));
    let counts = |r: &mut Random| r.below(70) as i64 - 2;
    let values = pairs((&INTS, &INTS), COUNT, 22, counts, counts);
    let values: Vec<(i64, i64)> = values
        .into_iter()
        .filter(|(n, k)| *k < 1000 || *n < 1000)
        .collect();
    compare("math.comb", 0, &binary(&values, comb));
    let values: Vec<i64> = (-50..2000).collect();
    compare("math.factorial", 0, &unary(&values, factorial));
    let mut random = Random(23);
    let mut powers = Vec::new();
    for _ in 0..COUNT {
        let modulus = random.int() >> random.below(64);
        let exponent = (random.int() >> random.below(64)).max(0);
        powers.push((random.int(), exponent, modulus));
    }
    for (base, modulus) in pairs((&INTS, &INTS), 0, 0, small, small) {
        powers.extend([0, 1, 2, i64::MAX].map(|exponent| (base, exponent, modulus)));
    }
    let case = |(b, e, m): &(i64, i64, i64)| {
        let words = format!("{} {} {}", b.word(), e.word(), m.word());
        (words, mod_pow(*b, *e, *m).text())
    };
    let cases: Vec<(String, String)> = powers.iter().map(case).collect();
    compare("mod_pow", 0, &cases);
}

#[test]
fn floats_taken_apart() {
    compare("math.modf", 0, &unary(&floats(24), modf));
    compare("math.frexp", 0, &unary(&floats(25), frexp));
    let exponent = |r: &mut Random| r.below(2400) as i64 - 1200;
    let exponents = [
        0, 1, -1, 1023, 1024, -1022, -1023, -1074, -1075, -2100, 2100,
    ];
    let values = pairs((&FLOATS, &exponents), COUNT, 26, Random::float, exponent);
    compare("math.ldexp", 0, &binary(&values, ldexp));
    compare(
        "math.remainder",
        0,
        &binary(&float_pairs(27), |x, y| math2(x, y, ieee_remainder)),
    );
    let near = |r: &mut Random| r.below(2000) as f64 / 8.0 - 125.0;
    let values = pairs((&FLOATS, &FLOATS), COUNT, 28, near, near);
    compare(
        "math.remainder",
        0,
        &binary(&values, |x, y| math2(x, y, ieee_remainder)),
    );
}

#[test]
fn near_floats() {
    let mut random = Random(29);
    let mut values = float_pairs(30);
    for _ in 0..COUNT {
        let x = random.float();
        values.push((x, x * (1.0 + (random.below(40) as f64 - 20.0) * 1e-10)));
    }
    compare(
        "isclose",
        0,
        &binary(&values, |a, b| isclose(a, b, 1e-9, 0.0)),
    );
    compare(
        "isclose_wide",
        0,
        &binary(&values, |a, b| isclose(a, b, 1e-3, 0.5)),
    );
}

#[test]
fn exact_sums() {
    let mut random = Random(31);
    let (mut cases, mut sums, mut started) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..COUNT {
        let mut xs: Vec<f64> = (0..random.below(9)).map(|_| random.float()).collect();
        if i % 3 == 0 {
            // Sums that nearly vanish, and ties.
            let mirrored: Vec<f64> = xs.iter().map(|x| -x * (1.0 + f64::EPSILON)).collect();
            xs.extend(mirrored);
            xs.extend([1.0, 2.0_f64.powi(-53), 2.0_f64.powi(-106)]);
        }
        let words: Vec<String> = xs.iter().map(Word::word).collect();
        sums.push((words.join(" "), sum_floats(0.0, xs.iter().copied()).text()));
        let start = random.float();
        let from = format!("{} {}", start.word(), words.join(" "));
        started.push((from, sum_floats(start, xs.iter().copied()).text()));
        cases.push((words.join(" "), fsum(xs).text()));
    }
    compare("fsum", 0, &cases);
    compare("sum_floats", 0, &sums);
    compare("sum_floats_from", 0, &started);
}

#[test]
fn sorting_by_floats() {
    let mut random = Random(61);
    let mut cases = Vec::new();
    for i in 0..COUNT {
        let len = random.below(70) as usize;
        let mut xs: Vec<f64> = (0..len)
            .map(|_| match random.below(12) {
                0 if i % 2 == 0 => f64::NAN,
                1 => -0.0,
                2 => 0.0,
                n => (random.below(20) as f64 - 10.0) * n as f64,
            })
            .collect();
        let word: Vec<String> = xs.iter().map(Word::word).collect();
        let nan = xs.iter().any(|x| x.is_nan());
        let done = py_sort(&mut xs, |x| *x);
        assert_eq!(done.is_none(), nan && len >= 64);
        if done.is_some() {
            let text: Vec<String> = xs.iter().map(Outcome::text).collect();
            cases.push((word.join(" "), format!("[{}]", text.join(","))));
        }
    }
    compare("py_sort", 0, &cases);
}

#[test]
fn sorting_by_tuples_with_floats() {
    let mut random = Random(62);
    let mut cases = Vec::new();
    for i in 0..COUNT {
        let len = random.below(40) as usize;
        let mut xs: Vec<(f64, f64)> = (0..len)
            .map(|_| {
                let first = [0.0, -0.0, 1.0, 2.5][random.below(4) as usize];
                match random.below(9) {
                    0 if i % 8 == 0 => (first, f64::NAN),
                    n => (first, n as f64 - 4.0),
                }
            })
            .collect();
        let nan = xs.iter().any(|x| x.1.is_nan());
        let flat = |xs: &[(f64, f64)]| xs.iter().flat_map(|x| [x.0, x.1]).collect::<Vec<f64>>();
        let word: Vec<String> = flat(&xs).iter().map(Word::word).collect();
        let done = sort_by_parts(&mut xs, |x| *x);
        assert_eq!(done.is_none(), nan);
        if done.is_some() {
            let text: Vec<String> = flat(&xs).iter().map(Outcome::text).collect();
            cases.push((word.join(" "), format!("[{}]", text.join(","))));
        }
    }
    compare("sort_by_parts", 0, &cases);
}

#[test]
fn whole_floats_become_ints() {
    let whole: Vec<f64> = floats(9).into_iter().map(f64::trunc).collect();
    compare("float_to_int", 0, &unary(&whole, float_to_int));
}

#[test]
fn rounding_to_digits() {
    compare("round_digits", 0, &binary(&float_digits(10), round_digits));
    // Ties, which no double is exactly but for halves, quarters and eighths.
    let near: Vec<(f64, usize)> = (0..COUNT)
        .map(|i| ((2 * i + 1) as f64 / 2000.0, 2 + i % 2))
        .collect();
    compare("round_digits", 0, &binary(&near, round_digits));
}

#[test]
fn rounding_to_tens() {
    let tens: Vec<usize> = (1..=18).collect();
    let digits = |r: &mut Random| r.below(18) as usize + 1;
    let values = pairs((&FLOATS, &tens), COUNT, 32, Random::float, digits);
    compare("round_tens", 0, &binary(&values, round_tens));
    let near: Vec<(f64, usize)> = (0..COUNT)
        .map(|i| ((i as f64 - 5000.0) * 2.5, 1 + i % 3))
        .collect();
    compare("round_tens", 0, &binary(&near, round_tens));
    let small = |r: &mut Random| r.int() >> r.below(64);
    let values = pairs((&INTS, &tens), COUNT, 33, small, digits);
    let of = |n, digits| round_int(n, 10_i64.pow(digits as u32));
    compare("round_int", 0, &binary(&values, of));
    let near: Vec<(i64, usize)> = (0..COUNT as i64)
        .map(|i| ((i - 5000) * 5, 1 + (i % 2) as usize))
        .collect();
    compare("round_int", 0, &binary(&near, of));
}

#[test]
fn the_least_and_the_greatest() {
    compare("py_min", 0, &binary(&float_pairs(11), py_min));
    compare("py_max", 0, &binary(&float_pairs(12), py_max));
}

#[test]
fn indexes() {
    let lengths = [0_usize, 1, 2, 7, 100];
    let length = |r: &mut Random| r.below(100) as usize;
    let near = |r: &mut Random| r.below(220) as i64 - 110;
    let values = pairs((&INTS, &lengths), COUNT, 13, near, length);
    compare("index", 0, &binary(&values, index));
    compare("slice_bound", 0, &binary(&values, slice_bound));
}

#[test]
fn texts_of_floats() {
    compare("float_text", 0, &unary(&floats(14), float_text));
    compare("fixed_text", 0, &binary(&float_digits(15), fixed_text));
}

type Function = fn(f64) -> f64;

/// Of `math`: Python's name, Rust's function, and by how many ULPs they may differ.
const MATH: [(&str, Function, u64); 20] = [
    ("sin", f64::sin, 0),
    ("cos", f64::cos, 0),
    ("tan", f64::tan, 0),
    ("asin", f64::asin, 0),
    ("acos", f64::acos, 0),
    ("atan", f64::atan, 0),
    ("sinh", f64::sinh, 0),
    ("cosh", f64::cosh, 0),
    ("tanh", f64::tanh, 0),
    ("asinh", asinh, 0),
    ("acosh", acosh, 0),
    ("atanh", atanh, 0),
    ("exp", f64::exp, 0),
    ("expm1", f64::exp_m1, 0),
    ("log", f64::ln, 0),
    ("log2", f64::log2, 0),
    ("log10", f64::log10, 0),
    ("log1p", f64::ln_1p, 0),
    ("sqrt", f64::sqrt, 0),
    ("fabs", f64::abs, 0),
];

#[test]
fn functions_of_math() {
    let mut values = floats(16);
    let mut random = Random(17);
    values.extend((0..COUNT).map(|_| random.below(2000) as f64 / 1000.0 - 1.0));
    compare("math.radians", 0, &unary(&values, f64::to_radians));
    compare("math.degrees", 0, &unary(&values, f64::to_degrees));
    let mut wrong = String::new();
    for (name, function, tolerance) in MATH {
        let cases = unary(&values, |x| math(x, function));
        let result =
            std::panic::catch_unwind(|| compare(&format!("math.{name}"), tolerance, &cases));
        if let Err(panic) = result {
            wrong += panic.downcast_ref::<String>().map_or("", |text| text);
            wrong += "\n";
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    for (name, function, tolerance) in MATH.into_iter().take(3) {
        let cases = unary(&values, |x| finite_angle(x).map(function));
        compare(&format!("math.{name}"), tolerance, &cases);
    }
}

#[test]
fn functions_of_two_numbers() {
    let values = float_pairs(18);
    compare("math.pow", 0, &binary(&values, |x, y| math2(x, y, pow)));
    compare("pow", 0, &binary(&values, |x, y| math2(x, y, pow)));
    compare(
        "math.fmod",
        0,
        &binary(&values, |x, y| math2(x, y, |x, y| x % y)),
    );
    compare("math.atan2", 0, &binary(&values, f64::atan2));
    compare("math.copysign", 0, &binary(&values, f64::copysign));
    compare("hypot", 0, &binary(&values, |x, y| hypot([x, y])));
    let triples: Vec<_> = values
        .windows(2)
        .map(|w| [w[0].0, w[0].1, w[1].0])
        .collect();
    let words = |t: &[f64; 3]| t.map(|side| side.word()).join(" ");
    let cases: Vec<_> = triples
        .iter()
        .map(|t| (words(t), hypot(*t).text()))
        .collect();
    compare("hypot", 0, &cases);
}
