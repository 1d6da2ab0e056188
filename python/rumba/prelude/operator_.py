"""`operator`: the functions that `itemgetter` makes."""

import operator

from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import implements
from rumba.types import Literal


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
