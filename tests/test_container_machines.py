"""Random sequences of operations on every container: compiled code and the interpreter do what CPython alone does.

`RUMBA_OPERATIONS=10000000 pytest tests/test_container_machines.py` runs so many operations on each kind of container.
"""

import os
from collections import Counter, OrderedDict, defaultdict, deque

import container_machines as machines
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rumba import _core, njit, typed, types

N_OPERATIONS = int(os.environ.get("RUMBA_OPERATIONS", 4000))
CODES = 24

ELEMENT_TYPES = {
    "int": types.int64,
    "float": types.float64,
    "text": types.unicode_type,
    "pair": types.Tuple((types.int64, types.unicode_type)),
    "row": types.ListType(types.int64),
}


def ordinary(container):
    """What a container of `rumba.typed` holds, as one of Python."""
    match container:
        case typed.List():
            return list(container)
        case typed.Dict():
            return dict(container.items())
        case typed.Set():
            return set(container)
    return container


#: By name: the machine, the kinds of elements, and two containers of a kind that are equal: for compiled code, and for CPython.
MACHINES = {
    "list": (machines.list_machine, ["int", "float", "text", "pair", "row"], lambda kind: (START[kind](), START[kind]())),
    "typed.List": (machines.list_machine, ["int", "float", "text", "pair"], lambda kind: (
        typed.List(START[kind]()), START[kind]())),
    "deque": (machines.deque_machine, ["int", "text", "pair"], lambda kind: (deque(START[kind]()), deque(START[kind]()))),
    "deque of a length": (machines.deque_machine, ["int", "text"], lambda kind: (
        deque(START[kind](), 7), deque(START[kind](), 7))),
    "dict": (machines.dict_machine, ["int", "float", "text", "pair"], lambda kind: (
        dict.fromkeys(START[kind](), 1), dict.fromkeys(START[kind](), 1))),
    "typed.Dict": (machines.dict_machine, ["int", "float", "text", "pair"], lambda kind: (
        typed.Dict(dict.fromkeys(START[kind](), 1)), dict.fromkeys(START[kind](), 1))),
    "OrderedDict": (machines.ordered_machine, ["int", "text", "pair"], lambda kind: (
        OrderedDict.fromkeys(START[kind](), 1), OrderedDict.fromkeys(START[kind](), 1))),
    "Counter": (machines.counter_machine, ["int", "text", "pair"], lambda kind: (
        Counter(START[kind]()), Counter(START[kind]()))),
    "defaultdict": (machines.groups_machine, ["int", "text", "pair"], lambda kind: (
        defaultdict(list, {key: [1] for key in START[kind]()}), defaultdict(list, {key: [1] for key in START[kind]()}))),
    "set": (machines.set_machine, ["int", "float", "text", "pair"], lambda kind: (
        set(START[kind]()), set(START[kind]()))),
    "typed.Set": (machines.set_machine, ["int", "float", "text", "pair"], lambda kind: (
        typed.Set(START[kind]()), set(START[kind]()))),
}  # fmt: skip

#: A container that is converted tells its type by what it holds, so that it holds something at the start.
START = {kind: (lambda make=machines.element(kind, lambda f: f)[0]: [make(3), make(4)]) for kind in ELEMENT_TYPES}

_MADE = {}


def made(name, kind):
    """The machine of plain functions and the compiled one, each made once."""
    if (name, kind) not in _MADE:
        build = MACHINES[name][0]
        plain = build(*machines.element(kind, lambda f: f), lambda f: f)
        compiled = build(*machines.element(kind, njit), njit)
        _MADE[name, kind] = plain, compiled
        # Compiling makes constants, which stay.
        few = np.arange(CODES)
        check(name, kind, few, few, few, 1)
    return _MADE[name, kind]


def check(name, kind, codes, xs, ys, n_chunks):
    """Runs a sequence in parts, by turns in compiled code and in the interpreter, on one container, and in CPython on another."""
    plain, compiled = made(name, kind)
    container, model = MACHINES[name][2](kind)
    bounds = np.linspace(0, len(codes), n_chunks + 1).astype(int)
    for idx, (start, stop) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        part = slice(start, stop)
        arrays = codes[part], xs[part], ys[part]
        lists = [array.tolist() for array in arrays]
        if not model and not isinstance(container, (typed.List, typed.Dict, typed.Set)):
            # What holds nothing has no type; it gets something to hold, in both.
            container, model = MACHINES[name][2](kind)
        found = compiled(container, *arrays) if idx % 4 != 3 else plain(container, *lists)
        assert found == plain(model, *lists)
        assert ordinary(container) == model
        if isinstance(model, (dict, OrderedDict)):
            assert list(container) == list(model)


def check_without_leaks(name, kind, *sequence):
    before = _core.live_allocations()
    check(name, kind, *sequence)
    assert _core.live_allocations() == before


PAIRS = [(name, kind) for name, (_, kinds, _) in MACHINES.items() for kind in kinds]


@pytest.mark.parametrize("name, kind", PAIRS)
def test_many_operations(name, kind):
    n = N_OPERATIONS // len(MACHINES[name][1])
    rng = np.random.default_rng([ord(c) for c in name + kind])
    # Parts of a length: enough that containers fill and empty, and cross the boundary.
    for start in range(0, n, 100_000):
        size = min(100_000, n - start)
        codes = rng.integers(0, CODES, size)
        xs, ys = rng.integers(0, 40, size), rng.integers(0, 12, size)
        check_without_leaks(name, kind, codes, xs, ys, max(size // 500, 4))


OPERATIONS = st.lists(st.tuples(st.integers(0, CODES - 1), st.integers(0, 6), st.integers(0, 6)), max_size=12)


@pytest.mark.parametrize("name, kind", [pair for pair in PAIRS if pair[1] in ("text", "pair", "row")])
def test_few_operations(name, kind):
    """A sequence that fails is made as short as it can be."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(OPERATIONS)
    def run(operations):
        codes, xs, ys = np.array(operations, dtype=np.int64).reshape(-1, 3).T.copy()
        check(name, kind, codes, xs, ys, 2)

    run()
