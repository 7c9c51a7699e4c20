#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Statements of every kind.

    Indented further.
  Less.
"""

from __future__ import annotations

import os, sys  # two
import os.path as osp
from . import sibling
from .. import *
from ...pkg.mod import (  # in brackets
    a,  # the a
    b as c,
    # dangling
)

x = y = z = 1; w = 2  # after semicolon
x: int
x: int = 3
obj.attr: "str" = "s"
obj[0]: int = 4
(x): int = 5
a, *rest = 1, 2, 3
[a, b] = (c, d) = 1, 2
x += 1; x -= 1; x *= 2; x /= 2; x //= 2; x %= 2; x **= 2
x @= y; x &= 1; x |= 1; x ^= 1; x <<= 1; x >>= 1
del a, b[0], c.d, (e, f)
pass
assert x, "message"
assert (x, y)
raise
raise ValueError
raise ValueError("x") from err
global g1, g2

if a:
    pass
elif b:  # on elif
    pass
# before elif c
elif c: pass
else:  # on else
    # in else
    pass

while x < 3:
    break
else:
    x = 1

for i, (j, k) in enumerate(xs):  # for comment
    continue
    # end of for
# before else
else:
    pass

for x in *a, b: pass
for x, in y: pass

with open("f") as f, open("g"): pass
with (open("f") as f, open("g") as g,): pass
with (a, b): pass
with (a): pass
with a as (b, c): pass
with (yield_ := x) as q: pass

try:
    risky()
    # after risky
except (ValueError, TypeError) as e:  # two kinds
    pass
except OSError:
    pass
# before bare
except:
    raise
else:
    pass
finally:
    # in finally
    pass

try:
    pass
finally:
    pass


@decorator  # dec
# between
@module.call(1)(2)
@(yes if no else maybe)
def f(a, b: int, /, c=1, *args: int, d, e: str = "x", **kwargs) -> None:  # header
    # before doc
    """Doc."""  # after doc

    # before first
    return
    # trailing


def only_doc():
    'only'
    # nothing else


def bare(): "doc"  # inline doc


def inline(): return 1  # inline


async def g():
    async with a as b: pass
    async for x in y: pass
    await z
    yield
    yield x, y
    x = yield z
    z = [i async for i in y if await i]


class A: pass
class B(): x = 1


class C(A, B, metaclass=M, **kw):
    '''Doc of C

    more
    '''
    x: int = 1

    def m(self): ...
    # end of C
# col 0

    # col 4 at module end
lambda: (yield)
