"""How to time two things on a machine that others use too.

The two sides take turns, so that a slow moment hits both, and a figure is a median.
"""

import statistics
import time

perf_counter = time.perf_counter


def seconds_of(function, *args):
    start = perf_counter()
    function(*args)
    return perf_counter() - start


def alternate(actions, repetitions):
    """The median result of each action: {name: action returning a number}, run in turns."""
    results = {name: [] for name in actions}
    for turn in range(repetitions):
        names = list(actions)
        # Who goes first changes, too.
        for name in names if turn % 2 == 0 else reversed(names):
            results[name].append(actions[name]())
    return {name: statistics.median(values) for name, values in results.items()}


def repetitions_for(seconds_once, budget=1.5, least=5, most=101):
    return max(least, min(most, int(budget / max(seconds_once, 1e-9))))


#: What one measurement takes at least, so that most of its calls find the caches as their own side leaves them: the sides
#: have memory of their own, but for what Numba and NumPy both get from malloc.
LEAST_SECONDS = 1e-2


def _seconds_of_calls(function, args, n_calls):
    function(*args)
    return seconds_of(_many, function, args, n_calls)


def _many(function, args, n_calls):
    for _ in range(n_calls):
        function(*args)


def call_us(functions, inputs, budget):
    """Medians of what a call takes of each function, {side: function}, with its inputs, {side: arguments}; microseconds."""
    for side, function in functions.items():
        function(*inputs[side])
    once = max(seconds_of(function, *inputs[side]) for side, function in functions.items())
    n_calls = max(1, round(LEAST_SECONDS / once))
    actions = {
        side: lambda side=side, f=f: _seconds_of_calls(f, inputs[side], n_calls) / n_calls * 1e6
        for side, f in functions.items()
    }
    return alternate(actions, repetitions_for(once * (n_calls + 1) * len(functions), budget))


def geometric_mean(values):
    return statistics.geometric_mean(values)
