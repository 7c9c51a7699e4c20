//! Numbers of which only the value tells whether they are ints, against CPython.

use super::*;

impl Word for Number {
    fn word(&self) -> String {
        match self {
            Number::Int(x) => x.word(),
            Number::Float(x) => x.word(),
        }
    }
}

impl Outcome for Number {
    fn text(&self) -> String {
        match self {
            Number::Int(x) => x.text(),
            Number::Float(x) => x.text(),
        }
    }
}

fn number(random: &mut Random) -> Number {
    match random.below(2) {
        0 => Number::Int(random.int()),
        _ => Number::Float(random.float()),
    }
}

fn numbers(seed: u64) -> Vec<Number> {
    let mut random = Random(seed);
    let edges = INTS.iter().map(|x| Number::Int(*x));
    let edges = edges.chain(FLOATS.iter().map(|x| Number::Float(*x)));
    let random = (0..COUNT).map(|_| number(&mut random));
    edges.chain(random).collect()
}

/// Every pair of edges, random pairs, and ints beside the floats that are next to them.
fn number_pairs(seed: u64) -> Vec<(Number, Number)> {
    let mut random = Random(seed);
    let edges = &numbers(seed)[..INTS.len() + FLOATS.len()];
    let mut all: Vec<(Number, Number)> = Vec::new();
    for a in edges {
        all.extend(edges.iter().map(|b| (*a, *b)));
    }
    for _ in 0..COUNT {
        all.push((number(&mut random), number(&mut random)));
        let int = random.int();
        all.push((Number::Int(int), Number::Float(int as f64)));
        all.push((Number::Float(int as f64), Number::Int(int)));
    }
    all
}

#[test]
fn arithmetic_of_numbers() {
    let values = number_pairs(81);
    compare("number_add", 0, &binary(&values, Number::checked_add));
    compare("number_sub", 0, &binary(&values, Number::checked_sub));
    compare("number_mul", 0, &binary(&values, Number::checked_mul));
    compare("true_div", 0, &binary(&values, Number::true_div));
    compare("floor_div", 0, &binary(&values, Number::floor_div));
    compare("modulo", 0, &binary(&values, Number::modulo));
    compare("py_min", 0, &binary(&values, Number::py_min));
    compare("py_max", 0, &binary(&values, Number::py_max));
    compare("number_pow", 0, &binary(&values, Number::pow));
    // What fits needs no check.
    let fitting = |checked: fn(Number, Number) -> Option<Number>| {
        let fits = |pair: &&(Number, Number)| checked(pair.0, pair.1).is_some();
        values.iter().filter(fits).copied().collect::<Vec<_>>()
    };
    let sums = fitting(Number::checked_add);
    compare("number_add", 0, &binary(&sums, |a, b| a + b));
    let assigned = |f: fn(&mut Number, Number)| {
        move |mut a: Number, b: Number| {
            f(&mut a, b);
            a
        }
    };
    compare("number_add", 0, &binary(&sums, assigned(|a, b| *a += b)));
    let differences = fitting(Number::checked_sub);
    compare("number_sub", 0, &binary(&differences, |a, b| a - b));
    compare(
        "number_sub",
        0,
        &binary(&differences, assigned(|a, b| *a -= b)),
    );
    let products = fitting(Number::checked_mul);
    compare("number_mul", 0, &binary(&products, |a, b| a * b));
    compare(
        "number_mul",
        0,
        &binary(&products, assigned(|a, b| *a *= b)),
    );
}

#[test]
fn signs_of_numbers() {
    let values = numbers(82);
    compare("number_neg", 0, &unary(&values, Number::checked_neg));
    compare("number_abs", 0, &unary(&values, Number::checked_abs));
    let least = |x: &&Number| !matches!(x, Number::Int(i64::MIN));
    let values: Vec<Number> = values.iter().filter(least).copied().collect();
    compare("number_neg", 0, &unary(&values, |x| -x));
    compare("number_abs", 0, &unary(&values, Number::abs));
}

#[test]
fn order_of_numbers() {
    let values = number_pairs(83);
    let less = |a: Number, b: Number| (a < b, (a <= b, a == b));
    compare("number_less", 0, &binary(&values, less));
}

#[test]
fn whole_numbers() {
    let values = numbers(84);
    compare("number_int", 0, &unary(&values, |x| x.rounded(f64::trunc)));
    let round = |x: Number| x.rounded(f64::round_ties_even);
    compare("number_round", 0, &unary(&values, round));
    compare("number_is_int", 0, &unary(&values, Number::int));
    let digits: Vec<usize> = (0..=20).collect();
    let mut random = Random(85);
    let values: Vec<(Number, usize)> = values
        .iter()
        .map(|x| (*x, digits[random.below(21) as usize]))
        .collect();
    compare("round_digits", 0, &binary(&values, Number::round_digits));
}

#[test]
fn texts_of_numbers() {
    let text = |x: Number| format!("{x}|{x}|{x:>12}");
    compare("number_text", 0, &unary(&numbers(86), text));
}
