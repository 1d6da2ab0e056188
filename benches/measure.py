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


def geometric_mean(values):
    return statistics.geometric_mean(values)
