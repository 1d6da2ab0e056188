"""Python's built-in functions that make iterators: `map`, `filter`, `iter`."""

import builtins

from rumba.errors import TypingError
from rumba.prelude import implements
from rumba.types import NoneType


@implements(builtins.map)
def choose_map(func, *iterables):
    if len(iterables) == 1:

        def map(func, iterable, /):
            for item in iterable:
                yield func(item)

    elif iterables:

        def map(func, /, *iterables):
            for items in zip(*iterables):
                yield func(*items)

    else:
        raise TypingError("map() must have at least two arguments.")
    return map


@implements(builtins.filter)
def choose_filter(function, iterable, /):
    if isinstance(function, NoneType):

        def filter(function, iterable, /):
            for item in iterable:
                if item:
                    yield item

    else:

        def filter(function, iterable, /):
            for item in iterable:
                if function(item):
                    yield item

    return filter


@implements(builtins.iter)
def choose_iter(iterable, /):
    if iterable.kind == "struct":
        # Its own `__iter__` is for extensions.
        return None

    def iter(iterable, /):
        for item in iterable:
            yield item

    return iter
