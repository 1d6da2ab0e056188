"""`bisect`: places in sorted sequences."""

import bisect

from rumba.extending import register_jitable
from rumba.prelude import always


@register_jitable
def _bounds(a, lo, hi):
    if lo < 0:
        raise ValueError("lo must be non-negative")
    return lo, len(a) if hi is None else hi


@register_jitable
def _left(a, x, lo, hi, key):
    low, high = _bounds(a, lo, hi)
    while low < high:
        middle = (low + high) // 2
        item = a[middle] if key is None else key(a[middle])
        if item < x:
            low = middle + 1
        else:
            high = middle
    return low


@register_jitable
def _right(a, x, lo, hi, key):
    low, high = _bounds(a, lo, hi)
    while low < high:
        middle = (low + high) // 2
        item = a[middle] if key is None else key(a[middle])
        if x < item:
            high = middle
        else:
            low = middle + 1
    return low


@always(bisect.bisect_left)
def bisect_left(a, x, lo=0, hi=None, *, key=None):
    return _left(a, x, lo, hi, key)


@always(bisect.bisect_right)
def bisect_right(a, x, lo=0, hi=None, *, key=None):
    return _right(a, x, lo, hi, key)


@always(bisect.insort_left)
def insort_left(a, x, lo=0, hi=None, *, key=None):
    a.insert(_left(a, x if key is None else key(x), lo, hi, key), x)


@always(bisect.insort_right)
def insort_right(a, x, lo=0, hi=None, *, key=None):
    a.insert(_right(a, x if key is None else key(x), lo, hi, key), x)
