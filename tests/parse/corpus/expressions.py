None, True, False, ..., Ellipsis
0, 1, 00, 1_000, 0xFF, 0Xf_f, 0o17, 0b1_01, 123456789012345678901234567890
1.0, 1., .5, 1e10, 1E-5, 1_0.0_1e+1_0, 1e400, 3j, 2.5J, 0j, 08.5, 1e5j
'a' "b" r'\n' u'ü' R"\d" 'x\ty' '\x41\101\u00e9\U0001F600\N{EM DASH}' '\
joined' """tri"ple
lines""" '''\'''' '\q \8'
b'bytes' b"\x00\xff\n\400" rb'\d' Br"\x" b'''a
b'''
"\ud800 lone"
(1), (1,), (), [1], [], {1}, {}, {1: 2, **m, 'k': v}, {*a, *b}, [*a, b]
a.b.c, a[0], a[1:2], a[:], a[::2], a[1:2, ::3], a[...], a[b, c], a[-1:], a[x:=1]
f(), f(a), f(a, *b, c=1, **d), f(a=1, *b), f(x for x in y), f((x for x in y), 1), f(a)(b)[c].d
-x, +x, ~x, not x, not not x, --x, -x ** -y, (-x) ** 2
a + b - c * d / e // f % g @ h ** i << j >> k & l | m ^ n
a and b or not c and d, a or b or c
a < b <= c == d != e > f >= g is h is not i in j not in k
x if y else z if w else v
lambda: 0, lambda x: x, lambda a, b=1, /, c=2, *d, e, f=3, **g: 0, lambda *, a: a, lambda *a, **k: (a, k)
[x for x in y], {x for x in y}, {k: v for k, v in y}, (x for x in y if a if b for z in x)
[(x, y) for x in a for y, *z in b]
(y := 5), [y := 1, y], f(y := 2)
print("x", file=f)
match = case = type = _ = 1
match.x; match(x); match[0]; case; type(x); match, x
print(match
      # inside call
      , 2)
table = {  # open
    # first
    "a": 1,  # one
    "b": [
        2,  # two
    ],
    # last
}  # closed
total = a + \
    b
if (a and  # because
        # of this
        b):  # done
    pass
x = """
# not a comment
"""  # a comment
s = '# no' "# no"  # yes
