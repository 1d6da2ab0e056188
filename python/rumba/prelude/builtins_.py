"""Python's built-in functions that make iterators: `map`, `filter`, `iter`, `zip`; others that the library lacks."""

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


@always("builtins.list.sort_by_comparison")
def sort_by_comparison(items, keys, reverse, /):
    # Runs are merged, so that items which are not less than each other stay in their order.
    n_items = len(keys)
    order = list(range(n_items))
    if reverse:
        order.reverse()
    merged = order.copy()
    width = 1
    while width < n_items:
        for start in range(0, n_items, 2 * width):
            middle = min(start + width, n_items)
            end = min(middle + width, n_items)
            left, right = start, middle
            for place in range(start, end):
                if right == end or left < middle and not keys[order[right]] < keys[order[left]]:
                    merged[place] = order[left]
                    left += 1
                else:
                    merged[place] = order[right]
                    right += 1
        order, merged = merged, order
        width *= 2
    if reverse:
        order.reverse()
    unsorted = items.copy()
    for place in range(n_items):
        items[place] = unsorted[order[place]]


@always("builtins.list.contains_by_comparison")
def contains(items, value, /):
    for item in items:
        if item == value:
            return True
    return False


@always("builtins.list.count_by_comparison")
def count(items, value, /):
    n_found = 0
    for item in items:
        if item == value:
            n_found += 1
    return n_found


@always("builtins.list.index_by_comparison")
def index(items, value, start, stop, /):
    n_items = len(items)
    end = n_items if stop is None else stop
    if start < 0:
        start = max(start + n_items, 0)
    if end < 0:
        end += n_items
    for position in range(start, min(end, n_items)):
        if items[position] == value:
            return position
    raise ValueError("list.index(x): x not in list")


@always("builtins.list.remove_by_comparison")
def remove(items, value, /):
    for position in range(len(items)):
        if items[position] == value:
            del items[position]
            return
    raise ValueError("list.remove(x): x not in list")
