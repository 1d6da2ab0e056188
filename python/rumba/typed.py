"""Containers that compiled code and the interpreter share: nothing is converted when they are arguments.

    prices = Dict.empty(types.unicode_type, types.float64)
    prices["tea"] = 2.5

What a container holds is of one type: that of the first item, unless it was made by `empty` or `empty_list`.
"""

import operator
from collections.abc import MutableMapping, MutableSequence, MutableSet
from types import GenericAlias

from rumba import _core
from rumba.signatures import as_type

__all__ = ["Dict", "List", "Set"]


class _Alias(GenericAlias):
    """A class of containers of given types."""

    def __call__(self, *args):
        from rumba.extending import as_numba_type

        made = _EMPTY[self.__origin__.__name__](self.__origin__, *map(as_numba_type, self.__args__))
        if args:
            (made.extend if isinstance(made, List) else made.update)(*args)
        return made


_EMPTY = {
    "List": lambda cls, item: cls.empty_list(item),
    "Dict": lambda cls, key, value: cls.empty(key, value),
    "Set": lambda cls, item: cls.empty(item),
}


class List(_core.TypedList):
    """A list of items of one type."""

    __slots__ = ()
    __hash__ = None

    def __init__(self, iterable=()):
        for item in iterable:
            self.append(item)

    def __class_getitem__(cls, item_type):
        """`List[int64]`: the type of lists of int64 in annotations, and what makes them."""
        return _Alias(cls, item_type)

    @classmethod
    def empty_list(cls, item_type, allocated=0):
        """An empty list of items of a type. `allocated` is a hint without effect."""
        new = cls()
        new._set_type(as_type(item_type))
        return new

    def _typed_like(self, items):
        new = type(self)()
        if self._element_type is not None:
            new._set_type(self._element_type)
        for item in items:
            new.append(item)
        return new

    def _slice(self, index):
        return self._typed_like(self[i] for i in range(*index.indices(len(self))))

    def _set_slice(self, index, value):
        items = self._to_list()
        items[index] = list(value)
        self.clear()
        self.extend(items)

    def _delete_slice(self, index):
        for i in sorted(range(*index.indices(len(self))), reverse=True):
            del self[i]

    def __iter__(self):
        i = 0
        while i < len(self):
            yield self[i]
            i += 1

    def __add__(self, other):
        return self._typed_like([*self, *other])

    def __eq__(self, other):
        if not isinstance(other, (List, list)):
            return NotImplemented
        return self._to_list() == (other._to_list() if isinstance(other, List) else other)

    def _compare(self, other, compare):
        if not isinstance(other, List):
            return NotImplemented
        return compare(self._to_list(), other._to_list())

    def __lt__(self, other):
        return self._compare(other, operator.lt)

    def __le__(self, other):
        return self._compare(other, operator.le)

    def __gt__(self, other):
        return self._compare(other, operator.gt)

    def __ge__(self, other):
        return self._compare(other, operator.ge)

    def __repr__(self):
        return f"List({self._to_list()!r})"

    def __reduce__(self):
        return _restore_list, (type(self), self._element_type, self._to_list())

    def copy(self):
        return self._typed_like(self)

    def sort(self, key=None, reverse=False):
        items = sorted(self, key=key, reverse=reverse)
        for i, item in enumerate(items):
            self[i] = item

    def index(self, value, *bounds):
        return self._to_list().index(value, *bounds)

    def remove(self, value):
        if value not in self:
            raise ValueError("list.remove(x): x not in list")
        del self[self.index(value)]

    extend = MutableSequence.extend
    reverse = MutableSequence.reverse
    count = MutableSequence.count
    __iadd__ = MutableSequence.__iadd__
    __contains__ = MutableSequence.__contains__
    __reversed__ = MutableSequence.__reversed__


def _restore_list(cls, item_type, items):
    return cls(items) if item_type is None else cls.empty_list(item_type)._typed_like(items)


class Dict(_core.TypedTable):
    """A dict whose keys are of one type, and its values of another."""

    __slots__ = ()
    __hash__ = None

    def __init__(self, items=(), /, **named):
        self.update(items, **named)

    def __class_getitem__(cls, parts):
        """`Dict[str, float]`: the type of dicts in annotations, and what makes them."""
        return _Alias(cls, parts)

    @classmethod
    def empty(cls, key_type, value_type, n_keys=0):
        """An empty dict of keys and values of these types. `n_keys` is a hint without effect."""
        new = cls()
        new._set_type(as_type(key_type), as_type(value_type))
        return new

    def __iter__(self):
        return iter([key for key, _ in self._entries()])

    def copy(self):
        new = type(self)()
        if self._types is not None:
            new._set_type(*self._types)
        new.update(self)
        return new

    def __eq__(self, other):
        if not isinstance(other, (Dict, dict)):
            return NotImplemented
        return dict(self._entries()) == (dict(other._entries()) if isinstance(other, Dict) else other)

    def __repr__(self):
        return f"Dict({dict(self._entries())!r})"

    def __reduce__(self):
        return _restore_dict, (type(self), self._types, self._entries())

    def popitem(self):
        if not self:
            raise KeyError("popitem(): dictionary is empty")
        key, value = self._entries()[-1]
        del self[key]
        return key, value

    def pop(self, key, *default):
        if default and key not in self:
            (value,) = default
            return value
        value = self[key]
        del self[key]
        return value

    setdefault = MutableMapping.setdefault
    update = MutableMapping.update
    keys = MutableMapping.keys
    values = MutableMapping.values
    items = MutableMapping.items


def _restore_dict(cls, types, items):
    new = cls() if types is None else cls.empty(*types)
    new.update(items)
    return new


class Set(_core.TypedTable):
    """A set of items of one type."""

    __slots__ = ()
    __hash__ = None

    def __init__(self, iterable=()):
        for item in iterable:
            self._add(item)

    def __class_getitem__(cls, parts):
        """`Set[int]`: the type of sets in annotations, and what makes them."""
        return _Alias(cls, parts)

    @classmethod
    def empty(cls, item_type):
        """An empty set of items of a type."""
        new = cls()
        new._set_type(as_type(item_type))
        return new

    @classmethod
    def _from_iterable(cls, iterable):
        return cls(iterable)

    def add(self, item):
        self._add(item)

    def discard(self, item):
        if item in self:
            del self[item]

    def __iter__(self):
        return iter([item for item, _ in self._entries()])

    def __repr__(self):
        return f"Set({list(self)!r})"

    def __reduce__(self):
        return _restore_set, (type(self), self._types and self._types[0], list(self))

    def update(self, *others):
        for other in others:
            for item in other:
                self._add(item)

    def copy(self):
        return _restore_set(*self.__reduce__()[1])


for _name in "remove pop isdisjoint __eq__ __le__ __lt__ __ge__ __gt__ __and__ __or__ __sub__ __xor__ __ior__ __iand__ __isub__ __ixor__ __rand__ __ror__ __rsub__ __rxor__".split():
    for _base in MutableSet.__mro__:
        if _name in vars(_base):
            setattr(Set, _name, vars(_base)[_name])
            break


def _restore_set(cls, item_type, items):
    new = cls() if item_type is None else cls.empty(item_type)
    new.update(items)
    return new


MutableSequence.register(List)
MutableMapping.register(Dict)
MutableSet.register(Set)
