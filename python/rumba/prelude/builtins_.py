"""Python's built-in functions that make iterators: `map`, `filter`, `iter`, `zip`; sorting; others that the library lacks."""

import builtins

from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import always, implements
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


@register_jitable
def _iterators(iterables):
    if len(iterables) == 0:
        return ()
    return (iter(iterables[0]), *_iterators(iterables[1:]))


@register_jitable
def _next_items(iterators):
    if len(iterators) == 0:
        return ()
    return (next(iterators[0]), *_next_items(iterators[1:]))


@implements(builtins.zip)
def choose_zip(*iterables, strict=False):
    # Asked for where generators may be the same one.
    def zip(*iterables, strict=False):
        iterators = _iterators(iterables)
        while True:
            try:
                items = _next_items(iterators)
            except StopIteration:
                return
            yield items

    return zip


@always("builtins.dict.fromkeys")
def fromkeys(iterable, value, /):
    return {key: value for key in iterable}


@register_jitable
def _merge(keys, left, right, reverse):
    """The positions of two sorted runs as one. Of equal items, those of the left run come first."""
    merged = []
    i = j = 0
    while i < len(left) and j < len(right):
        a, b = keys[left[i]], keys[right[j]]
        if (a < b) if reverse else (b < a):
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    merged.extend(left[i:])
    merged.extend(right[j:])
    return merged


@always("builtins.list.sort")
def sort(items, keys, reverse):
    """Sorts a list by keys that the runtime cannot compare, such as lists: they are merged in ever longer runs."""
    runs = [[position] for position in range(len(keys))]
    while len(runs) > 1:
        longer = [_merge(keys, runs[i], runs[i + 1], reverse) for i in range(0, len(runs) - 1, 2)]
        if len(runs) % 2:
            longer.append(runs[-1])
        runs = longer
    if runs:
        items[:] = [items[position] for position in runs[0]]
