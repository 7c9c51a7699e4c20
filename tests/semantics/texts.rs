//! Texts: helpers, and what is lowered to methods of Rust's own, against CPython.

use super::values::{INTS, Random, ones, pairs};
use super::*;

/// Texts at which something changes.
const TEXTS: [&str; 40] = [
    "",
    " ",
    "a",
    "ab",
    "aba",
    "abab",
    "aaa",
    "0",
    "007",
    "-1",
    "+1",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "0x1F",
    "0b101",
    "0o17",
    "0x",
    " 12 ",
    "1.5",
    "1e5",
    "1.e-3",
    ".5",
    "inf",
    "-Infinity",
    "nan",
    "1_0.0_1",
    "é",
    "ß",
    "straße",
    "ΑΣ",
    "it's",
    "say \"hi\"",
    "a\"b'c",
    "a\\b\n\t",
    "x\r\ny\n",
    "\u{1c}a\u{1f}",
    "日本語",
    "😀e\u{301}",
];

/// Of which random texts are made.
const LETTERS: &str =
    "aabbcAB01 9_-+.exXoOinfIN,;:\t\n\r'\"\\/{}é߀日😀\u{301}\u{1c}\u{85}\u{a0}\u{200b}\u{2028}";

fn text(random: &mut Random) -> String {
    let letters: Vec<char> = LETTERS.chars().collect();
    let ascii = random.below(3) > 0;
    let digits = random.below(3) == 0;
    let length = random.below(9);
    let mut out = String::new();
    for _ in 0..length {
        let limit = if ascii { 44 } else { letters.len() as u64 };
        match digits {
            true => out.push(
                ['0', '1', '7', '9', '_', '.', '-', 'e', ' ', '+'][random.below(10) as usize],
            ),
            false => out.push(letters[random.below(limit) as usize]),
        }
    }
    out
}

fn texts(seed: u64) -> Vec<String> {
    let mut random = Random(seed);
    let mut all: Vec<String> = TEXTS.iter().map(|t| t.to_string()).collect();
    all.extend((0..COUNT).map(|_| text(&mut random)));
    all
}

fn one<R: Outcome>(values: &[String], f: impl Fn(&str) -> R) -> Vec<(String, String)> {
    let case = |t: &String| (t.as_str().word(), f(t).text());
    values.iter().map(case).collect()
}

fn with<B: Word + Copy, R: Outcome>(
    values: &[String],
    mut other: impl FnMut() -> B,
    f: impl Fn(&str, B) -> R,
) -> Vec<(String, String)> {
    let case = |t: &String| {
        let b = other();
        (
            format!("{} {}", t.as_str().word(), b.word()),
            f(t, b).text(),
        )
    };
    values.iter().map(case).collect()
}

/// Texts with a short part, which often lies within.
fn parts(seed: u64) -> Vec<(String, String)> {
    let mut random = Random(seed);
    let part = |t: String| {
        let chars: Vec<char> = t.chars().collect();
        let at = random.below(chars.len() as u64 + 1) as usize;
        let to = (at + random.below(3) as usize).min(chars.len());
        let part = match random.below(8) {
            0 => "ab".to_string(),
            _ => chars[at..to].iter().collect(),
        };
        (t, part)
    };
    texts(seed + 1).into_iter().map(part).collect()
}

fn two<R: Outcome>(
    values: &[(String, String)],
    f: impl Fn(&str, &str) -> R,
) -> Vec<(String, String)> {
    let case = |(a, b): &(String, String)| {
        let words = format!("{} {}", a.as_str().word(), b.as_str().word());
        (words, f(a, b).text())
    };
    values.iter().map(case).collect()
}

#[test]
fn floats_under_a_spec() {
    compare(
        "exponent_text",
        0,
        &binary(&float_digits(30), exponent_text),
    );
    compare("general_text", 0, &binary(&float_digits(31), general_text));
    compare("short_text", 0, &binary(&float_digits(32), short_text));
    let signed = |x: f64| with_sign(&float_text(x), '+');
    compare("with_sign", 0, &unary(&floats(33), signed));
    let groups = |x: f64| grouped(&fixed_text(x, 2), ',');
    compare("grouped_float", 0, &unary(&floats(34), groups));
    let zeros = |x: f64, n: usize| zero_filled(&float_text(x), n + 1);
    compare("zero_filled_float", 0, &binary(&float_digits(35), zeros));
    let mut random = Random(51);
    let ints: Vec<(i64, usize)> = int_pairs(52)
        .into_iter()
        .map(|(x, _)| (x, random.below(12) as usize))
        .collect();
    let prefixed = |x: i64, n: usize| {
        let sign = if x < 0 { "-" } else { "" };
        prefix_filled(&format!("{sign}{:#x}", x.unsigned_abs()), n + 1)
    };
    compare("prefix_filled", 0, &binary(&ints, prefixed));
}

/// Rust's own format of floats that are not NaN is Python's; with zeros in front, that of
/// finite ones.
#[test]
fn formats_of_rust() {
    let numbers: Vec<(f64, usize)> = float_digits(36)
        .into_iter()
        .filter(|(x, _)| !x.is_nan())
        .collect();
    compare(
        "rust_fixed",
        0,
        &binary(&numbers, |x, n| format!("{x:.n$}")),
    );
    compare(
        "rust_signed",
        0,
        &binary(&numbers, |x, n| format!("{x:+n$.2}")),
    );
    let finite: Vec<(f64, usize)> = numbers.into_iter().filter(|(x, _)| x.is_finite()).collect();
    compare(
        "rust_zeros",
        0,
        &binary(&finite, |x, n| format!("{x:00$.2}", n + 1)),
    );
    let ints = |random: &mut Random| random.below(12) as usize;
    let widths = [0, 1, 5, 20];
    let values = pairs((&INTS, &widths), COUNT, 37, Random::int, ints);
    compare(
        "rust_centered",
        0,
        &binary(&values, |x, n| format!("{x:*^n$}")),
    );
    let mut random = Random(38);
    let ints = ones(&INTS, COUNT, || random.int());
    compare(
        "grouped_int",
        0,
        &unary(&ints, |n: i64| grouped(&n.to_string(), '_')),
    );
}

#[test]
fn texts_of_texts() {
    // What Unicode has not assigned, either may print.
    let mut values = texts(40);
    let assigned = [
        0..0x378,
        0x2000..0x2065,
        0x2100..0x2400,
        0x3000..0x3040,
        0x1_f600..0x1_f650,
    ];
    let chars = assigned.into_iter().flatten().filter_map(char::from_u32);
    values.extend(chars.map(|c| format!("a{c}")));
    compare("str_repr", 0, &one(&values, str_repr));
    compare("ascii_text", 0, &one(&values, |t| ascii_text(&str_repr(t))));
}

#[test]
fn texts_of_tuples() {
    let cases: Vec<(String, String)> = (1..6_i64)
        .map(|len| {
            let items: Vec<i64> = (0..len).map(|i| i * 7 - 3).collect();
            let words: Vec<String> = items.iter().map(|i| i.word()).collect();
            let texts: Vec<String> = items.iter().map(i64::to_string).collect();
            (words.join(" "), tuple_text(&texts).text())
        })
        .collect();
    compare("tuple_text", 0, &cases);
    assert_eq!(tuple_text(&[]), "()");
}

#[test]
fn numbers_of_texts() {
    let bases = [0_usize, 2, 8, 10, 10, 10, 16, 16, 36];
    let mut random = Random(41);
    let base = || bases[random.below(bases.len() as u64) as usize];
    let mut values = texts(42);
    values.extend(
        [
            "٣",
            "-٤٥",
            "１２_3",
            "٣.٥",
            "१e२",
            "߀x1",
            "\u{2003}๙ ",
            "²",
            "Ⅷ",
        ]
        .map(String::from),
    );
    compare(
        "parse_int",
        0,
        &with(&values, base, |t, b| parsed(t, b as u32)),
    );
    compare("parse_float", 0, &one(&values, parse_float));
    let numbers: Vec<String> = floats(43).into_iter().map(float_text).collect();
    compare("parse_float", 0, &one(&numbers, parse_float));
    let mut random = Random(44);
    let ints: Vec<String> = (0..COUNT).map(|_| random.int().to_string()).collect();
    compare(
        "parse_int",
        0,
        &with(&ints, || 10_usize, |t, b| parsed(t, b as u32)),
    );
    // What is an int to Python, and not to us, is no ValueError either.
    let beyond = "9999999999999999999999999999999999999999";
    assert_eq!(parse_int(beyond, 10), Some(i128::MAX));
}

fn parsed(text: &str, base: u32) -> Option<i64> {
    parse_int(text, base).and_then(|n| i64::try_from(n).ok())
}

#[test]
fn parts_of_texts() {
    let values = parts(45);
    compare("str_find", 0, &two(&values, str_find));
    compare("str_rfind", 0, &two(&values, str_rfind));
    let mut random = Random(46);
    let values = texts(47);
    let near = |r: &mut Random| match r.below(12) {
        0 => i64::MAX,
        1 => i64::MIN,
        _ => r.below(22) as i64 - 11,
    };
    compare(
        "str_item",
        0,
        &with(&values, || near(&mut random), str_item),
    );
    let bound = |r: &mut Random| (r.below(5) > 0).then(|| near(r));
    let mut slices = Vec::new();
    let mut steps = Vec::new();
    for t in &values {
        let (a, b, c) = (bound(&mut random), bound(&mut random), near(&mut random));
        let words = format!("{} {} {}", t.as_str().word(), a.word(), b.word());
        slices.push((words.clone(), str_slice(t, a, b).text()));
        steps.push((format!("{words} {}", c.word()), str_step(t, a, b, c).text()));
    }
    compare("str_slice", 0, &slices);
    let mut found = Vec::new();
    for t in &values {
        let all: Vec<char> = t.chars().collect();
        let from = random.below(all.len() as u64 + 2) as usize;
        let part: String = all
            .iter()
            .skip(from)
            .take(random.below(3) as usize)
            .collect();
        let (a, b) = (near(&mut random), bound(&mut random));
        let words = format!(
            "{} {} {} {}",
            t.as_str().word(),
            part.as_str().word(),
            a.word(),
            b.word()
        );
        found.push((words, str_find_in(t, &part, a, b).text()));
    }
    compare("str_find_in", 0, &found);
    compare("str_step", 0, &steps);
    compare("single_char", 0, &one(&values, single_char));
    compare("split_lines", 0, &one(&values, split_lines));
    let mut random = Random(71);
    let most = || random.below(4) as usize;
    let words = |t: &str, n: usize| -> Vec<String> {
        let words = split_words(t, n, is_space);
        words.into_iter().map(str::to_string).collect()
    };
    compare("split_words", 0, &with(&values, most, words));
}

#[test]
fn every_space() {
    let all: Vec<char> = (0..=0x10_ffff).filter_map(char::from_u32).collect();
    compare("is_space", 0, &unary(&all, is_space));
}

#[test]
fn texts_filled_up() {
    let mut random = Random(48);
    let mut width = || random.below(12) as usize;
    let values = texts(49);
    compare("zero_filled", 0, &with(&values, &mut width, zero_filled));
    compare(
        "centered",
        0,
        &with(&values, &mut width, |t, n| centered(t, n, '*')),
    );
}

#[test]
fn texts_in_another_case() {
    let values = texts(50);
    compare("capitalized", 0, &one(&values, capitalized));
    compare("titled", 0, &one(&values, titled));
    compare("upper", 0, &one(&values, str::to_uppercase));
    compare("lower", 0, &one(&values, str::to_lowercase));
    let ascii: Vec<String> = values.into_iter().filter(|t| t.is_ascii()).collect();
    let any = |t: &str, test: fn(char) -> bool| t.chars().any(test);
    let upper = |t: &str| any(t, char::is_uppercase) && !any(t, char::is_lowercase);
    let lower = |t: &str| any(t, char::is_lowercase) && !any(t, char::is_uppercase);
    compare("isupper", 0, &one(&ascii, upper));
    compare("islower", 0, &one(&ascii, lower));
    let all = |t: &str, test: fn(char) -> bool| !t.is_empty() && t.chars().all(test);
    compare(
        "isdigit",
        0,
        &one(&ascii, |t| all(t, |c| c.is_ascii_digit())),
    );
    compare("isalpha", 0, &one(&ascii, |t| all(t, char::is_alphabetic)));
    compare(
        "isalnum",
        0,
        &one(&ascii, |t| all(t, char::is_alphanumeric)),
    );
}

#[test]
fn methods_of_rust() {
    let values = texts(51);
    compare(
        "strip",
        0,
        &one(&values, |t| t.trim_matches(is_space).to_string()),
    );
    let words = |t: &str| -> Vec<String> {
        t.split(is_space)
            .filter(|word| !word.is_empty())
            .map(str::to_string)
            .collect()
    };
    compare("split", 0, &one(&values, words));
    let mut values = parts(52);
    compare("replace", 0, &two(&values, |t, p| t.replace(p, "<>")));
    compare("count", 0, &two(&values, |t, p| t.matches(p).count()));
    compare("contains", 0, &two(&values, |t, p| t.contains(p)));
    compare("less", 0, &two(&values, |t, p| t < p));
    values.retain(|(_, part)| !part.is_empty());
    let split = |t: &str, p: &str| -> Vec<String> { t.split(p).map(str::to_string).collect() };
    compare("split_at", 0, &two(&values, split));
    let rsplit = |t: &str, p: &str| -> Vec<String> {
        let parts = t.rsplitn(2, p).collect::<Vec<_>>();
        parts.into_iter().rev().map(str::to_string).collect()
    };
    compare("rsplit_at", 0, &two(&values, rsplit));
}
