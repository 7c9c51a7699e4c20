//! What is rewritten before types are inferred, and what must be left as it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use copper_migrate::ast;
use copper_migrate::desugar::desugar;
use copper_migrate::parse::parse;
use copper_migrate::source::SourceFile;

/// The tree of the first text, desugared, and that of the second, which it stands for.
fn trees(text: &str, means: &str) -> (String, String) {
    let tree = |text: &str| parse(&SourceFile::new("t.py", "t.py", text.to_string())).module;
    let mut desugared = tree(text);
    desugar(&mut desugared);
    (ast::dump::dump(&desugared), ast::dump::dump(&tree(means)))
}

fn assert_means(text: &str, means: &str) {
    let (left, right) = trees(text, means);
    assert_eq!(left, right, "{text}");
}

#[test]
fn what_says_the_same_is_rewritten() {
    assert_means("x = float('inf')", "x = 1e999");
    assert_means("x = [float(' -Infinity ')]", "x = [-1e999]");
    assert_means("x = float('2.5e1')", "x = 25.0");
    assert_means("A, B, C = range(3)", "A, B, C = (0, 1, 2)");
    assert_means("A, B = range(4, 6)", "A, B = (4, 5)");
    assert_means("def f(xs):\n    del xs[0]", "def f(xs):\n    xs.pop(0)");
    assert_means("def f(s):\n    del s.xs[-1]", "def f(s):\n    s.xs.pop()");
    assert_means("x = pow(a, 2)", "x = a ** 2");
    assert_means("q, r = divmod(a, 7)", "q, r = (a // 7, a % 7)");
    assert_means(
        "q, r = divmod(int(a), b)",
        "dividend = int(a)\nq, r = (dividend // b, dividend % b)",
    );
    assert_means("a, b = m[0].x, m[1].x", "a = m[0].x\nb = m[1].x");
    assert_means(
        "@dataclass(repr=False)\nclass C:\n    xs: list = field(default_factory=list)\n    k: float = field(default=2.0)",
        "class C:\n    xs: list = []\n    k: float = 2.0",
    );
}

#[test]
fn what_may_mean_something_else_is_left() {
    for text in [
        "def float(x):\n    return x\ny = float('inf')",
        "from lib import *\ny = float('inf')",
        "x = float('1_0')",
        "x = float('infinite')",
        "x = float('')",
        "x = pow(a, b, c)",
        "def divmod(a, b):\n    return a\nx = divmod(1, 2)",
        "A, B = range(3)",
        "A, B = range(n)",
        "A, *B = range(2)",
        "del xs[1]",
        "del xs[i]",
        "del xs[0], xs[1]",
        "a, b = b[0], a[0]",
        "a, b = f(0), m[0]",
        "s.a, s.b = m[0], m[1]",
        "class C:\n    xs: list = field(default_factory=list)",
    ] {
        assert_means(text, text);
    }
}
