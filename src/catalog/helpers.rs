//! Small functions that the generated file carries where plain Rust would not be Python.
//!
//! Their Rust is in `templates/helpers/`; `tests/semantics.rs` holds each against CPython.

macro_rules! helpers {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal;)*) => {
        /// A function that a generated file may carry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Helper { $($(#[doc = $doc])* $variant,)* }

        impl Helper {
            /// All of them, in the order in which they are emitted.
            pub const ALL: &'static [Helper] = &[$(Helper::$variant,)*];

            /// Its name in Rust.
            pub fn name(self) -> &'static str {
                match self { $(Helper::$variant => $name,)* }
            }

            /// Its Rust.
            pub fn text(self) -> &'static str {
                match self { $(Helper::$variant => include_str!(concat!("../../templates/helpers/", $name, ".rs")),)* }
            }
        }
    };
}

helpers! {
    /// `a // b` on ints.
    FloorDiv = "floor_div";
    /// `a % b` on ints.
    Modulo = "modulo";
    /// `a / b`.
    TrueDiv = "true_div";
    /// `a < b` of an int and a float.
    CompareIntFloat = "compare_int_float";
    /// `a < b` of an int beyond 64 bits and a float.
    CompareWideFloat = "compare_wide_float";
    /// `a // b` on ints beyond 64 bits.
    WideFloorDiv = "wide_floor_div";
    /// `a % b` on ints beyond 64 bits.
    WideModulo = "wide_modulo";
    /// `a / b` on ints beyond 64 bits.
    WideTrueDiv = "wide_true_div";
    /// `a / b` on ints beyond 2**53.
    IntTrueDiv = "int_true_div";
    /// `a // b` on floats.
    FloatFloorDiv = "float_floor_div";
    /// `a % b` on floats.
    FloatModulo = "float_modulo";
    /// `int(x)` and kin, after rounding to a whole float.
    FloatToInt = "float_to_int";
    /// `round(x, n)`.
    RoundDigits = "round_digits";
    /// `min(a, b)` on floats.
    PyMin = "py_min";
    /// `max(a, b)` on floats.
    PyMax = "py_max";
    /// `math.f(x)`.
    Math = "math";
    /// `math.sin(x)`, `math.cos(x)`, `math.tan(x)`.
    FiniteAngle = "finite_angle";
    /// `math.f(x, y)`, `x ** y`.
    Math2 = "math2";
    /// `x ** y` of floats.
    Pow = "pow";
    /// `math.hypot(x, y)`.
    Hypot = "hypot";
    /// `math.asinh(x)`.
    Asinh = "asinh";
    /// `math.acosh(x)`.
    Acosh = "acosh";
    /// `math.atanh(x)`.
    Atanh = "atanh";
    /// `a ** n` on ints.
    IntPow = "int_pow";
    /// `pow(a, n, m)` on ints.
    ModPow = "mod_pow";
    /// `math.gcd(a, b)`.
    Gcd = "gcd";
    /// `math.lcm(a, b)`.
    Lcm = "lcm";
    /// `math.factorial(n)`.
    Factorial = "factorial";
    /// `math.comb(n, k)`.
    Comb = "comb";
    /// `math.isclose(a, b)`.
    IsClose = "isclose";
    /// `math.remainder(x, y)`.
    IeeeRemainder = "ieee_remainder";
    /// `math.modf(x)`.
    Modf = "modf";
    /// `math.frexp(x)`.
    Frexp = "frexp";
    /// `math.ldexp(x, n)`.
    Ldexp = "ldexp";
    /// `sum(xs)` of floats, from Python 3.12 on.
    SumFloats = "sum_floats";
    /// `math.fsum(xs)`.
    Fsum = "fsum";
    /// `round(x, -n)`.
    RoundTens = "round_tens";
    /// `round(n, -d)` of an int.
    RoundInt = "round_int";
    /// `xs.sort(key=…)` by floats.
    PySort = "py_sort";
    /// `xs.sort(key=…)` by tuples with floats.
    SortByParts = "sort_by_parts";
    /// `heapq.heappush(heap, x)`.
    HeapPush = "heap_push";
    /// `heapq.heappush(heap, x)` of what may have no order.
    HeapPushBy = "heap_push_by";
    /// `heapq.heappop(heap)` of what may have no order.
    HeapPopBy = "heap_pop_by";
    /// `heapq.heappop(heap)`.
    HeapPop = "heap_pop";
    /// `heapq.heapify(heap)`.
    Heapify = "heapify";
    /// `heapq.heappush(heap, x)` of objects in an order of their own.
    HeapPushByKey = "heap_push_by_key";
    /// `heapq.heappop(heap)` of such objects.
    HeapPopByKey = "heap_pop_by_key";
    /// `heapq.heapify(heap)` of such objects.
    HeapifyByKey = "heapify_by_key";
    /// What goes into a heap of tuples.
    WithoutNan = "without_nan";
    /// `bisect.bisect_left(xs, x)`.
    BisectLeft = "bisect_left";
    /// `bisect.bisect_right(xs, x)`.
    BisectRight = "bisect_right";
    /// `bisect` of ints for a float.
    BisectBy = "bisect_by";
    /// `a << n`.
    ShiftLeft = "shift_left";
    /// `a >> n`.
    ShiftRight = "shift_right";
    /// `a[i]`.
    Index = "index";
    /// `d[key]`
    Lookup = "lookup";
    /// `d[key] += x`
    LookupMut = "lookup_mut";
    /// `d[key] = x`
    SetItem = "set_item";
    /// `d.pop(key)`
    PopItem = "pop_item";
    /// `d.setdefault(key, x)`
    SetDefault = "set_default";
    /// `a == b` of dicts.
    SameItems = "same_items";
    /// `Counter(xs)`.
    CountItems = "count_items";
    /// `counter.most_common()`.
    MostCommon = "most_common";
    /// `move_to_end(key)` of an `OrderedDict`.
    MoveToEnd = "move_to_end";
    /// `statistics.mean(xs)`.
    ExactMean = "exact_mean";
    /// `statistics.median(xs)`.
    MedianOf = "median_of";
    /// `statistics.stdev(xs)`, `variance(xs)` and their kin.
    SpreadOf = "spread_of";
    /// `zip(*rows)`.
    Columns = "columns";
    /// `append` to a deque with a `maxlen`.
    PushWindow = "push_window";
    /// `appendleft` to a deque with a `maxlen`.
    PushWindowFront = "push_window_front";
    /// `deque(xs, maxlen)`.
    WindowOf = "window_of";
    /// `rotate(n)` of a deque.
    Rotate = "rotate";
    /// `xs[a:b]`.
    SliceBound = "slice_bound";
    /// `str(x)` of a float.
    FloatText = "float_text";
    /// `f"{x:.2f}"`.
    FixedText = "fixed_text";
    /// `f"{x:.2e}"`.
    ExponentText = "exponent_text";
    /// `f"{x:.3g}"`.
    GeneralText = "general_text";
    /// `f"{x:.3}"`.
    ShortText = "short_text";
    /// `f"{x:,}"`.
    Grouped = "grouped";
    /// `f"{x:+}"`, where Rust's `+` is not enough.
    WithSign = "with_sign";
    /// `text.zfill(width)`, `f"{x:08}"`.
    ZeroFilled = "zero_filled";
    /// `f"{x:#06x}"`, where Rust's is of another width.
    PrefixFilled = "prefix_filled";
    /// `repr(text)`.
    StrRepr = "str_repr";
    /// `repr(data)` of bytes.
    BytesRepr = "bytes_repr";
    /// `data.index(part, start)` of bytes.
    FindBytes = "find_bytes";
    /// `data.strip(chars)` of bytes.
    StripBytes = "strip_bytes";
    /// `data.split(separator)` of bytes.
    SplitBytes = "split_bytes";
    /// `data.partition(separator)` of bytes.
    PartitionBytes = "partition_bytes";
    /// `data.replace(old, new)` of bytes.
    ReplaceBytes = "replace_bytes";
    /// `data.ljust(width, fill)` of bytes.
    FillBytes = "fill_bytes";
    /// `bytes.fromhex(text)`.
    BytesFromHex = "bytes_from_hex";
    /// `int.from_bytes(data, "big")`.
    UintFromBytes = "uint_from_bytes";
    /// `int.from_bytes(data, "big", signed=True)`.
    IntFromBytes = "int_from_bytes";
    /// `n.to_bytes(length, "big")`.
    IntToBytes = "int_to_bytes";
    /// `struct.pack("f", x)`
    PackedSingle = "packed_single";
    /// `struct.pack("4s", data)`
    PackedField = "packed_field";
    /// `repr()` of a tuple.
    TupleText = "tuple_text";
    /// `ascii(x)`.
    AsciiText = "ascii_text";
    /// `int(text)`.
    ParseInt = "parse_int";
    /// `float(text)`.
    ParseFloat = "parse_float";
    /// `ord(c)`.
    SingleChar = "single_char";
    /// `text.strip()`, `text.split()`, `text.isspace()`.
    IsSpace = "is_space";
    /// `text.split(None, n)`.
    SplitWords = "split_words";
    /// `text.find(part)`, `text.index(part)`.
    StrFind = "str_find";
    /// `text.rfind(part)`, `text.rindex(part)`.
    StrRfind = "str_rfind";
    /// `text.find(part, a, b)`, `text.index(part, a, b)`.
    StrFindIn = "str_find_in";
    /// `text.center(width)`.
    Centered = "centered";
    /// `text.capitalize()`.
    Capitalized = "capitalized";
    /// `text.title()`.
    Titled = "titled";
    /// `text.splitlines()`.
    SplitLines = "split_lines";
    /// `text[a:b]`.
    StrSlice = "str_slice";
    /// `text[a:b:c]`.
    StrStep = "str_step";
    /// `text[i]`.
    StrItem = "str_item";
    /// A number that tells whether it is an int.
    Number = "number";
    /// `a + b` of such, where no int leaves 64 bits.
    NumberAdd = "number_add";
    /// `a - b` of such, where no int leaves 64 bits.
    NumberSub = "number_sub";
    /// `a * b` of such, where no int leaves 64 bits.
    NumberMul = "number_mul";
    /// `a += b` of such.
    NumberAddAssign = "number_add_assign";
    /// `a -= b` of such.
    NumberSubAssign = "number_sub_assign";
    /// `a *= b` of such.
    NumberMulAssign = "number_mul_assign";
    /// `-x` of such, where no int leaves 64 bits.
    NumberNeg = "number_neg";
    /// `str(x)` of such.
    NumberText = "number_text";
    /// `a + b` of such.
    NumberCheckedAdd = "number_checked_add";
    /// `a - b` of such.
    NumberCheckedSub = "number_checked_sub";
    /// `a * b` of such.
    NumberCheckedMul = "number_checked_mul";
    /// `-x` of such.
    NumberCheckedNeg = "number_checked_neg";
    /// `a / b` of such.
    NumberTrueDiv = "number_true_div";
    /// `a // b` of such.
    NumberFloorDiv = "number_floor_div";
    /// `a % b` of such.
    NumberModulo = "number_modulo";
    /// `a ** b` of such.
    NumberPow = "number_pow";
    /// `abs(x)` of such, where no int leaves 64 bits.
    NumberAbs = "number_abs";
    /// `abs(x)` of such.
    NumberCheckedAbs = "number_checked_abs";
    /// `min(a, b)` of such.
    NumberMin = "number_min";
    /// `max(a, b)` of such.
    NumberMax = "number_max";
    /// Such a number where Python takes ints alone.
    NumberInt = "number_int";
    /// `int(x)`, `round(x)` and kin of such.
    NumberRounded = "number_rounded";
    /// `round(x, n)` of such.
    NumberRoundDigits = "number_round_digits";
}

impl Helper {
    /// Where it is a method of `Number`: its Rust without the `impl` around it.
    pub fn method(self) -> Option<&'static str> {
        self.text().strip_prefix("impl Number {")
    }

    /// Whether it is the type `Number`, or a part of it.
    pub fn is_of_number(self) -> bool {
        self.name().starts_with("number")
    }

    /// The word by which the Rust calls it; none of an operator, and of the type.
    pub fn called(self) -> Option<&'static str> {
        let Some(method) = self.method() else {
            return (!self.is_of_number()).then(|| self.name());
        };
        let (_, name) = method.split_once("fn ")?;
        name.split_once('(').map(|(name, _)| name)
    }
}
