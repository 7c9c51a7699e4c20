//! What is said about files that are not Python, and about newer Python.

use super::{messages, module, parsed};

/// Each text with the one diagnostic that it gives.
fn assert_messages(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(messages(text), [*expected], "{text}");
        if expected.starts_with("MIG0001") {
            let module = parsed(text).module;
            assert!(module.body.stmts.is_empty(), "{text}");
        }
    }
}

#[test]
fn a_syntax_error_is_shown_at_its_token() {
    assert_messages(&[
        (
            "x = 1\ny = = 2\n",
            "MIG0001 2:5 `=` cannot stand here; to compare, write `==` [=]",
        ),
        (
            "if x = 1:\n  pass\n",
            "MIG0001 1:6 `=` cannot stand here; to compare, write `==` [=]",
        ),
        (
            "x = (1,\n  2\ny = 3\n",
            "MIG0001 1:5 `(` was never closed [(]",
        ),
        ("x = 1)\n", "MIG0001 1:6 unmatched `)` [)]"),
        (
            "x = (1]\n",
            "MIG0001 1:7 closing `]` does not match opening `(` []]",
        ),
        (
            "x = 'abc\ny = 1\n",
            "MIG0001 1:5 unterminated string literal [']",
        ),
        (
            "x = rb'''abc\n",
            "MIG0001 1:5 unterminated triple-quoted string literal [rb''']",
        ),
        (
            "if x\n  pass\n",
            "MIG0001 1:4 expected `:` at the end of the line [x]",
        ),
        (
            "def f():\nx = 1\n",
            "MIG0001 2:1 expected an indented block after `def` [x]",
        ),
        (
            "def f():\n",
            "MIG0001 1:8 expected an indented block after `def` [:]",
        ),
        ("x = 1\n  y = 2\n", "MIG0001 2:3 unexpected indent [y]"),
        (
            "if x:\n    a\n  b\n",
            "MIG0001 3:3 this indentation matches no outer level [b]",
        ),
        (
            "print 'x'\n",
            "MIG0001 1:7 `print` is a function in Python 3: write `print(…)` [']",
        ),
        ("x = 5 $ 3\n", "MIG0001 1:7 invalid character `$` [$]"),
        (
            "x = 08\n",
            "MIG0001 1:6 leading zeros are not allowed in an integer; use `0o` for octal numbers [8]",
        ),
        (
            "f(a=1, 2)\n",
            "MIG0001 1:8 a positional argument follows a keyword argument [2]",
        ),
        (
            "f(a=1, a=2)\n",
            "MIG0001 1:8 keyword argument `a` is repeated [a]",
        ),
        (
            "def f(a, a): pass\n",
            "MIG0001 1:10 duplicate parameter `a` [a]",
        ),
        (
            "def f(a=1, b): pass\n",
            "MIG0001 1:12 a parameter without a default follows one with a default [b]",
        ),
        ("a b\n", "MIG0001 1:3 invalid syntax: unexpected `b` [b]"),
        (
            "x = \\ 1\n",
            "MIG0001 1:5 unexpected character after a line continuation [\\]",
        ),
        (
            "x = \0\n",
            "MIG0001 1:5 source code cannot contain null bytes [\0]",
        ),
        (
            "'\\x4'\n",
            "MIG0001 1:4 an escape in this string names no character [4]",
        ),
    ]);
}

#[test]
fn what_the_compiler_refuses_is_a_syntax_error() {
    assert_messages(&[
        (
            "return 1\n",
            "MIG0001 1:1 `return` outside function [return 1]",
        ),
        (
            "class A:\n  return\n",
            "MIG0001 2:3 `return` outside function [return]",
        ),
        (
            "yield x\n",
            "MIG0001 1:1 `yield` outside function [yield x]",
        ),
        (
            "await x\n",
            "MIG0001 1:1 `await` outside function [await x]",
        ),
        (
            "def f():\n  await x\n",
            "MIG0001 2:3 `await` outside async function [await x]",
        ),
        ("break\n", "MIG0001 1:1 `break` outside loop [break]"),
        (
            "while x:\n  def f(): continue\n",
            "MIG0001 2:12 `continue` not properly in loop [continue]",
        ),
        (
            "for x in y: pass\nelse: break\n",
            "MIG0001 2:7 `break` outside loop [break]",
        ),
        (
            "f() = 1\n",
            "MIG0001 1:1 cannot assign to a function call [f()]",
        ),
        ("1 = x\n", "MIG0001 1:1 cannot assign to a literal [1]"),
        (
            "a, b + c = x\n",
            "MIG0001 1:4 cannot assign to an expression [b + c]",
        ),
        ("None = 1\n", "MIG0001 1:1 cannot assign to `None` [None]"),
        (
            "for f() in x: pass\n",
            "MIG0001 1:5 cannot assign to a function call [f()]",
        ),
        (
            "with x as 1: pass\n",
            "MIG0001 1:11 cannot assign to a literal [1]",
        ),
        (
            "[x for 1 in y]\n",
            "MIG0001 1:8 cannot assign to a literal [1]",
        ),
        (
            "(a, b) += 1\n",
            "MIG0001 1:1 a tuple cannot be the target of an augmented assignment [(a, b)]",
        ),
        (
            "(a, b): int\n",
            "MIG0001 1:1 a tuple cannot be annotated [(a, b)]",
        ),
        (
            "del f()\n",
            "MIG0001 1:5 cannot delete a function call [f()]",
        ),
        (
            "*a = x\n",
            "MIG0001 1:1 a starred assignment target must be in a list or tuple [*a]",
        ),
        (
            "*a, *b = x\n",
            "MIG0001 1:5 multiple starred targets in an assignment [*b]",
        ),
        (
            "x = *a\n",
            "MIG0001 1:5 a starred expression cannot stand here [*a]",
        ),
        (
            "nonlocal x\n",
            "MIG0001 1:1 `nonlocal` is not allowed at module level [nonlocal x]",
        ),
        (
            "def f(x):\n  global x\n",
            "MIG0001 2:3 `x` is a parameter and global [global x]",
        ),
        (
            "def f():\n  from a import *\n",
            "MIG0001 2:3 `import *` is only allowed at module level [from a import *]",
        ),
        (
            "try: pass\nexcept: pass\nexcept E: pass\n",
            "MIG0001 2:1 a bare `except:` must be last [except: pass]",
        ),
        (
            "match x:\n  case f'{x}': pass\n",
            "MIG0001 2:8 a pattern may only be a literal or a dotted name [f'{x}']",
        ),
    ]);
}

#[test]
fn what_the_compiler_allows_is_no_error() {
    for text in [
        "def f():\n  while x:\n    try: break\n    finally: pass\n",
        "lambda: (yield)\n",
        "def f():\n  yield\n  x = yield y\n  return 1\n",
        "async def f():\n  await x\n  async for a in b: pass\n  async with a: pass\n",
        "def f():\n  return (await x for x in y)\n",
        "a.b, c[0], [d, *e] = x\n",
        "(a) = (b) = 1\n(a): int = 1\n(a) += 1\n",
        "for x, *y in z: pass\n",
        "def f(*args: *Ts): pass\nx[*a]\nx[*a, 1]\n",
        "class A(*bases, **kw): pass\n",
    ] {
        module(text);
    }
}

#[test]
fn newer_syntax_is_not_called_wrong() {
    assert_messages(&[
        (
            "def f[T: int](x: T) -> T:\n    return x\n",
            "MIG0201 1:7 type parameters (Python 3.12) are not read [T: int]",
        ),
        (
            "class A[T, *Ts, **P]: pass\n",
            "MIG0201 1:9 type parameters (Python 3.12) are not read [T, *Ts, **P]",
        ),
        (
            "x = 1\ntry:\n    pass\nexcept A, B:\n    pass\n",
            "MIG0201 4:9 this syntax is not read: it is newer than Python 3.12 [,]",
        ),
    ]);
    // The rest of the file is read all the same.
    assert_eq!(
        parsed("def f[T](): pass\nx = 1\n").module.body.stmts.len(),
        2
    );
}

#[test]
fn python_2_is_not_called_newer() {
    for text in [
        "print x\n",
        "print >>f, 'x'\nprint 'x' % y\n",
        "exec 'x'\n",
        "x = 10L\n",
        "def f((a, b)): pass\n",
        "raise E, 'x'\n",
        "x <> y\n",
    ] {
        let messages = messages(text);
        assert_eq!(messages.len(), 1, "{text}");
        assert!(messages[0].starts_with("MIG0001"), "{text}: {messages:?}");
    }
}
