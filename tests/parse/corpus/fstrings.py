f''
f'plain'
f'{x}' f"{x!r}" F'{x!s:>10}' rf'\d{x}' fR'{x}\n'
f'{{}} {{{x}}} {x}}}'
f'{x=}', f'{x = }', f'{x=!s}', f'{x=:>5}', f'{x + 1 = !r:^{w}}'
f'{x:{w}.{p}f}' f'{x:%Y-%m-%d}' f'{x!r:{"a"}}' f'{x:{w}{p}}'
f'{a["b"]}' f"{a['b']:>{width}}" f'{ {1: 2}[1] }' f'{(lambda x: x)(1)}' f'{(y := 3)}' f'{y:=3}'
f'{x if y else z}' f'{a, b}' f'{*a, b}' f'{a != b}' f'{a == b}' f'{a <= b}' f'{a >= b:x}'
f'''{
    x
}''' f'''{x
:>10}'''
'a' f'b{c}' "d" r'\e' f'{f}'
("left"
 f"{mid}"  # comment between
 "right")
f'\x41\N{EM DASH}{x}\n\{x}'
rf'\N{x}\{y}'
f"{f'{1}'}" f'{f"inner {x}"}'
f'{x:\n}' f'{x!a}'
f"{'a' 'b'}" f'{"#"}' f'{x:#x}'
def doc():
    f"""not a doc"""
f'{yield_}'
print(f"{x:02d}:{y:02d}", f"{z!r}")
