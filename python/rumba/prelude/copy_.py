"""`copy`: values that cannot be changed are their own copies."""

import copy

from rumba.errors import TypingError
from rumba.prelude import implements
from rumba.types import Array, BaseTuple, Container, DictType, List, NamedTuple, Set


def _is_mutable(ty):
    """Whether something in a value of this type may be changed."""
    return isinstance(ty, (Array, List, Set, DictType)) or isinstance(ty, BaseTuple) and any(map(_is_mutable, ty))


@implements(copy.copy)
def choose_copy(x):
    if isinstance(x, (Array, List, Set, DictType)):
        return lambda x: x.copy()
    return lambda x: x


@implements(copy.deepcopy)
def choose_deepcopy(x):
    if not isinstance(x, (Array, Container)) or not _is_mutable(x):
        return lambda x: x
    if isinstance(x, List) and _is_mutable(x.dtype):
        return lambda x: [copy.deepcopy(item) for item in x]
    if isinstance(x, DictType) and _is_mutable(x.value_type):
        return lambda x: {key: copy.deepcopy(value) for key, value in x.items()}
    if isinstance(x, NamedTuple):
        raise TypingError("a named tuple with arrays or containers is copied field by field")
    if isinstance(x, BaseTuple):
        return lambda x: (copy.deepcopy(x[0]), *copy.deepcopy(x[1:]))
    return lambda x: x.copy()
