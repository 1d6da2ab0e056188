"""Tells who wants to know about every compilation.

    with rumba.events.recorded() as compilations:
        f(1, 2)
    assert [event.name for event in compilations] == ["f"]
"""

from collections import namedtuple
from contextlib import contextmanager

from rumba._core import compile_listeners

Compilation = namedtuple("Compilation", ["name", "signature", "seconds"])
Compilation.__doc__ = "One specialisation: the function's name, its argument types, and how long it took."


def add_listener(listener):
    """Calls `listener(name, signature, seconds)` after each compilation, in the thread that compiled."""
    compile_listeners.append(listener)


def remove_listener(listener):
    compile_listeners.remove(listener)


@contextmanager
def recorded():
    """Collects the compilations of the block, of all threads, in a list."""
    compilations = []

    def record(*event):
        compilations.append(Compilation(*event))

    add_listener(record)
    try:
        yield compilations
    finally:
        remove_listener(record)
