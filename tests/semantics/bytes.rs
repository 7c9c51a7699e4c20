//! Bytes: their helpers against CPython.

use super::values::{INTS, Random};
use super::*;

/// Of which random bytes are made.
const BYTES: [u8; 12] = [
    0, 1, b' ', b'\n', b'\'', b'"', b'\\', b'a', b'b', 0x7F, 0x80, 0xFF,
];

fn bytes(random: &mut Random, most: u64) -> Vec<u8> {
    let one = |random: &mut Random| match random.below(4) {
        0 => random.below(256) as u8,
        _ => BYTES[random.below(BYTES.len() as u64) as usize],
    };
    let length = random.below(most + 1);
    (0..length).map(|_| one(random)).collect()
}

/// What is not empty.
fn some_bytes(random: &mut Random, most: u64) -> Vec<u8> {
    let mut some = bytes(random, most - 1);
    some.push(b'a');
    some
}

fn word(data: &[u8]) -> String {
    data.word()
}

fn flag(on: bool) -> String {
    i64::from(on).word()
}

fn check<R: Outcome>(name: &str, seed: u64, case: impl Fn(&mut Random) -> (String, R)) {
    let mut random = Random(seed);
    let cases: Vec<(String, String)> = (0..COUNT)
        .map(|_| {
            let (input, result) = case(&mut random);
            (input, result.text())
        })
        .collect();
    compare(name, 0, &cases);
}

#[test]
fn texts_of_bytes() {
    check("bytes_repr", 71, |random| {
        let data = bytes(random, 6);
        (word(&data), bytes_repr(&data))
    });
    check("bytes_from_hex", 72, |random| {
        let letters: Vec<char> = "0019afAFg  \t\n".chars().collect();
        let letter = |r: &mut Random| letters[r.below(letters.len() as u64) as usize];
        let text: String = (0..random.below(7)).map(|_| letter(random)).collect();
        (text.as_str().word(), bytes_from_hex(&text))
    });
}

#[test]
fn parts_of_bytes() {
    check("find_bytes", 73, |random| {
        let (data, part) = (bytes(random, 8), bytes(random, 2));
        let start = random.below(9) as usize;
        let input = format!("{} {} {}", word(&data), word(&part), start.word());
        (input, find_bytes(&data, &part, start))
    });
    check("strip_bytes", 74, |random| {
        let (data, chars) = (bytes(random, 8), bytes(random, 3));
        let (start, end) = (random.below(2) == 0, random.below(2) == 0);
        let ends = format!("{} {}", flag(start), flag(end));
        let input = format!("{} {} {ends}", word(&data), word(&chars));
        (input, strip_bytes(&data, &chars, start, end).to_vec())
    });
    check("split_bytes", 75, |random| {
        let (data, by) = (bytes(random, 8), some_bytes(random, 3));
        let input = format!("{} {}", word(&data), word(&by));
        (input, split_bytes(&data, &by))
    });
    check("partition_bytes", 83, |random| {
        let (data, by) = (bytes(random, 8), some_bytes(random, 2));
        let input = format!("{} {}", word(&data), word(&by));
        let (before, found, after) = partition_bytes(&data, &by);
        (input, vec![before, found, after])
    });
    check("replace_bytes", 76, |random| {
        let (data, old) = (bytes(random, 8), some_bytes(random, 2));
        let new = bytes(random, 2);
        let input = format!("{} {} {}", word(&data), word(&old), word(&new));
        (input, replace_bytes(&data, &old, &new))
    });
    check("fill_bytes", 77, |random| {
        let data = bytes(random, 6);
        let (width, fill) = (random.below(9) as usize, random.below(256) as u8);
        let before = random.below(2) == 0;
        let rest = format!("{} i{fill} {}", width.word(), flag(before));
        let input = format!("{} {rest}", word(&data));
        (input, fill_bytes(&data, width, fill, before))
    });
}

#[test]
fn ints_of_bytes() {
    check("uint_from_bytes", 78, |random| {
        let data = bytes(random, 9);
        (word(&data), uint_from_bytes(data.iter().copied()))
    });
    check("int_from_bytes", 79, |random| {
        let data = bytes(random, 9);
        (word(&data), int_from_bytes(data.iter().copied()))
    });
    check("int_to_bytes", 80, |random| {
        let n = match random.below(3) {
            0 => INTS[random.below(INTS.len() as u64) as usize],
            1 => random.below(600) as i64 - 300,
            _ => random.int(),
        };
        let (length, signed) = (random.below(10) as usize, random.below(2) == 0);
        let input = format!("{} {} {}", n.word(), length.word(), flag(signed));
        (input, int_to_bytes(i128::from(n), length, signed))
    });
}

#[test]
fn fields_of_structs() {
    let mut values: Vec<f64> = floats(81);
    values.extend([
        3.4028235677973366e38,
        3.4028235677973362e38,
        3.5e38,
        -3.5e38,
        1e-46,
    ]);
    compare(
        "packed_single",
        0,
        &unary(&values, |x| packed_single(x).map(f64::from)),
    );
    check("packed_field", 82, |random| {
        let data = bytes(random, 7);
        (word(&data), packed_field::<4>(&data).to_vec())
    });
}
