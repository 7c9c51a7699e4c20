def adjacent(items):
    """Each item with the next one."""
    return list(zip(items, items[1:]))


def accumulated(items):
    """The running totals."""
    if not items:
        return []
    total = items[0]
    totals = [total]
    for item in items[1:]:
        total += item
        totals.append(total)
    return totals


def accumulated_from(items, initial):
    """The running totals from `initial` on."""
    total = initial
    totals = [total]
    for item in items:
        total += item
        totals.append(total)
    return totals


def accumulated_by(items, step):
    """What `step` makes of all items up to each."""
    if not items:
        return []
    total = items[0]
    results = [total]
    for item in items[1:]:
        total = step(total, item)
        results.append(total)
    return results


def first_items(items, stop):
    """The first `stop` items."""
    if stop < 0:
        raise ValueError("Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    return items[:stop]


def items_between(items, start, stop):
    """The items from `start` to before `stop`."""
    if start < 0 or stop < 0:
        raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    return items[start:stop]


def items_from(items, start):
    """The items from `start` on."""
    if start < 0:
        raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    return items[start:]


def grouped(items):
    """The runs of equal items, each with the item."""
    groups = []
    start = 0
    for i in range(1, len(items) + 1):
        if i == len(items) or items[i] != items[start]:
            groups.append((items[start], items[start:i]))
            start = i
    return groups


def grouped_by(pairs):
    """The runs of items with equal keys, each with the key: of pairs of both."""
    groups = []
    start = 0
    for i in range(1, len(pairs) + 1):
        if i == len(pairs) or pairs[i][0] != pairs[start][0]:
            groups.append((pairs[start][0], [item for _, item in pairs[start:i]]))
            start = i
    return groups


def taken_while(holds, items):
    """The items before the first of which `holds` is false."""
    taken = []
    for item in items:
        if not holds(item):
            break
        taken.append(item)
    return taken


def dropped_while(holds, items):
    """The items from the first of which `holds` is false."""
    left = []
    for item in items:
        if left or not holds(item):
            left.append(item)
    return left


class Count:
    """`itertools.count`: numbers one after the other."""

    def __init__(self, value=0, step=1):
        self.value = value
        self.step = step

    def advance(self):
        value = self.value
        self.value += self.step
        return value


class Cycle:
    """`itertools.cycle`: the items over and over."""

    def __init__(self, items):
        self.items = list(items)
        self.position = 0

    def advance(self):
        item = self.items[self.position]
        self.position = (self.position + 1) % len(self.items)
        return item


class Remaining:
    """The items of `iter(items)` that are left."""

    def __init__(self, items):
        self.items = list(items)
        self.position = 0

    def has_next(self):
        return self.position < len(self.items)

    def advance(self):
        if not self.has_next():
            raise StopIteration
        item = self.items[self.position]
        self.position += 1
        return item
