"""Which lines and branches of the user's Python a replay executes.

Every instruction of the traced files is observed, and every conditional jump has two
outcomes, told by the value that was tested; so `a and b` on one line is two conditions,
and the two copies that the compiler makes of a loop's test are one. A function whose
instructions have all been seen is not traced any more.
"""

import ast
import dis
import json
import sys


class Code:
    """What there is to see in one code object, and what was seen."""

    def __init__(self, code, loops):
        self.arcs = set()
        self.calls = 0
        self.full = False
        instructions = list(dis.get_instructions(code))
        self.first = instructions[0].offset if instructions else 0
        self.real = {}
        pending = []
        for item in instructions:
            if item.opname == "EXTENDED_ARG":
                pending.append(item.offset)
                continue
            for offset in pending:
                self.real[offset] = item.offset
            pending = []
        instructions = [i for i in instructions if i.opname != "EXTENDED_ARG"]
        self.line_of = lines_of(code, instructions)
        self.jumps = {}
        for number, item in enumerate(instructions[:-1]):
            tested = self.tested(instructions, number)
            before = tested.opname
            fall = instructions[number + 1]
            kind = outcomes_of(item.opname)
            if kind is None or before == "WITH_EXCEPT_START":
                continue
            if fall.opname == "LOAD_ASSERTION_ERROR" or "ASSERTION" in str(fall.argval):
                continue
            if item.opname == "FOR_ITER":
                place = position(item, self.line_of, "")
                if place[:2] not in loops:
                    continue
            else:
                # `a < b < c` is two comparisons at one place.
                chained = number > 2 and before == "COMPARE_OP" and (
                    instructions[number - 2].opname in ("COPY", "ROT_THREE", "SWAP")
                    or instructions[number - 3].opname in ("COPY", "ROT_THREE", "SWAP")
                )
                place = position(tested, self.line_of, "chained" if chained else "")
            jumped, fell = kind
            if before == "CHECK_EXC_MATCH":
                # Whether another exception passes by is no branch of the script's.
                jumped, fell = (None if o == "false" else "caught" for o in kind)
            targets = self.targets(instructions, self.real.get(item.argval, item.argval))
            self.jumps[item.offset] = (place, targets, jumped, fall.offset, fell)

    @staticmethod
    def tested(instructions, number):
        """What made the value that a jump tests: it stands where the condition does."""
        before = number
        while before > 0:
            before -= 1
            if instructions[before].opname not in ("TO_BOOL", "COPY"):
                break
        return instructions[before]

    @staticmethod
    def targets(instructions, target):
        """Where a jump may be seen to arrive: a finished loop skips its own end."""
        found = {target}
        for item in instructions:
            if item.offset in found and item.opname in ("END_FOR", "POP_ITER", "POP_TOP"):
                after = [i.offset for i in instructions if i.offset > item.offset]
                found.update(after[:1])
        return found

    def seen(self):
        """The offsets and the outcomes that were seen."""
        offsets = {offset for _, offset in self.arcs}
        outcomes = set()
        for previous, offset in self.arcs:
            jump = self.jumps.get(previous)
            if jump is None:
                continue
            place, targets, jumped, fall, fell = jump
            if offset in targets:
                outcomes.add((place, jumped))
            elif offset == fall:
                outcomes.add((place, fell))
        return offsets, outcomes

    def possible(self):
        """The outcomes that there are."""
        found = set()
        for place, _, jumped, _, fell in self.jumps.values():
            found.update((place, o) for o in (jumped, fell) if o is not None)
        return found

    def is_full(self):
        offsets, outcomes = self.seen()
        lines = {self.line_of.get(offset) for offset in offsets}
        return set(self.line_of.values()) <= lines and self.possible() <= outcomes


def outcomes_of(name):
    """What a jump and the absence of one say of the value that was tested."""
    if name == "FOR_ITER":
        return "done", "again"
    if "IF_NOT_NONE" in name:
        return "not None", "None"
    if "IF_NONE" in name:
        return "None", "not None"
    if "IF_FALSE" in name:
        return "false", "true"
    if "IF_TRUE" in name:
        return "true", "false"
    return None


def lines_of(code, instructions):
    """The line of each instruction that has one."""
    found = {}
    line = None
    for item in instructions:
        positions = getattr(item, "positions", None)
        if positions is not None:
            line = positions.lineno
        elif item.starts_line is not None:
            line = item.starts_line
        if line is not None and item.opname not in ("RESUME", "NOP", "CACHE", "COPY_FREE_VARS"):
            found[item.offset] = line
    return found


def position(item, line_of, part):
    positions = getattr(item, "positions", None)
    if positions is None or positions.col_offset is None:
        # Before Python 3.11 there are lines only: each jump is a condition of its own.
        # (3.10 has some twice, which cannot be told apart.)
        part = str(item.offset) if sys.version_info < (3, 10) else ""
        return (line_of.get(item.offset, 0), 0, 0, 0, part)
    return (
        positions.lineno,
        positions.col_offset,
        positions.end_lineno,
        positions.end_col_offset,
        part,
    )


class File:
    """A traced file: its text, its loops, its code objects."""

    def __init__(self, path):
        self.path = path
        self.codes = {}
        with open(path, "rb") as file:
            source = file.read()
        tree = ast.parse(source, path)
        self.text = source.decode("utf-8", "replace").splitlines()
        # Where the compiler says that a loop stands: the statement, or what it goes through.
        self.loops = set()
        for node in ast.walk(tree):
            if isinstance(node, (ast.For, ast.AsyncFor)):
                for part in (node, node.iter):
                    self.loops.add((part.lineno, part.col_offset))
                    if sys.version_info < (3, 11):
                        self.loops.add((part.lineno, 0))
        self.add(compile(source, path, "exec", dont_inherit=True))

    def add(self, code):
        self.codes[key(code)] = Code(code, self.loops)
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                self.add(constant)

    def words(self, place):
        line, start, last, end, _ = place
        if not 0 < line <= len(self.text):
            return ""
        text = self.text[line - 1].encode()
        text = text[start:end] if last == line and end > start else text[start:]
        return text.decode("utf-8", "replace").strip().rstrip(":")

    def report(self):
        lines, ran, possible, outcomes = set(), set(), {}, set()
        for code in self.codes.values():
            offsets, seen = code.seen()
            lines.update(code.line_of.values())
            ran.update(code.line_of[o] for o in offsets if o in code.line_of)
            outcomes |= seen
            for place, outcome in code.possible():
                possible.setdefault(place, set()).add(outcome)
        return {
            "path": self.path,
            "lines": sorted(lines),
            "missed": sorted(lines - ran),
            "branches": [
                {
                    "line": place[0],
                    "text": self.words(place),
                    "outcomes": sorted(found),
                    "missed": sorted(o for o in found if (place, o) not in outcomes),
                }
                for place, found in sorted(possible.items())
            ],
        }


def key(code):
    return (code.co_name, code.co_firstlineno, code.co_code)


class Observer:
    def __init__(self, root, script):
        self.root = root
        self.files = {script: File(script)}
        self.infos = {}

    def info(self, code):
        path = code.co_filename
        own = path.startswith(self.root) and path.endswith(".py") and "site-packages" not in path
        if not own:
            return None
        if path not in self.files:
            try:
                self.files[path] = File(path)
            except (OSError, SyntaxError, ValueError):
                return None
        return self.files[path].codes.get(key(code))

    def of(self, code):
        """What is to be seen in a code object; None where there is nothing more."""
        try:
            info = self.infos[code]
        except KeyError:
            info = self.infos[code] = self.info(code)
        if info is None or info.full:
            return None
        return info

    def enter(self, info):
        """Counts a call; now and then looks whether all has been seen."""
        info.calls += 1
        if info.calls % 64 == 0:
            info.full = info.is_full()
        return not info.full

    # Before Python 3.12: by frames.
    def trace(self, frame, event, arg):
        info = self.of(frame.f_code)
        if info is None or not self.enter(info):
            return None
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        arcs, real, previous = info.arcs, info.real, -1

        def local(frame, event, arg):
            nonlocal previous
            if event == "opcode":
                offset = real.get(frame.f_lasti, frame.f_lasti)
                arcs.add((previous, offset))
                previous = offset
            elif event == "exception":
                previous = -1
            return local

        return local

    # From Python 3.12 on: by instructions, wherever they run.
    def instruction(self, code, offset):
        info = self.of(code)
        if info is None:
            return sys.monitoring.DISABLE
        if offset == info.first and not self.enter(info):
            return sys.monitoring.DISABLE
        offset = info.real.get(offset, offset)
        previous_code, previous = self.last
        info.arcs.add((previous if previous_code is code else -1, offset))
        self.last = (code, offset)
        return None

    def start(self):
        if sys.version_info < (3, 12):
            sys.settrace(self.trace)
            return
        monitoring = sys.monitoring
        self.last = (None, -1)
        monitoring.use_tool_id(monitoring.COVERAGE_ID, "migrate")
        event = monitoring.events.INSTRUCTION
        monitoring.register_callback(monitoring.COVERAGE_ID, event, self.instruction)
        monitoring.set_events(monitoring.COVERAGE_ID, event)

    def stop(self):
        if sys.version_info < (3, 12):
            sys.settrace(None)
        else:
            sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, 0)


def start(root, script):
    global observer
    observer = Observer(root, script)
    observer.start()


def report():
    observer.stop()
    return json.dumps([file.report() for _, file in sorted(observer.files.items())])
