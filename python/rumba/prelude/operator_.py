"""`operator`: the functions that `itemgetter`, `attrgetter` and `methodcaller` make; others that the library lacks."""

import operator

from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import always, implements
from rumba.types import Literal, StringLiteral


def _getter(keys):
    """A function that gives the items at constant keys as a tuple."""
    key = keys[0]
    first = register_jitable(lambda obj: (obj[key],))
    if len(keys) == 1:
        return first
    others = _getter(keys[1:])
    return register_jitable(lambda obj: (*first(obj), *others(obj)))


@implements(operator.itemgetter, prefer_literal=True)
def choose_itemgetter(*items):
    if not items:
        raise TypingError("itemgetter expected 1 argument, got 0")
    if all(isinstance(item, Literal) for item in items):
        # An item of a tuple is found when compiling.
        get = _getter([item.literal_value for item in items])
        if len(items) == 1:
            return lambda *_: lambda obj: get(obj)[0]
        return lambda *_: lambda obj: get(obj)
    if len(items) == 1:
        return lambda item: lambda obj: obj[item]
    if len(items) == 2:
        return lambda first, second: lambda obj: (obj[first], obj[second])
    raise TypingError("three items and more are got at constants")


def _attribute(path):
    """A function that reads a dotted path of attributes."""
    name, _, rest = path.partition(".")
    if not rest:
        return register_jitable(lambda obj: getattr(obj, name))
    read_rest = _attribute(rest)
    return register_jitable(lambda obj: read_rest(getattr(obj, name)))


def _attributes(paths):
    first = _attribute(paths[0])
    if len(paths) == 1:
        return register_jitable(lambda obj: (first(obj),))
    others = _attributes(paths[1:])
    return register_jitable(lambda obj: (first(obj), *others(obj)))


@implements(operator.attrgetter, prefer_literal=True)
def choose_attrgetter(*names):
    if not names or not all(isinstance(name, StringLiteral) for name in names):
        raise TypingError("the names of attributes are constants")
    get = _attributes([name.literal_value for name in names])
    if len(names) == 1:
        return lambda *_: lambda obj: get(obj)[0]
    return lambda *_: lambda obj: get(obj)


@implements(operator.methodcaller, prefer_literal=True)
def choose_methodcaller(name, /, *args):
    if not isinstance(name, StringLiteral):
        raise TypingError("the name of a method is a constant")
    method = name.literal_value
    return lambda _, /, *args: lambda obj: getattr(obj, method)(*args)


@always(operator.delitem)
def delitem(a, b, /):
    del a[b]


@always(operator.concat)
def concat(a, b, /):
    return a + b


@always(operator.countOf)
def count_of(a, b, /):
    count = 0
    for item in a:
        if item == b:
            count += 1
    return count


@always(operator.indexOf)
def index_of(a, b, /):
    for position, item in enumerate(a):
        if item == b:
            return position
    raise ValueError("sequence.index(x): x not in sequence")


@always(operator.call)
def call(obj, /, *args, **keywords):
    return obj(*args, **keywords)


@always(operator.length_hint)
def length_hint(obj, default=0, /):
    return len(obj)
