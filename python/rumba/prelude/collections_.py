"""`collections`: the methods and operators of `Counter` and `OrderedDict` that need no rule of the compiler.

The dicts themselves are the library's (`rumba_library/src/containers/collections.rs`), which also says which of their
methods are here.
"""

import sys
from collections import Counter

from rumba.extending import register_jitable
from rumba.prelude import implements
from rumba.types import Deque, DictType, NoneType


def _method(path):
    def register(function):
        implements(f"collections.{path}")(lambda *args, **keywords: function)
        return function

    return register


@_method("OrderedDict.move_to_end")
def move_to_end(self, key, last=True):
    value = self.pop(key)
    if last:
        self[key] = value
        return
    others = list(self.items())
    self.clear()
    self[key] = value
    for other, value in others:
        self[other] = value


@_method("Counter.most_common")
def most_common(self, n=None):
    # Both sort stably, so that equal counts stay in the order of their keys.
    items = sorted(self.items(), key=lambda item: item[1], reverse=True)
    if n is None:
        return items
    return items[: max(n, 0)]


@_method("Counter.elements")
def elements(self):
    for key, count in self.items():
        for _ in range(count):
            yield key


@_method("Counter.total")
def total(self):
    return sum(self.values())


@_method("deque.extend")
def extend(self, iterable):
    # The items may be the deque's own.
    for item in list(iterable):
        self.append(item)


@_method("deque.extendleft")
def extendleft(self, iterable):
    for item in list(iterable):
        self.appendleft(item)


@_method("deque.rotate")
def rotate(self, n=1):
    length = len(self)
    if length < 2:
        return
    n %= length
    if n <= length - n:
        for _ in range(n):
            self.appendleft(self.pop())
    else:
        for _ in range(length - n):
            self.append(self.popleft())


@_method("deque.index")
def index(self, x, start=0, stop=sys.maxsize):
    length = len(self)
    if start < 0:
        start = max(start + length, 0)
    if stop < 0:
        stop += length
    for position in range(start, min(stop, length)):
        if self[position] == x:
            return position
    raise ValueError(f"{x!r} is not in deque")


@_method("deque.add")
def add_deques(self, other):
    result = self.copy()
    result.extend(other)
    return result


@_method("deque.iadd")
def iadd_deque(self, other):
    self.extend(other)
    return self


@_method("deque.imul")
def imul_deque(self, n):
    if n <= 0:
        self.clear()
    items = list(self)
    for _ in range(n - 1):
        self.extend(items)
    return self


@register_jitable
def _repeated(deque, n):
    result = deque.copy()
    result *= n
    return result


@implements("collections.deque.mul")
def choose_mul(a, b):
    if isinstance(a, Deque):
        return lambda a, b: _repeated(a, b)
    return lambda a, b: _repeated(b, a)


def _of_counts(path, of_items, of_counts):
    @implements(f"collections.Counter.{path}")
    def choose(self, iterable=None):
        if iterable is None or isinstance(iterable, NoneType):
            return lambda self, iterable=None: None
        return of_counts if isinstance(iterable, DictType) else of_items


def _update(self, iterable=None):
    for item in iterable:
        self[item] += 1


def _update_counts(self, iterable=None):
    for key, count in iterable.items():
        self[key] += count


def _subtract(self, iterable=None):
    for item in iterable:
        self[item] -= 1


def _subtract_counts(self, iterable=None):
    for key, count in iterable.items():
        self[key] -= count


_of_counts("update", _update, _update_counts)
_of_counts("subtract", _subtract, _subtract_counts)


@register_jitable
def _positive(counts):
    """Those with counts above zero."""
    result = Counter()
    for key, count in counts.items():
        if count > 0:
            result[key] = count
    return result


@register_jitable
def _keep_positive(counts):
    for key in [key for key, count in counts.items() if not count > 0]:
        counts.pop(key)
    return counts


@_method("Counter.add")
def add(self, other):
    result = Counter()
    for key, count in self.items():
        new = count + other[key]
        if new > 0:
            result[key] = new
    for key, count in other.items():
        if key not in self and count > 0:
            result[key] = count
    return result


@_method("Counter.sub")
def sub(self, other):
    result = Counter()
    for key, count in self.items():
        new = count - other[key]
        if new > 0:
            result[key] = new
    for key, count in other.items():
        if key not in self and count < 0:
            result[key] = 0 - count
    return result


@_method("Counter.or_")
def or_(self, other):
    result = Counter()
    for key, count in self.items():
        new = max(count, other[key])
        if new > 0:
            result[key] = new
    for key, count in other.items():
        if key not in self and count > 0:
            result[key] = count
    return result


@_method("Counter.and_")
def and_(self, other):
    result = Counter()
    for key, count in self.items():
        new = min(count, other[key])
        if new > 0:
            result[key] = new
    return result


@_method("Counter.pos")
def pos(self):
    return _positive(self)


@_method("Counter.neg")
def neg(self):
    result = Counter()
    for key, count in self.items():
        if count < 0:
            result[key] = 0 - count
    return result


@_method("Counter.iadd")
def iadd(self, other):
    for key, count in other.items():
        self[key] += count
    return _keep_positive(self)


@_method("Counter.isub")
def isub(self, other):
    for key, count in other.items():
        self[key] -= count
    return _keep_positive(self)


@_method("Counter.ior")
def ior(self, other):
    for key, count in other.items():
        if count > self[key]:
            self[key] = count
    return _keep_positive(self)


@_method("Counter.iand")
def iand(self, other):
    for key, count in self.items():
        if other[key] < count:
            self[key] = other[key]
    return _keep_positive(self)


@_method("Counter.delitem")
def delitem(self, key):
    if key in self:
        self.pop(key)


@register_jitable
def _is_included(counts, other):
    """Whether no count is above that of the other; what is missing counts as zero."""
    for key, count in counts.items():
        if not count <= other[key]:
            return False
    for key, count in other.items():
        if key not in counts and not 0 <= count:
            return False
    return True


@register_jitable
def _is_equal(counts, other):
    for key, count in counts.items():
        if not count == other[key]:
            return False
    for key, count in other.items():
        if key not in counts and not count == 0:
            return False
    return True


@_method("Counter.eq")
def eq(self, other):
    return _is_equal(self, other)


@_method("Counter.ne")
def ne(self, other):
    return not _is_equal(self, other)


@_method("Counter.le")
def le(self, other):
    return _is_included(self, other)


@_method("Counter.lt")
def lt(self, other):
    return _is_included(self, other) and not _is_equal(self, other)


@_method("Counter.ge")
def ge(self, other):
    return _is_included(other, self)


@_method("Counter.gt")
def gt(self, other):
    return _is_included(other, self) and not _is_equal(self, other)
