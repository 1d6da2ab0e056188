"""`itertools`, as generators.

The length of a tuple is part of its type: how many items `permutations` and its kin take has to be a constant, or the
length of the tuple that they take items from.
"""

import itertools

from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import always, implements
from rumba.types import BaseTuple, IntegerLiteral, NoneType


@always(itertools.count)
def count(start=0, step=1):
    value = start
    while True:
        yield value
        value += step


@always(itertools.cycle)
def cycle(iterable, /):
    items = list(iterable)
    while len(items) > 0:
        for item in items:
            yield item


@implements(itertools.repeat)
def choose_repeat(object, times=None):
    if times is None:

        def repeat(object, times=None):
            while True:
                yield object

    else:

        def repeat(object, times=None):
            for _ in range(times):
                yield object

    return repeat


@implements(itertools.accumulate)
def choose_accumulate(iterable, func=None, *, initial=None):
    is_sum = func is None or isinstance(func, NoneType)
    if initial is None or isinstance(initial, NoneType):

        def accumulate(iterable, func=None, *, initial=None):
            is_first = True
            for item in iterable:
                if is_first:
                    value = item
                    is_first = False
                elif is_sum:
                    value = value + item
                else:
                    value = func(value, item)
                yield value

    else:

        def accumulate(iterable, func=None, *, initial=None):
            value = initial
            yield value
            for item in iterable:
                if is_sum:
                    value = value + item
                else:
                    value = func(value, item)
                yield value

    return accumulate


@implements(itertools.chain)
def choose_chain(*iterables):
    if not iterables:
        raise TypingError("what is chained has to be known")
    if len(iterables) == 1:

        def chain(*iterables):
            for item in iterables[0]:
                yield item

    elif len(iterables) == 2:

        def chain(*iterables):
            for item in iterables[0]:
                yield item
            for item in iterables[1]:
                yield item

    else:

        def chain(*iterables):
            for item in iterables[0]:
                yield item
            for item in itertools.chain(*iterables[1:]):
                yield item

    return chain


@always("itertools.chain.from_iterable")
def from_iterable(iterable, /):
    for items in iterable:
        for item in items:
            yield item


@always(itertools.compress)
def compress(data, selectors):
    for item, is_selected in zip(data, selectors):
        if is_selected:
            yield item


@always(itertools.takewhile)
def takewhile(predicate, iterable, /):
    for item in iterable:
        if not predicate(item):
            break
        yield item


@always(itertools.dropwhile)
def dropwhile(predicate, iterable, /):
    is_dropping = True
    for item in iterable:
        if is_dropping and predicate(item):
            continue
        is_dropping = False
        yield item


@implements(itertools.filterfalse)
def choose_filterfalse(function, iterable, /):
    if isinstance(function, NoneType):

        def filterfalse(function, iterable, /):
            for item in iterable:
                if not item:
                    yield item

    else:

        def filterfalse(function, iterable, /):
            for item in iterable:
                if not function(item):
                    yield item

    return filterfalse


@always(itertools.starmap)
def starmap(function, iterable, /):
    for arguments in iterable:
        yield function(*arguments)


@implements(itertools.groupby)
def choose_groupby(iterable, key=None):
    is_plain = key is None or isinstance(key, NoneType)

    def groupby(iterable, key=None):
        is_first = True
        for item in iterable:
            current = item if is_plain else key(item)
            if is_first:
                is_first = False
                group = [item]
            elif current == previous:
                group.append(item)
            else:
                # A list in place of an iterator, which ends when the next group is asked for.
                yield previous, group
                group = [item]
            previous = current
        if not is_first:
            yield previous, group

    return groupby


@register_jitable
def _slice(iterable, start, stop, step):
    if start < 0 or stop < -1:
        raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    if step < 1:
        raise ValueError("Step for islice() must be a positive integer or None.")
    wanted = start
    position = 0
    if stop < 0 or position < stop:
        for item in iterable:
            if position == wanted:
                yield item
                wanted += step
            position += 1
            # The next item is not asked for if it is not needed.
            if stop >= 0 and (position >= stop or wanted >= stop):
                break


@implements(itertools.islice)
def choose_islice(iterable, start, *rest):
    """The end of all is -1."""
    if not rest:

        def islice(iterable, stop, /):
            return _slice(iterable, 0, -1 if stop is None else stop, 1)

    elif len(rest) == 1:

        def islice(iterable, start, stop, /):
            return _slice(iterable, 0 if start is None else start, -1 if stop is None else stop, 1)

    else:

        def islice(iterable, start, stop, step, /):
            return _slice(
                iterable, 0 if start is None else start, -1 if stop is None else stop, 1 if step is None else step
            )

    return islice


@always(itertools.pairwise)
def pairwise(iterable, /):
    is_first = True
    for item in iterable:
        if is_first:
            is_first = False
        else:
            yield before, item
        before = item


def _lists(n):
    """A function that makes `n` lists of as many iterables, as a tuple."""
    if n == 0:
        return register_jitable(lambda iterables: ())
    others = _lists(n - 1)
    return register_jitable(lambda iterables: (*others(iterables), list(iterables[n - 1])))


def _items_or(n):
    """A function that gives what `n` lists have at a position, as a tuple."""
    if n == 0:
        return register_jitable(lambda lists, position, fillvalue: ())
    others = _items_or(n - 1)

    @register_jitable
    def items(lists, position, fillvalue):
        own = lists[n - 1]
        return (*others(lists, position, fillvalue), own[position] if position < len(own) else fillvalue)

    return items


def _longest(n):
    if n == 0:
        return register_jitable(lambda lists: 0)
    others = _longest(n - 1)
    return register_jitable(lambda lists: max(others(lists), len(lists[n - 1])))


@implements(itertools.zip_longest)
def choose_zip_longest(*iterables, fillvalue=None):
    n = len(iterables)
    lists_of, items_at, longest = _lists(n), _items_or(n), _longest(n)

    def zip_longest(*iterables, fillvalue=None):
        lists = lists_of(iterables)
        for position in range(longest(lists)):
            yield items_at(lists, position, fillvalue)

    return zip_longest


def _iterators_of(n):
    """A function that makes `n` iterators over a list, as a tuple."""
    if n == 0:
        return register_jitable(lambda items: ())
    others = _iterators_of(n - 1)
    return register_jitable(lambda items: (*others(items), iter(items)))


@implements(itertools.tee, prefer_literal=True)
def choose_tee(iterable, n=None, /):
    if n is not None and not isinstance(n, IntegerLiteral):
        raise TypingError("how many iterators tee() makes has to be a constant: it is the length of a tuple")
    iterators_of = _iterators_of(2 if n is None else n.literal_value)
    if n is None:
        return lambda iterable, /: iterators_of(list(iterable))
    return lambda iterable, n, /: iterators_of(list(iterable))


def _picker(n):
    """A function that gives the items at `n` positions as a tuple."""
    if n == 0:
        return register_jitable(lambda items, positions: ())
    others = _picker(n - 1)
    return register_jitable(lambda items, positions: (*others(items, positions), items[positions[n - 1]]))


def _n_items(iterable, r):
    if isinstance(r, IntegerLiteral) and r.literal_value >= 0:
        return r.literal_value
    if (r is None or isinstance(r, NoneType)) and isinstance(iterable, BaseTuple):
        return len(iterable)
    raise TypingError("how many items are taken has to be a constant: it is the length of a tuple")


@implements(itertools.permutations, prefer_literal=True)
def choose_permutations(iterable, r=None):
    n_taken = _n_items(iterable, r)
    pick = _picker(n_taken)

    def permutations(iterable, r=None):
        items = list(iterable)
        n_items = len(items)
        positions = [-1] * (n_taken + 1)
        is_taken = [False] * n_items
        if n_taken == 0:
            yield pick(items, positions)
            return
        # The position at `depth` goes on to the next one that is free; those behind it begin anew.
        depth = 0
        while depth >= 0:
            position = positions[depth]
            if position >= 0:
                is_taken[position] = False
            position += 1
            while position < n_items and is_taken[position]:
                position += 1
            if position == n_items:
                positions[depth] = -1
                depth -= 1
                continue
            positions[depth] = position
            is_taken[position] = True
            if depth == n_taken - 1:
                yield pick(items, positions)
            else:
                depth += 1

    return permutations


def _combine(iterable, r, distance):
    """Positions that increase, each by `distance` at least."""
    n_taken = _n_items(iterable, r)
    pick = _picker(n_taken)

    def combinations(iterable, r):
        items = list(iterable)
        n_items = len(items)
        positions = [idx * distance for idx in range(n_taken)]
        if n_taken > 0 and (n_items == 0 or positions[-1] >= n_items):
            return
        while True:
            yield pick(items, positions)
            last = n_taken - 1
            while last >= 0 and positions[last] == n_items - 1 - (n_taken - 1 - last) * distance:
                last -= 1
            if last < 0:
                return
            position = positions[last] + 1
            for idx in range(last, n_taken):
                positions[idx] = position
                position += distance

    return combinations


@implements(itertools.combinations, prefer_literal=True)
def choose_combinations(iterable, r):
    return _combine(iterable, r, 1)


@implements(itertools.combinations_with_replacement, prefer_literal=True)
def choose_combinations_with_replacement(iterable, r):
    return _combine(iterable, r, 0)


@implements(itertools.product, prefer_literal=True)
def choose_product(*iterables, repeat=None):
    n_repeated = 1 if repeat is None else _n_items(None, repeat)
    if not iterables or n_repeated == 0:

        def product(*iterables, repeat=1):
            yield ()

    elif len(iterables) == 1 and n_repeated == 1:

        def product(*iterables, repeat=1):
            for item in list(iterables[0]):
                yield (item,)

    elif n_repeated == 1:

        def product(*iterables, repeat=1):
            others = list(itertools.product(*iterables[1:]))
            for item in list(iterables[0]):
                for more in others:
                    yield (item, *more)

    else:

        def product(*iterables, repeat=1):
            return itertools.product(*(iterables * n_repeated))

    return product
