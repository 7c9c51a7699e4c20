//! Every diagnostic code: its number, gravity, one line, and what `migrate explain` says.
//!
//! A code is known here and where it is raised, nowhere else. Codes are stable: a number
//! is never reused.

use super::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal, $severity:ident, $title:literal, $explain:literal;)*) => {
        /// A stable diagnostic code, `MIGnnnn`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All codes in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// `MIG0203`
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => concat!("MIG", $number),)* }
            }

            /// How grave it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }

            /// What it means, in one line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// The page that `migrate explain` shows: why, an example, what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$name => $explain,)* }
            }

            /// Whether `check` alone shows it: worth knowing before a task is moved, and true of
            /// most tasks.
            pub fn is_for_check(self) -> bool {
                matches!(self, Code::KeptOutput | Code::MapOrder)
            }

            /// The code of that name, in any case: `MIG0203`, `mig0203`.
            pub fn from_name(name: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.name().eq_ignore_ascii_case(name))
            }
        }

        impl std::fmt::Display for Code {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

codes! {
    SyntaxError = "0001", Error, "the file is not valid Python",
r"The file does not parse as Python 3, so nothing was translated.

    def process(ctx, input, state, output)      # no colon
        output.payload.value = 1

`python3 -m py_compile FILE` shows CPython's own message. Python 2 is not read.
";
    UnsupportedSyntax = "0201", Error, "this syntax is not translated",
r"The statement or expression has no translation yet. In the generated Rust it is a `todo!`
with the Python lines above it as a comment; everything around it is translated.

    with lock:                                  # MIG0201
        state.count += 1

Say the same with plainer syntax, or write the Rust by hand in place of the `todo!`.
";
    UnknownType = "0202", Error, "no type could be inferred",
r#"Rust needs one type for every value. Types come from the message and state structs, from
constants, from annotations and from the calls of a function; here none of them says
enough, or they contradict each other.

    best = None
    for x in input.payload.ranges:
        best = {"far": x} if x > 9.0 else x     # dict or float?

Give the name values of one type, or annotate it where it is first set:

    best: float | None = None
"#;
    UnsupportedCall = "0203", Error, "this function or method is not translated",
r"The function or method has no translation: not yet, or not at all, as for `eval`, `open`
and `input`. In the generated Rust the call is a `todo!`.

    gain = eval(state.formula)                  # MIG0203

The time is `ctx.now()`; files and devices belong in a source task or a Copper resource.
For anything else write the Rust by hand in place of the `todo!`.
";
    UnsupportedModule = "0204", Error, "this import is not translated",
r"Only `math` is known so far; every use of another module is a hole of its own.

    import scipy.signal                         # MIG0204

Compute it with plain Python, move the code that needs the module into a task of its own
that stays in Python, or write that part in Rust.
";
    TypeMismatch = "0205", Error, "Python would raise a TypeError here, or the types do not fit",
r"The operation has no meaning for these types, or the value does not fit the field it is
written to. In Python this cycle would fail: a TypeError, or PyTask refusing the value.

    state.count = 3.0                           # `count` is u32: a float never fits
    output.payload.label = 7                    # `label` is String

Convert where you mean it: `int(…)`, `float(…)`, `str(…)`.
";
    UnknownField = "0206", Error, "the message or state has no such field",
r#"The Rust struct has no field of this name, so reading it raises an AttributeError in every
cycle that comes here.

    error = input.payload.setpint               # the field is `setpoint`

The help line lists the fields that there are. Python sees the names that serde gives
them: `#[serde(rename = "…")]` and `rename_all` count.
"#;
    PartlyHandled = "0207", Error, "this use is beyond what is translated",
r"What stands here is translated in general, but not in this form. In the generated Rust it
is a `todo!` with the Python above it.

    for i in range(state.start, n, state.step): # MIG0207: the sign of the step is unknown
        ...

The message says which part is in the way; write that part more plainly.
";
    GlobalState = "0301", Warning, "state lives outside `state`",
r"A module global changes while the task runs. Copper's keyframes hold only `state`, so in
Python a replay from the middle of a log starts with another value. In the Rust it is a
field of the task, frozen and thawed with it; a failed call does not roll it back, as in
Python.

    cycles = 0

    def process(ctx, input, state, output):
        global cycles
        cycles += 1                             # MIG0301

Make it a field of the state struct: `state.cycles += 1`.
";
    UnknownFieldWritten = "0302", Warning, "a field that the message does not have is written",
r"PyTask drops keys that the Rust struct does not have: the value goes nowhere, without an
error. The Rust leaves the write out, and keeps what computing the value can raise.

    output.payload.throtle = 0.5                # the field is `throttle`

Correct the name, or add the field to the struct.
";
    PrintInProcessMode = "0303", Warning, "`print` in process mode breaks the protocol",
r#"In `mode: "process"` the Python talks to Copper over its standard output. `print` writes
into that stream, and the task fails from there on. In the Rust it becomes a log macro.

    print("lost", state.missed)                 # MIG0303

Write to `sys.stderr`, or run the task with `mode: "embedded"` while it prints.
"#;
    MethodNamedField = "0304", Warning, "a field is named like a dict method",
r#"Payloads are dict subclasses in Python. A field called `values`, `items`, `keys`, `get`,
`pop`, `update`, `copy` or `clear` is read as the method of that name; a write does set
the field.

    total = sum(input.payload.values)           # the method, not the field

Read it as `input.payload["values"]`, or rename the field: `#[serde(rename = "…")]`.
"#;
    LostWrite = "0305", Warning, "this write is lost in Python",
r"PyTask copies a list or dict of the script's own where it is assigned to a message or to
the state: what is done to it afterwards goes nowhere. And of an output's empty payload it
notices what is assigned, appended or taken out, but neither `.sort()` and `.reverse()` nor
`+=` through another name: where nothing else is written, the payload stays absent.

    points = []
    output.payload.points = points
    points.append(3.5)                          # lost: the payload has a copy

    points = output.payload.points
    points += [3.5]                             # unnoticed

Assign last: `output.payload.points = points` when it is what it should be.
";
    FloatForInt = "0306", Warning, "an int and a float share one variable",
r"The variable holds an int on one path and a float on another. In Rust it is an `f64`, which
is equal to Python's value up to 2**53. It is said where the int may be beyond that.

    speed = state.ticks                         # an `i64`
    if input.payload is not None:
        speed = input.payload.speed             # a float now

Start with a float, `speed = float(state.ticks)`, or use two names.
";
    StaleSlot = "0307", Note, "an output is written only in part",
r#"Copper reuses the slots of the outputs. Where only some fields are written, the others
keep what the slot held in an earlier cycle, in Python and in the Rust alike.

    output.payload.throttle = 0.0               # `saturated` stays as it was

If every cycle should stand for itself, write all fields, or a whole payload:
`output.payload = {"throttle": 0.0, "saturated": False}`.
"#;
    TovNotSet = "0308", Note, "`tov` is not propagated",
r"The Python never sets the time of validity of this output, and PyTask does not carry it
over, so neither does the Rust. Most tasks want that of their input:

    output.tov = input.tov
";
    UnusedSuppression = "0309", Warning, "an `allow` that allows nothing",
r"The comment allows a diagnostic that is not there: it was corrected since, the comment
stands on another line, or its code is misspelled.

    x = 1  # migrate: allow(MIG0203) our own formula

A comment after code speaks for its own line, one on a line of its own for the next line
with code. Remove it, or move it.
";
    MutatedInput = "0310", Warning, "an input is changed",
r"PyTask gives the Python a copy of its inputs: the change is seen by the rest of this call
and by nobody else.

    input.payload.ranges.sort()                 # MIG0310

Work on a copy that says so: `ranges = sorted(input.payload.ranges)`.
";
    LibmUlp = "0311", Note, "this function may differ in the last bit",
r"Python computes this function with the C library, Rust with its own means: the results
may differ in the last bit (1 ULP) for some arguments.

    r = math.cbrt(x)                            # MIG0311

`migrate verify` compares floats by their bits and shows it where it happens.
";
    AlwaysRaises = "0312", Warning, "this always raises",
r"Whatever the inputs are, Python raises here; the Rust returns the error at the same place.

    n = state.total // 0                        # MIG0312
    last = reading.ranges[4]                    # MIG0312, if `ranges` is a `[f32; 4]`

The cycle fails, its outputs are dropped and the state stays as it was. Almost always a
slip.
";
    UnusedFunction = "0313", Note, "this function is not called",
r"Nothing that `process`, `start` or `stop` reach calls the function, so its parameters have
no types and it is left out of the Rust.

    def debug_dump(state):                     # MIG0313, if nothing calls it
        print(state)

Delete it, or keep it in the Python: the Rust does not need it.
";
    NeverEqual = "0314", Warning, "this comparison can never hold",
r"An enum reaches Python as the name of its variant. It is compared with a string that is no
variant's name.

    if wheel.direction == 'Backward':         # MIG0314: the variants are Forward, Reverse

Compare the spelling with the Rust enum.
";
    UnreachedHandler = "0315", Note, "this handler is never reached",
r"None of the translated operations in the body of the `try` raises what the handler catches,
so the Rust has no place for it.

    try:
        state.gain = command.gain * 0.5
    except KeyError:                          # MIG0315
        state.gain = 1.0

Nothing needs to be done; a handler that was meant to catch something else should name that.
";
    WideInt = "0316", Warning, "an int may leave 64 bits",
r"Python's ints have no end. The Rust computes in 64 bits, in 128 where an interval shows that
this is enough, and returns an error where a value leaves them: Python goes on there.

    h = h * 33 + code            # MIG0316: grows from turn to turn

Keep the value small where it is made: `h = (h * 33 + code) & 0xFFFFFFFF`.
";
    BeyondAscii = "0317", Note, "characters beyond ASCII may be classed in another way",
r"Which characters are digits, letters, upper or lower case is a matter of Unicode's tables, of
which Python and Rust go by different ones. Within ASCII both agree.

    if name.isdigit():           # '²'.isdigit() is True in Python, is_ascii_digit() is false

There is nothing to do where the texts are ASCII.
";
    OneNan = "0320", Note, "one NaN is equal to itself in Python",
r"Dataclasses and named tuples compare as tuples of their fields, and tuples ask first whether
two items are one object. So a NaN that both hold makes no difference in Python, though a NaN
is equal to nothing, itself included. The Rust compares the fields alone.

    sample = Sample(value=float('nan'))
    if sample == sample:                      # MIG0320: True in Python

Lists ask the same of what is looked for: `xs.count(x)`, `xs.index(x)`, `xs.remove(x)` and
`x in xs` find a NaN that is the same object, and `xs == ys` goes on where both hold it.

There is nothing to do where the fields hold no NaN.
";
    SettledTest = "0321", Note, "a test for None that always goes one way",
r"All assignments and all calls of the file are known. What is None at every one of them is never
given, and what never is None is always given: the test has one outcome, the branch that it
keeps from running is left out, and with it attributes and parameters that nothing else reads.

    class Pid:
        def __init__(self, kp, error_map=None):   # nobody gives an `error_map`
            self.kp = kp
            self.error_map = error_map

        def step(self, error):
            if self.error_map is not None:        # MIG0321: never holds
                error = self.error_map(error)
            return self.kp * error

There is nothing to do. Where the option is to be used later on, give it in the Python and
translate again.
";
    TellingNumber = "0322", Note, "a number of which only the value tells whether it is an int",
r#"The variable holds an int on one path and a float on another, and the Python shows which:
in a text (`3` or `3.0`), in an int field, in a product beyond 2**53, in the sign of a zero. An
`f64` would not do, so what it comes from and goes to is a `Number` in Rust, an `Int` or a
`Float`.

    limits = {"speed": 2, "turn": 0.5}
    output.payload.text = f"{limits[name]}"       # MIG0322: "2" or "0.5"

If it should be a float in all cases, write the ints as floats: `2.0`. The Rust is then plain
`f64`.
"#;
    UnreadAttribute = "0323", Note, "this attribute is never read",
r"It is set to an empty container that nobody fills or looks at, so nothing says what it would
hold, and it is left out of the Rust.

    def __init__(self):
        self.history = []                       # MIG0323, if nothing reads it

Delete it, or keep it in the Python: the Rust does not need it.
";
    NanKey = "0324", Warning, "a NaN in a key to sort by is an error",
r"Tuples, and lists, with a NaN in them have no order: what Python makes of them follows from
which of them it happens to compare. The Rust returns an error where one comes up, which Python
does not.

    ranked = sorted(zip(ranges, names))       # MIG0324: where a range is a NaN

Leave out what is no number before it is sorted: `if r == r`, or `if math.isfinite(r)`.
";
    TaskForm = "0401", Error, "PyTask cannot call this",
r"PyTask loads the script once and calls `process(ctx, input, state, output)`, and where they
are there `start(ctx, state)` and `stop(ctx, state)`. It counts the parameters when it
starts: the names are free, but each has to be there by name.

    def process(ctx, *args):                    # MIG0401: does not start

    def process(ctx, input, state, output, gain):   # MIG0401: every call fails

Take what is passed, and keep settings in module constants.

A dataclass whose annotations are texts cannot be made there either: Python looks them up in
`sys.modules`, where PyTask's module is not.

    from __future__ import annotations

    @dataclass
    class Gains:
        kp: float = 0.5                         # MIG0401: does not start

Leave the import out, and write the types without quotes.
";
    NeverRuns = "0402", Error, "a generator or `async` function does nothing under PyTask",
r"PyTask calls the function and does not look at what it gives back. The call of a generator
or of an `async` function only makes an object: nothing in it runs, without an error.

    async def process(ctx, input, state, output):   # MIG0402
        output.payload.throttle = await solve(input)

Make it a plain function. What has to go on from call to call belongs in `state`.
";
    IgnoredReturn = "0403", Warning, "what `process` returns is ignored",
r"PyTask looks at `state` and `output` when the call has ended, not at what it returns.

    def process(ctx, input, state, output):
        return {'throttle': 0.5}                # MIG0403

Write it where it should go: `output.payload = {'throttle': 0.5, …}`.
";
    LostRebinding = "0404", Warning, "a rebinding is lost behind a decorator",
r"PyTask takes `state = …` and `output = …` from the variables of the function that it
calls. Behind a decorator that is the wrapper, which has other variables: the change is
lost.

    @timed
    def process(ctx, input, state, output):
        state = {'count': 0}                    # MIG0404

Change the fields: `state.count = 0`.
";
    RefusedValue = "0405", Warning, "PyTask refuses this value",
r"When the call has ended PyTask turns the state and the outputs into the Rust structs. What
does not fit fails the call: its outputs are dropped and the state stays as it was. Without
a monitor nobody hears of it.

    output.payload.ranges = set(near)           # a set is no list
    state.count = -1                            # `count` is u32
    output.payload = {'throttle': 0.5}          # `saturated` is missing
    output.tov = ctx.now()                      # a tov is no number

Refused are ints out of range, floats and bools for ints, None for what is no `Option`,
lists of a wrong length for arrays, bytes, sets, Decimal, Fraction, objects, variants that
the enum does not have, and in embedded mode deques. Convert them: `list(…)`, `int(…)`.
";
    NotFinite = "0406", Warning, "NaN or infinity in an output or in the state",
r"In process mode NaN and infinity fail the call; embedded mode takes them. A number beyond
f32 becomes infinite in a field of that type.

    state.nearest = float('inf')                # MIG0406

Use an `Option` for what is not known yet, or a number that is large enough.
";
    FrozenClock = "0407", Warning, "the clock stands still during a call in process mode",
r"In process mode `ctx` is a snapshot that Copper takes before the call: `ctx.now()` gives the
same number however often it is asked. In embedded mode and in Rust it goes on.

    began = ctx.now()
    plan(state)
    state.took = ctx.now() - began              # MIG0407: always 0

Copper measures each call itself: `process_time` of the output's metadata.
";
    EndsInterpreter = "0408", Warning, "this ends the Python, not the task",
r"`sys.exit` in embedded mode fails the one call. In process mode it ends the Python, and
every later call fails.

    if state.fault:
        sys.exit(1)                             # MIG0408

Raise an exception of your own to fail one call. What should stop the robot is a matter of
Copper's monitor, or of an output that says so.
";
    CharByMode = "0409", Warning, "a `char` is an int in process mode",
r"A field of the Rust type `char` reaches Python as an int, its code point, in process mode and
as a text of one character in embedded mode.

    if input.payload.key == 'w':                # MIG0409: never, in process mode

Make the field a `String` or a `u8`.
";
    MessagesAreAList = "0410", Warning, "several messages come as a list",
r"Where a task has several inputs, `input` is the list of them, in the order of `PyTask<(A, B),
…>`, and so is `output` where there are several. Only a single one is the message itself.

    scan = input.payload                        # MIG0410: AttributeError in every call

Unpack it: `scan, odometry = input`.
";
    KeptOutput = "0411", Note, "an output that is not written is sent again",
r"Copper reuses the slots of the outputs. A call that does not write an output leaves what
the slot held: the payload of an earlier call, with its time of validity, is sent once more.

    if input.payload is None:
        return                                  # MIG0411: the last command is sent again

Where that is meant, allow it with the reason. Else write the output, or clear it:
`output.payload = None`. The Rust does what the Python does.
";
    ProcessTime = "0412", Warning, "the `process_time` of an output is Copper's",
r"Copper notes in the metadata of each output when the call began and ended. While the call
runs these times are not set yet: both are 2**64 - 1. What Python writes there goes to the
log in place of what was measured.

    took = output.metadata['process_time']['end']   # MIG0412

Use `ctx.now()` for the time, and the log for how long calls take.
";
    MapOrder = "0413", Note, "the order of a map is not kept",
r"A `BTreeMap` is sorted by its keys and a `HashMap` has no order. The dict that Python gets of
it in the next call is not in the order in which keys were put in.

    for name in state.seen:                     # MIG0413: sorted, not oldest first
        ...

Sort it where the order counts, or keep a list beside it.
";
    AnnotationMismatch = "0414", Warning, "an annotation names another type than the app has",
r"`migrate stubs` writes the types of the app's messages and states. `process`, `start` and
`stop` get what the node of copperconfig.ron says, whatever the annotations say.

    def process(ctx: Ctx, input: Msg[LaserScan], state: SectorState, output: Out[Command]):
        ...                                     # MIG0414, if the task sends a `SectorReport`

Copy the signature from the head of `copper_stubs/__init__.pyi`, or correct `PyTask<…>` in
the Rust.
";
}
