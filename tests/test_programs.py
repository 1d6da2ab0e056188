"""Whole programs: the examples, the kernels that are benchmarked, and ports give what the interpreter gives."""

import copy
import sys
from pathlib import Path

import numpy as np
import pytest
from differential import as_python, difference

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from examples import PROGRAMS  # noqa: E402
from examples.backends import load  # noqa: E402


@pytest.mark.parametrize("program", PROGRAMS)
def test_example(program):
    compiled, interpreted = load(program, "rumba"), load(program, "interpreter")
    inputs, _ = interpreted.smaller(*interpreted.prepare())
    compiled.check(compiled.kernel(*inputs), interpreted.kernel(*inputs))


def load_kernels(compiler):
    return load("kernels", compiler, folder=ROOT / "benches", package="benches")


def tiny(argument):
    """Little enough for the interpreter; tables that are indexed by value stay whole."""
    if isinstance(argument, np.ndarray):
        return argument.copy() if argument.size <= 256 else argument[(slice(12),) * argument.ndim].copy(order="K")
    return min(argument, 200) if isinstance(argument, int) else argument


KERNELS = load_kernels("interpreter")


@pytest.fixture(scope="module")
def compiled_kernels():
    return load_kernels("rumba")


@pytest.mark.parametrize("name", KERNELS.CASES)
def test_kernel(name, compiled_kernels):
    inputs = [tuple(tiny(a) for a in KERNELS.CASES[name]) for _ in range(2)]
    expected = getattr(KERNELS, name)(*inputs[0])
    result = getattr(compiled_kernels, name)(*inputs[1])
    assert type(result) is type(expected) or isinstance(expected, np.generic)
    # Elementary functions may differ in the last place, and sums of them by a little more.
    for actual, wanted in [(result, expected), *zip(inputs[1], inputs[0])]:
        if wanted is not None:
            np.testing.assert_allclose(actual, wanted, rtol=1e-13)


def load_ports(compiler):
    return load("ported_programs", compiler, folder=ROOT / "tests", package="tests")


PORTS = load_ports("interpreter")


@pytest.fixture(scope="module")
def compiled_ports():
    return load_ports("rumba")


@pytest.mark.parametrize("name", PORTS.PROGRAMS)
def test_port(name, compiled_ports):
    args, ulp = PORTS.PROGRAMS[name]
    inputs = [copy.deepcopy(args) for _ in range(2)]
    expected = as_python(getattr(PORTS, name)(*inputs[0]))
    actual = getattr(compiled_ports, name)(*inputs[1])
    assert difference(actual, expected, ulp) is None
    assert difference(as_python(inputs[1]), as_python(inputs[0])) is None
