"""`heapq`: binary heaps in lists.

The comparisons are `<` of two items, in the order that CPython makes them, so that heaps come out as its do.
"""

import heapq

from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import implements
from rumba.types import List, NoneType


@register_jitable
def _sift_to_root(heap, start, position):
    """Moves the item at `position` up, as long as it is smaller than what is above it."""
    item = heap[position]
    while position > start:
        above = (position - 1) >> 1
        if not item < heap[above]:
            break
        heap[position] = heap[above]
        position = above
    heap[position] = item


@register_jitable
def _sift_to_leaf(heap, position):
    """Moves the item at `position` down to a leaf by the smaller children, and up from there to its place."""
    length = len(heap)
    start = position
    item = heap[position]
    child = 2 * position + 1
    while child < length:
        if child + 1 < length and not heap[child] < heap[child + 1]:
            child += 1
        heap[position] = heap[child]
        position = child
        child = 2 * position + 1
    heap[position] = item
    _sift_to_root(heap, start, position)


@register_jitable
def _heapify(heap):
    for position in range(len(heap) // 2 - 1, -1, -1):
        _sift_to_leaf(heap, position)


@register_jitable
def _push(heap, item):
    heap.append(item)
    _sift_to_root(heap, 0, len(heap) - 1)


@register_jitable
def _pop(heap):
    last = heap.pop()
    if len(heap) == 0:
        return last
    smallest = heap[0]
    heap[0] = last
    _sift_to_leaf(heap, 0)
    return smallest


def _of_heaps(func):
    def register(function):
        @implements(func)
        def choose(heap, *_):
            if not isinstance(heap, List):
                raise TypingError("a heap is a list")
            return function

        return function

    return register


@_of_heaps(heapq.heappush)
def heappush(heap, item, /):
    _push(heap, item)


@_of_heaps(heapq.heappop)
def heappop(heap, /):
    if len(heap) == 0:
        raise IndexError("index out of range")
    return _pop(heap)


@_of_heaps(heapq.heapify)
def heapify(heap, /):
    _heapify(heap)


@_of_heaps(heapq.heapreplace)
def heapreplace(heap, item, /):
    if len(heap) == 0:
        raise IndexError("index out of range")
    smallest = heap[0]
    heap[0] = item
    _sift_to_leaf(heap, 0)
    return smallest


@_of_heaps(heapq.heappushpop)
def heappushpop(heap, item, /):
    if len(heap) == 0 or not heap[0] < item:
        return item
    smallest = heap[0]
    heap[0] = item
    _sift_to_leaf(heap, 0)
    return smallest


@implements(heapq.nsmallest)
def choose_nsmallest(n, iterable, key=None):
    # Both sort stably, which is what they are defined by.
    if key is None or isinstance(key, NoneType):

        def nsmallest(n, iterable, key=None):
            return sorted(iterable)[: max(n, 0)]

    else:

        def nsmallest(n, iterable, key=None):
            return sorted(iterable, key=key)[: max(n, 0)]

    return nsmallest


@implements(heapq.nlargest)
def choose_nlargest(n, iterable, key=None):
    if key is None or isinstance(key, NoneType):

        def nlargest(n, iterable, key=None):
            return sorted(iterable, reverse=True)[: max(n, 0)]

    else:

        def nlargest(n, iterable, key=None):
            return sorted(iterable, key=key, reverse=True)[: max(n, 0)]

    return nlargest


def _reader(n):
    """A function that appends the items of `n` iterables to a list, and where each ends to another."""
    if n == 0:
        return register_jitable(lambda iterables, items, ends: None)
    read_others = _reader(n - 1)

    @register_jitable
    def read(iterables, items, ends):
        read_others(iterables, items, ends)
        items.extend(iterables[n - 1])
        ends.append(len(items))

    return read


@implements(heapq.merge)
def choose_merge(*iterables, key=None, reverse=False):
    if not iterables:
        raise TypingError("what is merged has to be known")
    n = len(iterables)
    read = _reader(n)
    has_key = key is not None and not isinstance(key, NoneType)

    def merge(*iterables, key=None, reverse=False):
        # All is read before the first item is given.
        items = []
        ends = []
        read(iterables, items, ends)
        keys = [key(item) for item in items] if has_key else items
        positions = [0] + ends[:-1]
        while True:
            best = -1
            for idx in range(n):
                position = positions[idx]
                if position == ends[idx]:
                    continue
                if best < 0:
                    best = idx
                elif reverse:
                    if keys[positions[best]] < keys[position]:
                        best = idx
                elif keys[position] < keys[positions[best]]:
                    best = idx
            if best < 0:
                return
            yield items[positions[best]]
            positions[best] += 1

    return merge
