# A task as a user writes it.
import math
from collections import deque

LIMIT = 10.0  # volts
WINDOW = deque(maxlen=5)


class Filter:
    """Smooths."""

    def __init__(self, alpha: float = 0.5):
        self.alpha = alpha  # weight
        self.value = None

    # the update
    def update(self, x):
        if self.value is None:
            self.value = x
        else:
            self.value += self.alpha * (x - self.value)
        return self.value


FILTER = Filter()


def process(ctx, input, state, output):
    """Runs each cycle."""
    value = FILTER.update(input.payload.value)

    # clamp
    if value > LIMIT:
        value = LIMIT  # too high
    elif value < -LIMIT:  # too low
        value = -LIMIT

    state.count += 1
    print(f"value {value:.3f} at {ctx.now()}")
    output.payload = {
        "value": value,  # the result
        "angle": math.atan2(value, 1.0),
    }
