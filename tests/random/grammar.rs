//! Random programs in the style of control code: numbers and flow, or objects with many names.
//!
//! They are drawn from a seed alone. Whether CPython likes them is another matter: an
//! exception is caught and printed, or ends the program in both languages.

use crate::mutate::Random;
use std::fmt::Write as _;

/// Draws programs.
pub struct Grammar {
    random: Random,
}

impl Grammar {
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
        }
    }

    fn pick(&mut self, from: &[&str]) -> String {
        from[self.random.below(from.len())].to_owned()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    fn one_of(&mut self, names: &[String]) -> String {
        names[self.random.below(names.len())].clone()
    }

    fn number(&mut self) -> String {
        const FLOATS: &[&str] = &[
            "0.5", "1.5", "-2.25", "0.1", "1e3", "0.0", "2.0", "-0.0", "3.0",
        ];
        const INTS: &[&str] = &["0", "1", "2", "-1", "7"];
        let from = if self.chance(80) { FLOATS } else { INTS };
        self.pick(from)
    }

    fn expr(&mut self, names: &[String], depth: usize) -> String {
        if depth > 2 || self.chance(25) {
            return if self.chance(70) {
                self.one_of(names)
            } else {
                self.number()
            };
        }
        let kind = self.random.below(21);
        let a = self.expr(names, depth + 1);
        let mut b = || self.expr(names, depth + 1);
        match kind {
            0..=5 => {
                let b = b();
                format!("({a} {} {b})", self.pick(&["+", "-", "*"]))
            }
            6 => format!("({a} / {})", self.pick(&["2", "4.0", "10", "3"])),
            7 => format!("({a} // {})", self.pick(&["2", "3", "0.5", "-4", "7"])),
            8 => format!(
                "({a} % {})",
                self.pick(&["2", "3", "0.5", "-4", "7", "360.0"])
            ),
            9 => format!("min({a}, {})", b()),
            10 => format!("max({a}, {}, {})", b(), self.number()),
            11 => format!("abs({a})"),
            12 => {
                let (low, high) = (b(), self.expr(names, depth + 1));
                format!("clamp({a}, {low}, {high})")
            }
            13 => {
                let b = b();
                format!("({a} if {} else {b})", self.condition(names, depth + 1))
            }
            14 => format!("round({a}, {})", self.random.below(4)),
            15 => format!("int({a})"),
            16 => format!("math.{}({a})", self.pick(&["floor", "ceil", "trunc"])),
            17 => format!("math.copysign({a}, {})", b()),
            18 => format!("-{a}"),
            19 => format!("({a} or {})", b()),
            _ => format!("mix({a}, {})", b()),
        }
    }

    fn condition(&mut self, names: &[String], depth: usize) -> String {
        let a = self.expr(names, depth + 1);
        match self.random.below(6) {
            0..=2 => {
                let b = self.expr(names, depth + 1);
                let op = self.pick(&["<", "<=", ">", ">=", "==", "!="]);
                format!("{a} {op} {b}")
            }
            3 => {
                let b = self.expr(names, depth + 1);
                format!("{} <= {a} < {b}", self.number())
            }
            4 if depth < 2 => {
                let (x, y) = (
                    self.condition(names, depth + 2),
                    self.condition(names, depth + 2),
                );
                format!("({x} {} {y})", self.pick(&["and", "or"]))
            }
            _ => format!("not {}", self.one_of(names)),
        }
    }

    /// Some statements; `names` are those that are bound.
    fn block(&mut self, names: &[String], indent: usize, count: usize, in_loop: bool) -> String {
        const FIXED: &[&str] = &["LIMIT", "GAIN", "a", "b", "i", "self.count"];
        let pad = "    ".repeat(indent);
        let mut names = names.to_vec();
        let mut out = String::new();
        for _ in 0..count {
            match self.random.below(17) {
                0..=4 => {
                    let value = self.expr(&names, 0);
                    let name = self.pick(&["u", "v", "w", "x", "y"]);
                    writeln!(out, "{pad}{name} = {value}").unwrap();
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                5..=7 => {
                    let free: Vec<String> = names
                        .iter()
                        .filter(|n| !FIXED.contains(&n.as_str()))
                        .cloned()
                        .collect();
                    let name = self.one_of(&free);
                    let value = self.expr(&names, 0);
                    let op = self.pick(&["+=", "-=", "*="]);
                    writeln!(out, "{pad}{name} {op} {value}").unwrap();
                }
                8 | 9 if indent < 4 => {
                    let test = self.condition(&names, 0);
                    let count = 1 + self.random.below(2);
                    let body = self.block(&names, indent + 1, count, in_loop);
                    write!(out, "{pad}if {test}:\n{body}").unwrap();
                    if self.chance(50) {
                        let body = self.block(&names, indent + 1, 1, in_loop);
                        write!(out, "{pad}else:\n{body}").unwrap();
                    }
                }
                10 if indent < 3 => {
                    let range = self.pick(&["3", "5", "2, 6", "6, 0, -2"]);
                    let mut inner = names.clone();
                    inner.push("i".to_owned());
                    let body = self.block(&inner, indent + 1, 2, true);
                    write!(out, "{pad}for i in range({range}):\n{body}").unwrap();
                }
                11 if in_loop => {
                    let test = self.condition(&names, 0);
                    let jump = self.pick(&["break", "continue"]);
                    writeln!(out, "{pad}if {test}:\n{pad}    {jump}").unwrap();
                }
                12 if indent < 3 => {
                    let mut inner = names.clone();
                    inner.push("v".to_owned());
                    let body = self.block(&inner, indent + 1, 1, true);
                    write!(out, "{pad}for v in self.hist:\n{body}").unwrap();
                }
                13 => {
                    let value = self.expr(&names, 0);
                    writeln!(out, "{pad}self.hist.append(float({value}))").unwrap();
                    writeln!(
                        out,
                        "{pad}if len(self.hist) > 4:\n{pad}    self.hist.pop(0)"
                    )
                    .unwrap();
                }
                14 | 15 if indent < 3 => {
                    // Often nothing but the test reads the variable.
                    let (name, turns) = (format!("test_{indent}"), format!("turns_{indent}"));
                    let mut inner = names.clone();
                    if self.chance(30) {
                        inner.push(name.clone());
                    }
                    let first = self.expr(&names, 0);
                    let bound = self.pick(&["2", "4"]);
                    let test = self.pick(&["> 0.5", "< 2", "!= 1"]);
                    let count = 1 + self.random.below(2);
                    let body = self.block(&inner, indent + 1, count, true);
                    let next = self.expr(&names, 0);
                    write!(
                        out,
                        "{pad}{turns} = 0\n{pad}{name} = {first}\n\
                         {pad}while {name} {test} and {turns} < {bound}:\n\
                         {pad}    {turns} += 1\n{body}{pad}    {name} = {next}\n"
                    )
                    .unwrap();
                    names = inner;
                }
                _ => writeln!(out, "{pad}self.count += 1").unwrap(),
            }
        }
        out
    }

    /// A filter with a state, called some times.
    pub fn numbers(&mut self) -> String {
        let mut out = String::from("import math\n\n\n");
        let (limit, gain) = (self.number(), self.pick(&["0.5", "2", "1.25"]));
        let clamp = self.pick(&[
            "return max(lo, min(hi, x))",
            "return lo if x < lo else hi if x > hi else x",
            "if x < lo:\n        return lo\n    if x > hi:\n        return hi\n    return x",
        ]);
        let mix = self.pick(&[
            "a * GAIN + b",
            "(a + b) / 2",
            "a if a > b else b",
            "a - b",
            "a % 7 + b",
        ]);
        let (p, q) = (self.number(), self.number());
        write!(
            out,
            "LIMIT = {limit}\nGAIN = {gain}\n\n\n\
             def clamp(x, lo, hi):\n    {clamp}\n\n\n\
             def mix(a, b):\n    return {mix}\n\n\n\
             class Filter:\n    def __init__(self):\n        self.p = {p}\n        self.q = {q}\n        \
             self.last = None\n        self.count = 0\n        self.hist = [0.5]\n\n    \
             def step(self, a, b):\n"
        )
        .unwrap();
        let mut names: Vec<String> = ["a", "b", "LIMIT", "GAIN", "self.p", "self.q", "self.count"]
            .map(str::to_owned)
            .to_vec();
        if self.chance(60) {
            out += "        if self.last is None:\n            self.last = a\n";
            names.push("self.last".to_owned());
        }
        let count = 3 + self.random.below(5);
        out += &self.block(&names, 2, count, false);
        let (last, result) = (self.pick(&["a", "b", "self.p"]), self.expr(&names, 0));
        let rounds = 4 + self.random.below(8);
        let a = self.pick(&["k * 0.3 - 1", "math.sin(k)", "k - 3.5", "k", "k / 4"]);
        let b = self.pick(&["k", "k % 3", "3 - k", "k * 1.5", "0.5"]);
        write!(
            out,
            "        self.last = {last}\n        return {result}\n\n\n\
             def main():\n    f = Filter()\n    for k in range({rounds}):\n        a = {a}\n        b = {b}\n        \
             try:\n            r = f.step(a, b)\n            \
             print(k, r * 1.0, f.p * 1.0, f.q * 1.0, f.count, len(f.hist))\n        \
             except ZeroDivisionError:\n            print(k, \"zero\")\n\n\n\
             if __name__ == \"__main__\":\n    main()\n"
        )
        .unwrap();
        out
    }

    /// Lists and objects that go from name to name.
    pub fn objects(&mut self) -> String {
        let get = self.pick(&["self.xs", "self.xs[:]", "list(self.xs)", "self.rows[0]"]);
        let put = self.pick(&[
            "self.xs = ys",
            "self.xs = ys[:]",
            "self.xs = list(ys)",
            "self.rows.append(ys)",
            "self.rows[0] = ys",
            "self.xs, old = ys, self.xs\n        self.n += len(old)",
        ]);
        let swap = self.pick(&[
            "self.xs, other.xs = other.xs, self.xs",
            "self.xs = other.xs",
            "self.xs = other.get()",
            "other.xs.append(self.n)",
        ]);
        let grow = self.pick(&[
            "xs.append(n)\n    return xs",
            "ys = xs[:]\n    ys.append(n)\n    return ys",
            "if n > 5:\n        return xs\n    return [n] + xs",
            "xs = xs + [n]\n    return xs",
            "ys = xs\n    ys.append(n)\n    return ys",
        ]);
        let choose = self.pick(&[
            "return xs if c else ys",
            "if c:\n        return xs\n    return ys",
            "zs = xs if c else ys\n    return zs",
            "return ys[:]",
        ]);
        let mut out = format!(
            "class Store:\n    def __init__(self, xs):\n        self.xs = xs\n        \
             self.rows = [[1, 2], [3]]\n        self.n = 0\n\n    \
             def add(self, v):\n        self.xs.append(v)\n        self.n += 1\n\n    \
             def get(self):\n        return {get}\n\n    \
             def put(self, ys):\n        {put}\n\n    \
             def swap(self, other):\n        {swap}\n\n\n\
             def grow(xs, n):\n    {grow}\n\n\n\
             def bump(xs):\n    for i in range(len(xs)):\n        xs[i] += 1\n\n\n\
             def choose(xs, ys, c):\n    {choose}\n\n\n\
             def main():\n    a = [1, 2]\n    b = [3]\n    c = [4, 5, 6]\n    m = [[7], [8, 9]]\n    \
             p = Store([10])\n    q = Store([11, 12])\n"
        );
        for _ in 0..3 + self.random.below(5) {
            let step = self.object_step();
            let (head, pad) = match self.random.below(7) {
                0 => ("    for _ in range(2):\n", "        "),
                1 => ("    if len(a) > 2:\n", "        "),
                _ => ("", "    "),
            };
            out += head;
            for line in step.lines() {
                writeln!(out, "{pad}{line}").unwrap();
            }
        }
        for shown in ["a", "b", "c", "m", "p.xs", "p.rows", "p.n", "q.xs"] {
            if self.chance(50) {
                writeln!(out, "    print({shown})").unwrap();
            }
        }
        out + "\n\nif __name__ == \"__main__\":\n    main()\n"
    }

    fn object_step(&mut self) -> String {
        let (x, y) = (self.pick(&["a", "b", "c"]), self.pick(&["a", "b", "c"]));
        let (o, n) = (self.pick(&["p", "q"]), self.random.below(10));
        match self.random.below(31) {
            0 => format!("{x} = {y}"),
            1 => format!("{x} = {y}[:]"),
            2 | 3 => format!("{x}.append({n})"),
            4 => format!("{x}[0] = {n}"),
            5 => format!("{o}.xs = {x}"),
            6 => format!("{x} = {o}.xs"),
            7 => format!("m.append({x})"),
            8 => format!("{x} = m[{}]", n % 2),
            9 => format!("m[{}] = {x}", n % 2),
            10 => format!("{x} = grow({y}, {n})"),
            11 => format!("grow({x}, {n})"),
            12 => format!("bump({x})"),
            13 => format!("bump({o}.xs)"),
            14 => "bump(m[0])".to_owned(),
            15 => format!("{o}.add({n})"),
            16 => format!("{x} = {o}.get()"),
            17 => format!("{o}.put({x})"),
            18 => "p.swap(q)".to_owned(),
            19 => format!("{x} = choose({y}, {x}, {n} > 4)"),
            20 => format!("{o} = Store({x})"),
            21 => format!("m = [{x}, {y}]"),
            22 => format!("{x}, {y} = {y}, {x}"),
            23 => format!("{x} = m.pop()\nm.append([{n}])"),
            24 => format!("{x} += [{n}]"),
            25 => format!("{x} = {x} + {y}"),
            26 => format!("for row in m:\n    row.append({n})"),
            27 => format!("{o}.rows[0].append({n})"),
            28 => format!("{x} = [v + 1 for v in {y}]"),
            29 => format!("t = ({x}, {n})\n{y} = t[0]"),
            _ => format!("{x}.extend({y})"),
        }
    }
}
