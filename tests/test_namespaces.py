"""Classes and `types.SimpleNamespace` objects that only hold constants and functions."""

import enum
import math
import types

import numpy as np
import pytest
from differential import check
from rumba import errors, njit
from rumba.experimental import jitclass


@njit
def half(x):
    return x / 2


class Defaults:
    """Inherited from."""

    rate = 0.5
    steps = 3

    @staticmethod
    def scaled(x):
        return x * Config.rate


class Config(Defaults):
    """Constants and functions of several sorts."""

    rate = 2.5
    name = "abc"
    table = (1, 2, 3)
    weights = np.arange(3.0)
    options = {"a": 1, "b": 2}
    function = half

    class Inner:
        """A class in a class."""

        limit = 7

    class Mode(enum.Enum):
        """An enum in a class."""

        FAST = 1
        SLOW = 2

    @classmethod
    def times_rate(cls, x):
        return x * cls.rate

    def plain(x):
        return x + 1


SETTINGS = types.SimpleNamespace(
    rate=0.25, half=half, inner=types.SimpleNamespace(limit=3, sqrt=math.sqrt), mode=Config.Mode.FAST, config=Config
)


def constants(x):
    return Config.rate * x, Config.steps, Config.name, Config.table[1], Config.weights.sum(), Config.options["b"]


def functions(x):
    return Config.scaled(x), Config.times_rate(x), Config.plain(x), Config.function(x), Defaults.scaled(x)


def nested(x):
    mode = Config.Mode.FAST if x > 1 else Config.Mode.SLOW
    return Config.Inner.limit + x, mode is Config.Mode.FAST, mode == SETTINGS.mode


def of_namespaces(x):
    return SETTINGS.rate * x, SETTINGS.half(x), SETTINGS.inner.sqrt(x), SETTINGS.inner.limit, SETTINGS.config.rate


def by_another_name(x):
    config, settings = Config, SETTINGS
    return config.rate, settings.rate, config is Config, isinstance(x, Config)


@pytest.mark.parametrize("function", [constants, functions, nested, of_namespaces, by_another_name])
def test_programs(function):
    check(function, 4.0)
    check(function, 1.0)


def test_captured_namespaces():
    def make(settings):
        @njit
        def f(x):
            return settings.factor * x

        return f

    twice, thrice = (make(types.SimpleNamespace(factor=n)) for n in (2, 3))
    assert twice(5) == 10 and thrice(5) == 15


def test_jitclasses_that_read_a_namespace():
    @jitclass([])
    class Model:
        """Uses the constants of another class."""

        def __init__(self):
            pass

        def rate(self, x):
            return Config.rate * x

    assert Model().rate(2) == 5.0
    assert njit(lambda: Model().rate(2))() == 5.0


def store(x):
    Config.rate = x


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda x: Config.missing, errors.TypingError, "class Config has no attribute `missing`"),
        (lambda x: SETTINGS.missing, errors.TypingError, "namespace has no attribute `missing`"),
        (lambda x: Config(), errors.TypingError, "instances of `Config` cannot be made in compiled code"),
        (store, errors.UnsupportedError, "attributes of class Config cannot be assigned"),
    ],
)
def test_mistakes(function, error, message):
    with pytest.raises(error, match=message):
        njit(function)(1.0)


@pytest.mark.parametrize("argument", [Config, SETTINGS])
def test_namespaces_are_no_arguments(argument):
    with pytest.raises(errors.TypingError, match="argument `space` of `rate` is"):

        @njit
        def rate(space):
            return space.rate

        rate(argument)
