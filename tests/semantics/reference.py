"""What CPython gives: one case a line in, one result a line out.

A value is `i` and a decimal int, `f` and the bits of a double in hex, `s` and a text's
bytes in hex, or `b` and bytes in hex;
`none` stands for an exception, and for an int that does not fit 64 bits.
"""

import collections
import bisect
import heapq
import math
import statistics
import struct
import sys


def read(word):
    if word == "none":
        return None
    if word[0] == "i":
        return int(word[1:])
    if word[0] == "s":
        return bytes.fromhex(word[1:]).decode()
    if word[0] == "b":
        return bytes.fromhex(word[1:])
    return struct.unpack(">d", bytes.fromhex(word[1:]))[0]


def write(value):
    if isinstance(value, bool):
        return "i" + str(int(value))
    if isinstance(value, int):
        return "i" + str(value) if -(2**63) <= value < 2**63 else "none"
    if isinstance(value, float):
        return "fnan" if math.isnan(value) else "f" + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return "s" + value.encode().hex()
    if isinstance(value, bytes):
        return "b" + value.hex()
    if isinstance(value, tuple):
        return " ".join(write(item) for item in value)
    if isinstance(value, list):
        return "[" + ",".join(write(item) for item in value) + "]"
    return "none"  # the complex result of a negative base


def compensated_sum(start, xs):
    """What `sum` does from Python 3.12 on, after `Python/bltinmodule.c`."""
    if sys.version_info >= (3, 12):
        return sum(xs, start)
    total, c = start, 0.0
    for x in xs:
        t = total + x
        if abs(total) >= abs(x):
            c += (total - t) + x
        else:
            c += (x - t) + total
        total = t
    return total + c if c and math.isfinite(c) else total


def strip_bytes(data, chars, start, end):
    if start:
        data = data.lstrip(chars)
    return data.rstrip(chars) if end else data


def fill_bytes(data, width, fill, before):
    fill = bytes([fill])
    return data.rjust(width, fill) if before else data.ljust(width, fill)


def heap_push(*xs):
    heap = []
    for x in xs:
        heapq.heappush(heap, x)
    return heap


def heapified(*xs):
    heap = list(xs)
    heapq.heapify(heap)
    return heap


def heap_pop(*xs):
    heap = heapified(*xs)
    popped = [heapq.heappop(heap) for _ in range(min(len(xs), len(xs) // 2 + 1))]
    return popped + heap


def int_pow(a, n):
    if n < 0:
        return None  # a float in Python, which the helper is not for
    return a**n if abs(a) < 2 or n < 64 else None


def number_pow(a, b):
    ints = isinstance(a, int) and isinstance(b, int)
    return int_pow(a, b) if ints and b >= 0 else a**b


def shift_left(a, n):
    return None if a != 0 and n > 64 else a << n if a != 0 else a << min(n, 64)


def dict_steps(*steps):
    d, before, out = {}, {}, []
    for n, step in enumerate(steps):
        key = step // 6 % 5
        match step % 6:
            case 0:
                d[key] = n
            case 1:
                out.append(d.get(key, -1))
            case 2:
                out.append(d.pop(key, -1))
            case 3:
                out.append(d.setdefault(key, n))
            case 4:
                if key in d:
                    d[key] += 1
            case _:
                out.append(int(d == before))
        if step % 3 == 0:
            before = dict(reversed(d.items()))
    for key, value in d.items():
        out += [key, value]
    return (*out, len(steps))


def deque_steps(*steps):
    window = collections.deque(maxlen=steps[0] % 4 + 1)
    for step in steps:
        if step % 3 == 0:
            window.appendleft(step)
        else:
            window.append(step)
    return tuple(window)


def turned_steps(*steps):
    window = collections.deque(steps, maxlen=steps[0] % 5 + 1)
    window.rotate(steps[0] - 9)
    window.rotate(-(2**63) + steps[0])
    return tuple(window)


def columns_steps(*steps):
    def at(i):
        return min(len(steps), i % 6)

    rows = [steps[at(steps[0]):], steps, steps[: at(steps[-1])]]
    return tuple(x for column in zip(*rows[: len(steps) % 4]) for x in column)


def counter_steps(*steps):
    counts = collections.Counter(step % 5 for step in steps)
    out = [part for entry in counts.most_common() for part in entry]
    order = collections.OrderedDict(counts)
    key = steps[0] % 7
    if key in order:
        order.move_to_end(key, last=steps[0] % 2 == 0)
    out.append(int(key in order))
    return (*out, *order)


CASES = {
    "statistics.mean": lambda *xs: statistics.mean(xs),
    "statistics.variance": lambda *xs: statistics.variance(xs),
    "statistics.pvariance": lambda *xs: statistics.pvariance(xs),
    "statistics.stdev": lambda *xs: statistics.stdev(xs),
    "statistics.pstdev": lambda *xs: statistics.pstdev(xs),
    "statistics.median": lambda *xs: statistics.median(xs) + 0.0,
    "turned": turned_steps,
    "columns": columns_steps,
    "counter": counter_steps,
    "dict": dict_steps,
    "deque": deque_steps,
    "floor_div": lambda a, b: a // b,
    "modulo": lambda a, b: a % b,
    "true_div": lambda a, b: a / b,
    "int_true_div": lambda a, b: a / b,
    "float_floor_div": lambda a, b: a // b,
    "float_modulo": lambda a, b: a % b,
    "float_to_int": lambda x: int(x),
    "round_digits": lambda x, n: round(x, n),
    "py_min": lambda a, b: min(a, b),
    "py_max": lambda a, b: max(a, b),
    "hypot": lambda *sides: math.hypot(*sides),
    "int_pow": int_pow,
    "shift_left": shift_left,
    "shift_right": lambda a, n: a >> n,
    "slice_bound": lambda i, n: slice(i, None).indices(n)[0],
    "index": lambda i, n: range(n)[i],
    "float_text": lambda x: str(x),
    "fixed_text": lambda x, n: f"{x:.{n}f}",
    "mod_pow": lambda a, n, m: pow(a, n, m),
    "isclose": lambda a, b: math.isclose(a, b),
    "isclose_wide": lambda a, b: math.isclose(a, b, rel_tol=1e-3, abs_tol=0.5),
    "py_sort": lambda *xs: sorted(xs),
    "heap_push": heap_push,
    "heapify": heapified,
    "heap_pop": heap_pop,
    "bisect_left": lambda x, *xs: bisect.bisect_left(xs, x),
    "bisect_right": lambda x, *xs: bisect.bisect_right(xs, x),
    "sort_by_parts": lambda *xs: [x for pair in sorted(zip(xs[::2], xs[1::2])) for x in pair],
    "fsum": lambda *xs: math.fsum(xs),
    "sum_floats": lambda *xs: compensated_sum(0.0, xs),
    "sum_floats_from": lambda start, *xs: compensated_sum(start, xs),
    "round_tens": lambda x, n: round(x, -n),
    "round_int": lambda x, n: round(x, -n),
    "exponent_text": lambda x, n: f"{x:.{n}e}",
    "general_text": lambda x, n: f"{x:.{n}g}",
    "short_text": lambda x, n: f"{x:.{n}}",
    "rust_fixed": lambda x, n: f"{x:.{n}f}",
    "rust_signed": lambda x, n: f"{x:+{n}.2f}",
    "rust_zeros": lambda x, n: f"{x:0{n + 1}.2f}",
    "rust_centered": lambda x, n: f"{x:*^{n}}",
    "grouped_float": lambda x: f"{x:,.2f}",
    "grouped_int": lambda n: f"{n:_}",
    "with_sign": lambda x: f"{x:+}",
    "zero_filled": lambda text, n: text.zfill(n),
    "prefix_filled": lambda x, n: f"{x:#0{n + 1}x}",
    "zero_filled_float": lambda x, n: f"{x:0{n + 1}}",
    "str_repr": repr,
    "bytes_repr": repr,
    "bytes_from_hex": bytes.fromhex,
    "find_bytes": lambda data, part, start: data.index(part, start),
    "strip_bytes": strip_bytes,
    "split_bytes": lambda data, separator: data.split(separator),
    "partition_bytes": lambda data, separator: list(data.partition(separator)),
    "replace_bytes": lambda data, old, new: data.replace(old, new),
    "fill_bytes": fill_bytes,
    "uint_from_bytes": lambda data: int.from_bytes(data, "big"),
    "int_from_bytes": lambda data: int.from_bytes(data, "big", signed=True),
    "int_to_bytes": lambda n, length, signed: n.to_bytes(length, "big", signed=bool(signed)),
    "packed_single": lambda x: struct.unpack("<f", struct.pack("<f", x))[0],
    "packed_field": lambda data: struct.pack("4s", data),
    "tuple_text": lambda *xs: repr(xs),
    "ascii_text": ascii,
    "parse_int": lambda text, base: int(text, base),
    "parse_float": lambda text: float(text),
    "single_char": lambda text: chr(ord(text)),
    "is_space": lambda c: c.isspace(),
    "str_find": lambda text, part: text.index(part),
    "str_rfind": lambda text, part: text.rindex(part),
    "str_find_in": lambda text, part, a, b: text.index(part, a, b),
    "centered": lambda text, n: text.center(n, "*"),
    "capitalized": lambda text: text.capitalize(),
    "titled": lambda text: text.title(),
    "split_words": lambda text, most: text.split(None, most),
    "split_lines": lambda text: text.splitlines(),
    "str_slice": lambda text, a, b: text[a:b],
    "str_step": lambda text, a, b, c: text[a:b:c],
    "str_item": lambda text, i: text[i],
    "strip": lambda text: text.strip(),
    "split": lambda text: text.split(),
    "split_at": lambda text, sep: text.split(sep),
    "rsplit_at": lambda text, sep: text.rsplit(sep, 1),
    "upper": lambda text: text.upper(),
    "lower": lambda text: text.lower(),
    "replace": lambda text, part: text.replace(part, "<>"),
    "count": lambda text, part: text.count(part),
    "contains": lambda text, part: part in text,
    "less": lambda text, part: text < part,
    "isupper": lambda text: text.isupper(),
    "islower": lambda text: text.islower(),
    "isdigit": lambda text: text.isdigit(),
    "isalpha": lambda text: text.isalpha(),
    "isalnum": lambda text: text.isalnum(),
    "number_add": lambda a, b: a + b,
    "number_sub": lambda a, b: a - b,
    "number_mul": lambda a, b: a * b,
    "number_neg": lambda x: -x,
    "number_abs": lambda x: abs(x),
    "number_pow": number_pow,
    "number_text": lambda x: f"{x}|{x!r}|{x:>12}",
    "number_int": lambda x: int(x),
    "number_round": lambda x: round(x),
    "number_is_int": lambda x: x if isinstance(x, int) else None,
    "number_less": lambda a, b: (a < b, a <= b, a == b),
    "compare_int_float": lambda a, b: None if b != b else (a > b) - (a < b),
    "pow": lambda x, y: x**y,
}


def main():
    name = sys.argv[1]
    function = CASES.get(name) or getattr(math, name.removeprefix("math."))
    out = []
    for line in sys.stdin:
        arguments = [read(word) for word in line.split()]
        try:
            out.append(write(function(*arguments)))
        except (ArithmeticError, AttributeError, ValueError, IndexError, TypeError):
            out.append("none")
    sys.stdout.write("\n".join(out))


main()
