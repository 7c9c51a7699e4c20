match x:  # subject
    # before the first case
    case 0 | 1 | -2 | 3.5 | -1j | 1 + 2j | "s" 'joined' | b"b":  # case comment
        pass
    case None | True | False:
        pass
        # trailing in case
    # before case
    case [a, b, *rest] if a > b:
        pass
    case (a, *_): pass
    case [] | (): pass
    case a, b: pass
    case {"k": v, 1: w, a.b: 2, **rest}: pass
    case {}: pass
    case {**kw}: pass
    case Point(x=0, y=[1, 2]): pass
    case mod.Point(a, b, c=d,): pass
    case A(): pass
    case (1 | 2) as n: pass
    case str() as s: pass
    case a.b.c: pass
    case x: pass
match a, b:
    case _: pass
match a,:
    case _: pass
match (a, b):
    case _: pass
match *a, b:
    case _: pass
match (a):
    case _: pass
match f(x):
    case _: pass
match -x:
    case _: pass
match x := y:
    case _: pass
