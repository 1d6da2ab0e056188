"""The extension API: overloads of functions, operators, methods and attributes, and types of extensions."""

import gc
import math
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from differential import difference
from rumba import _core, njit, typeof, types
from rumba.errors import TypingError, UnsupportedError
from rumba.experimental import jitclass, structref
from rumba.extending import (
    as_numba_type,
    box,
    is_jitted,
    lower_cast,
    make_attribute_wrapper,
    models,
    overload,
    overload_attribute,
    overload_classmethod,
    overload_method,
    register_jitable,
    register_model,
    struct,
    type_callable,
    typeof_impl,
    unbox,
)
from subprocesses import output_of, run_program

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples import dual_numbers  # noqa: E402
from examples.dual_numbers import rumba_support  # noqa: E402

asked = []


def clamp(x, lowest, highest=1.0):
    raise RuntimeError("compiled code takes the overload")


@overload(clamp)
def clamp_floats(x, lowest, highest=1.0):
    asked.append((x, lowest, highest))
    if isinstance(x, types.Float):

        def clamp(x, lowest, highest=1.0):
            return min(max(x, lowest), highest)

        return clamp


@overload(clamp)
def clamp_arrays(x, lowest, highest=1.0):
    if isinstance(x, types.Array):
        ndim, layout = x.ndim, x.layout

        def clamp(x, lowest, highest=1.0):
            return np.minimum(np.maximum(x, lowest), highest), ndim, layout

        return clamp


def test_the_first_chooser_that_gives_a_function_wins():
    @njit
    def f(x):
        return clamp(x, 0.0), clamp(x, highest=2.0, lowest=1.0)

    assert f(3.0) == (1.0, 2.0)
    (first, ndim, layout), (second, _, _) = f(np.array([[-1.0, 0.25, 1.5]]))
    assert first.tolist() == [[0.0, 0.25, 1.0]]
    assert second.tolist() == [[1.0, 1.0, 1.5]]
    assert (ndim, layout) == (2, "C")


def test_a_choice_is_made_once_for_types():
    @njit
    def f(x):
        return clamp(x, 0.125) + clamp(x, 0.25)

    f(0.5)
    asked.clear()

    @njit
    def g(x):
        return clamp(x, 0.5)

    assert g(0.25) == 0.5
    assert asked == []


def test_types_that_no_chooser_takes():
    @njit
    def f(x):
        return clamp(x, 0.0, highest=None)

    with pytest.raises(TypingError, match=r"T0305.*`clamp` is not implemented for \(int64, float64, highest=None\)") as caught:
        f(3)
    assert "^" * len("clamp(x, 0.0, highest=None)") in str(caught.value)


def test_arguments_are_bound_as_those_of_the_function_that_is_compiled():
    @njit
    def f(x):
        return clamp(x)

    with pytest.raises(TypingError, match="clamp_floats"):
        f(1.0)


def fails(x):
    pass


@overload(fails)
def overload_fails(x):
    if isinstance(x, types.Float):
        raise TypingError("not a float, please")
    return {}[x]


def test_exceptions_of_choosers_are_reported_at_the_call():
    @njit
    def f(x):
        return 1 + fails(x)

    with pytest.raises(TypingError, match=r"T0305\]: fails: not a float, please\n.*\n.*\n.*return 1 \+ fails\(x\)"):
        f(1.5)
    with pytest.raises(TypingError, match="its overload raised KeyError: int64") as caught:
        f(1)
    assert "test_extending.py" in str(caught.value).split("raised at")[1]


def interrupted(x):
    pass


@overload(interrupted)
def overload_interrupted(x):
    raise KeyboardInterrupt


def test_what_is_no_exception_of_a_program_goes_through():
    with pytest.raises(KeyboardInterrupt):
        njit(lambda x: interrupted(x))(1)


def test_what_an_overload_may_give():
    def nothing(x):
        pass

    overload(nothing)(lambda x: 3)
    with pytest.raises(TypingError, match="gives a function, a signature and a function, or None, not 3"):
        njit(lambda x: nothing(x))(1)

    def other(x):
        pass

    overload(other)(lambda x: lambda y: y)
    with pytest.raises(TypingError, match=r"parameters of `<lambda>` \(y\) are not those"):
        njit(lambda x: other(x))(1)

    def lenient(x):
        pass

    overload(lenient, strict=False)(lambda x: lambda y: y + 1)
    assert njit(lambda x: lenient(x))(1) == 2

    def jitted(x):
        pass

    overload(jitted)(lambda x: njit(lambda x: x * 2))
    assert njit(lambda x: jitted(x))(4) == 8

    def signed(x):
        pass

    overload(signed)(lambda x: (types.float64(types.float64), lambda x: x / 2))
    assert njit(lambda x: signed(x))(np.float32(1.0)) == 0.5
    with pytest.raises(TypeError, match="not 3"):
        overload(3)


def variadic(*args, **options):
    pass


@overload(variadic)
def overload_variadic(*args):
    n_args = len(args)
    first = str(args[0])

    def variadic(*args):
        return n_args, first, args

    return variadic


def test_variadic_overloads():
    assert njit(lambda x: variadic(x, 2.0, *(x, x)))(1) == (4, "int64", (1, 2.0, 1, 1))


def power_of(x, n):
    pass


@overload(power_of)
def power_of_any(x, n):
    if isinstance(n, types.IntegerLiteral):
        exponent = n.literal_value

        def power_of(x, n):
            return x**exponent, "literal"

        return power_of
    if n == types.float64:

        def power_of(x, n):
            return x**n, "float"

        return power_of


def kind_of(x):
    pass


@overload(kind_of, prefer_literal=True)
def overload_kind_of(x):
    kind = (
        type(x.literal_value).__name__ if isinstance(x, types.Literal) else "unknown",
        isinstance(x, types.Integer),
        isinstance(x, types.Boolean),
        isinstance(x, types.UnicodeType),
    )
    return lambda x: kind


def test_literals_are_offered_after_plain_types_or_before():
    assert njit(lambda x: power_of(x, 3))(2) == (8, "literal")
    assert njit(lambda x: power_of(x, 0.5))(4.0) == (2.0, "float")
    with pytest.raises(TypingError, match="not implemented"):
        njit(lambda x: power_of(x, x))(4)
    assert njit(lambda: kind_of(3))() == ("int", True, False, False)
    assert njit(lambda: kind_of(True))() == ("bool", False, True, False)
    assert njit(lambda: kind_of("x"))() == ("str", False, False, False)
    assert njit(lambda x: kind_of(x))("x") == ("unknown", False, False, True)


def describe(value):
    pass


@overload(describe)
def overload_describe(value):
    if isinstance(value, types.UniTuple):
        text = f"{value.count} of {value.dtype}"
    elif isinstance(value, types.BaseTuple):
        text = " ".join(str(ty) for ty in value)
        assert len(value) == len(value.types)
        assert value[0] is value.types[0]
    elif isinstance(value, types.DictType):
        text = f"{value.key_type} to {value.value_type}"
    elif isinstance(value, types.List):
        text = f"list of {value.item_type} {value.dtype is types.float64}"
    elif isinstance(value, types.Optional):
        text = f"optional {value.type}"
    elif isinstance(value, types.NoneType):
        assert value is types.none
        text = "none"
    elif isinstance(value, types.Array):
        text = f"{value.copy(dtype=types.int8, layout='A')} {value.is_c_contig} {value.is_f_contig} {value.is_contig}"
    elif isinstance(value, types.Callable):
        text = "function"
    else:
        text = f"{value.bitwidth} {isinstance(value, types.Number)} {value in (types.int32, types.int64)}"
    assert not isinstance(value, types.Omitted)
    return lambda value: text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((1, 2), "2 of int64"),
        ((1, 2.0), "int64 float64"),
        ({"a": 1.0}, "str to float64"),
        ([1.0], "list of float64 True"),
        (None, "none"),
        (np.zeros((2, 3)), "array(int8, 2d, A) True False True"),
        (np.zeros((2, 3)).T, "array(int8, 2d, A) False True True"),
        (np.zeros((2, 6))[:, ::2], "array(int8, 2d, A) False False False"),
        (np.zeros(3), "array(int8, 1d, A) True True True"),
        (njit(lambda x: x), "function"),
        (np.int32(3), "32 True True"),
        (1.5, "64 True False"),
    ],
    ids=str,
)
def test_type_objects_say_what_types_are(value, text):
    assert njit(lambda value: describe(value))(value) == text


def test_optional_types():
    @njit
    def f(flag):
        x = 1.5 if flag else None
        return describe(x)

    assert f(True) == "optional float64"


def test_classes_of_types_make_none():
    with pytest.raises(TypeError, match=r"types.Integer is a class of types"):
        types.Integer()


@overload_method(types.Array, "width_of")
def array_width_of(a, scale=1.0):
    if a.dtype == types.float64:

        def width_of(a, scale=1.0):
            return (a.max() - a.min()) * scale

        return width_of


@overload_method(types.UnicodeType, "shout")
def str_shout(text):
    return lambda text: text.upper() + "!"


@overload_method(types.Integer, "shout")
def int_shout(n):
    return lambda n: str(n) + "!"


@overload_method(types.Array, "sum")
def array_sum(a, axis=None, dtype=None):
    # A unit that no other test has sums of.
    if a.dtype == types.NPDatetime("as"):
        return lambda a, axis=None, dtype=None: "no sum of times"


@overload_attribute(types.Array, "middle")
def array_middle(a):
    return lambda a: a[len(a) // 2]


@overload_attribute(types.Tuple, "first")
def tuple_first(t):
    def first(t):
        return t[0]

    return first


def test_methods():
    @njit
    def f(a, factor):
        method = a.width_of
        return a.width_of(), a.width_of(scale=factor), method(3.0)

    assert f(np.arange(5.0), 0.5) == (4.0, 2.0, 12.0)
    assert njit(lambda t, n: (t.shout(), n.shout(), "a".shout(), (7).shout()))("b", 3) == ("B!", "3!", "A!", "7!")
    with pytest.raises(TypingError, match=r"`width_of` is not implemented for \(array\(int64, 1d, C\)\)"):
        njit(lambda a: a.width_of())(np.arange(5))
    assert njit(lambda a: a.sum())(np.arange(5)) == 10
    assert njit(lambda a: a.sum())(np.zeros(3, "M8[as]")) == "no sum of times"
    assert types.misc.NoneType is types.NoneType
    with pytest.raises(TypingError, match="float64 has no attribute `shout`"):
        njit(lambda a: a.shout())(1.5)


def test_attributes():
    assert njit(lambda a, t: (a.middle, t.first))(np.arange(5.0), (7, 2.5)) == (2.0, 7)
    with pytest.raises(TypingError, match="list.* has no attribute `middle`"):
        njit(lambda a: a.middle)([1])


def test_memory_of_results():
    @overload_attribute(types.Array, "doubled")
    def array_doubled(a):
        return lambda a: a * 2

    @njit
    def f(a):
        return a.doubled.doubled

    gc.collect()
    before = _core.live_allocations()
    assert f(np.arange(3)).tolist() == [0, 4, 8]
    gc.collect()
    assert _core.live_allocations() == before


#: Extends what belongs to everybody, and so runs in a process of its own.
OPERATORS = """
import operator
from rumba import njit, types
from rumba.errors import TypingError
from rumba.extending import overload

@overload(operator.sub)
def str_minus_str(a, b):
    if isinstance(a, types.UnicodeType) and isinstance(b, types.UnicodeType):
        return lambda a, b: a.replace(b, "")


@overload(operator.iadd)
def list_iadd_int(a, b):
    if isinstance(a, types.UnicodeType) and isinstance(b, types.Integer):
        return lambda a, b: a + str(b)


@overload(operator.neg)
def neg_str(a):
    if isinstance(a, types.UnicodeType):
        return lambda a: a[::-1]


@overload(operator.lt)
def str_lt_int(a, b):
    if isinstance(a, types.UnicodeType) and isinstance(b, types.Integer):
        return lambda a, b: len(a) < b


@overload(operator.contains)
def int_contains(a, b):
    if isinstance(a, types.Integer):
        return lambda a, b: (a >> b) & 1 == 1


@overload(operator.getitem)
def int_getitem(a, b):
    if isinstance(a, types.Integer):
        return lambda a, b: (a >> b) & 1


@overload(len)
def len_of_int(a):
    if isinstance(a, types.Integer):
        return lambda a: a.bit_length()

@njit
def f(text, n):
    text -= "b"
    text += 3
    return text, text - "c", -text, text < 5, text < 2, 1 in n, 0 not in n, n[2], len(n), len(text)

assert f("abc", 6) == ("ac3", "a3", "3ca", True, False, True, True, 1, 3, 3)
assert njit(lambda a, b: (a - b, -a, a < b, len("abc"), b in (a, b)))(2, 5) == (-3, -2, True, 3, True)
try:
    njit(lambda a: a - 1)("x")
except TypingError as error:
    assert "T0201]: `-` is not defined for str and int64" in str(error)
print("as expected")
"""


def test_operators_and_builtins(tmp_path):
    assert output_of(OPERATORS, file=tmp_path / "operators.py") == "as expected\n"


@overload(np.clip)
def clip_str(a, a_min, a_max):
    if isinstance(a, types.UnicodeType):
        return lambda a, a_min, a_max: min(max(a, a_min), a_max)


def test_functions_of_numpy():
    assert njit(lambda a: np.clip(a, "b", "d"))("x") == "d"
    found = njit(lambda a: np.clip(a, 1, 2))(np.arange(4))
    assert difference(found, np.array([1, 1, 2, 2])) is None


class Unknown:
    def __call__(self, x):
        return x


instance = Unknown()


def test_classes_and_instances_that_are_called():
    overload(Unknown)(lambda: lambda: 7)
    overload(instance)(lambda x: lambda x: x + 1)
    assert njit(lambda x: (Unknown(), instance(x)))(1) == (7, 2)
    assert njit(lambda f, x: f(x))(instance, 1) == 2
    assert njit(lambda: instance)() is instance


def raising(x):
    pass


@overload(raising)
def overload_raising(x):
    def raising(x):
        if x > 2:
            raise ValueError("too large", x)
        return x

    return raising


def test_exceptions_of_implementations():
    @njit
    def f(x):
        return raising(x)

    assert f(1) == 1
    with pytest.raises(ValueError) as caught:
        f(3)
    assert caught.value.args == ("too large", 3)
    assert [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)][-2:] == ["f", "raising"]


def test_recursive_overloads():
    def total(t):
        pass

    @overload(total)
    def overload_total(t):
        if len(t) == 0:
            return lambda t: 0

        def impl(t):
            return t[0] + total(t[1:])

        return impl

    assert njit(lambda t: total(t))((1, 2.5, 3)) == 6.5


def test_options_of_implementations():
    def ratio(a, b):
        pass

    overload(ratio, jit_options={"error_model": "numpy"})(lambda a, b: lambda a, b: a / b)
    assert njit(lambda a: ratio(a, 0.0))(1.0) == np.inf
    with pytest.raises(TypeError, match="unknown option 'fast'"):
        overload(ratio, fast=True)


def test_functions_without_overloads_stay_unknown():
    def unknown():
        pass

    with pytest.raises(TypingError, match="not jitted"):
        njit(lambda: unknown())()
    with pytest.raises(UnsupportedError, match="`numpy.savetxt` is not supported yet"):
        njit(lambda: np.savetxt("x", 1))()


def test_register_jitable():
    @register_jitable
    def double(x):
        return 2 * x

    assert double(4) == 8
    assert not is_jitted(double)
    assert is_jitted(njit(double))
    assert njit(lambda x: double(x))(4) == 8


@struct
class Interval:
    low: float
    high: "float"

    def __init__(self, low, high):
        self.low = low
        self.high = high

    def __repr__(self):
        return f"Interval({self.low}, {self.high})"

    def __eq__(self, other):
        return self.low == other.low and self.high == other.high

    __hash__ = None

    def __contains__(self, x):
        return self.low <= x <= self.high

    def __add__(self, other):
        return Interval(self.low + other.low, self.high + other.high)

    def __rmul__(self, factor):
        return Interval(factor * self.low, factor * self.high)

    def __lt__(self, other):
        return self.high < other

    def __getitem__(self, i):
        return self.low if i == 0 else self.high

    def __len__(self):
        return 2

    @property
    def middle(self):
        return (self.low + self.high) / 2

    def width(self, scale=1.0):
        return (self.high - self.low) * scale

    LIMIT = 1e6

    @staticmethod
    def around(x, by=1.0):
        return Interval(x - by, x + by)

    @classmethod
    def unit(cls, low=0.0):
        return cls(low, low + 1.0)

    def __call__(self, part):
        return self.low + part * (self.high - self.low)


@struct(fields=("data", "name"))
class Series:
    def __init__(self, data, name):
        self.data = data
        self.name = name

    def total(self):
        return self.data.sum()


def uses_of_structs(interval, x):
    other = Interval(x, high=x + 1)
    total = interval + other
    total += other
    several = [interval, other, total]
    by_name = {"a": several[-1]}
    chosen = interval if x > 1 else None
    return (
        (interval.low, interval.middle, interval.width(), interval.width(scale=2.0), interval[1], len(interval)),
        (x in interval, interval == other, interval != other, interval == interval, other < 9.0, 9.0 > other, 0.0 > other),
        (total, 2.0 * total, several, by_name["a"], (interval, 1)),
        (Interval.unit(), Interval.unit(low=x), Interval.around(x, by=0.5), interval.around(x), Interval.LIMIT),
        (interval(0.5), interval(part=x)),
        (isinstance(interval, Interval), isinstance(x, Interval), bool(interval), chosen is None),
    )


@pytest.mark.parametrize("x", [0.5, 3.0])
def test_structs(x):
    jitted = njit(uses_of_structs)
    for _ in range(2):
        assert jitted(Interval(0.0, 1.0), x) == uses_of_structs(Interval(0.0, 1.0), x)
    assert [str(ty) for ty in jitted.signatures[0]] == ["Interval", "float64"]
    assert typeof(Interval(0.0, 1.0)) is as_numba_type(Interval)


def test_fields_of_structs_are_converted_to_their_types():
    made = njit(lambda interval: Interval(interval.low + 1, 7))(Interval(np.float32(0.5), 1))
    assert (made.low, made.high) == (1.5, 7.0)
    with pytest.raises(TypeError):
        njit(lambda interval: interval.low)(Interval("a", 1.0))


@structref.register
class PairType(types.StructRef):
    pass


class Pair(structref.StructRefProxy):
    pass


structref.define_proxy(Pair, PairType, ["first", "second"])


@jitclass([("value", types.float64)])
class Counter:
    def __init__(self, value):
        self.value = value


@overload_method(PairType, "swapped")
def pair_swapped(pair):
    return lambda pair: Pair(pair.second, pair.first)


@overload_attribute(types.ClassInstanceType, "doubled")
def instance_doubled(instance):
    if isinstance(instance, PairType):
        return lambda instance: (instance.first * 2, instance.second * 2)
    return lambda instance: instance.value * 2


def test_instances_of_classes_are_extended():
    @njit
    def f(pair, counter):
        swapped = pair.swapped()
        return swapped.first, swapped.second, pair.doubled, counter.doubled

    assert f(Pair(1, 2.5), Counter(4)) == (2.5, 1, (2, 5.0), 8.0)
    with pytest.raises(TypingError, match="has no attribute `swapped`"):
        njit(lambda counter: counter.swapped())(Counter(1))


@struct
@dataclass
class Span:
    start: int
    stop: int

    def length(self):
        return self.stop - self.start


def test_dataclasses_as_structs():
    assert str(typeof(Span(1, 3))) == "Span"
    assert njit(lambda span: Span(span.start, 7).length())(Span(1, 3)) == 6


@struct
class Steps:
    first: int
    n: int

    def __init__(self, first, n):
        self.first = first
        self.n = n

    def __iter__(self):
        for i in range(self.n):
            yield self.first + i

    def with_totals(self):
        rest = Interval(self.first, self.n)
        for x in self:
            rest += Interval(x, 0)
            yield rest


def test_structs_that_are_looped_over():
    def f(steps):
        iterator = iter(steps)
        return (
            [x for x in steps],
            sum(steps),
            list(steps.with_totals()),
            [a + b for a, b in zip(steps, steps)],
            (next(iterator), next(iterator)),
        )

    assert njit(f)(Steps(3, 4)) == f(Steps(3, 4))


def test_instances_whose_fields_change_their_types():
    @njit
    def f(interval, n):
        return interval.high - interval.low + n

    interval = Interval(0.5, 1.0)
    for high in [2.0, 3, np.float32(4.5), np.int8(5), True, 6.0]:
        interval.high = high
        assert f(interval, 1) == high - 0.5 + 1
    del interval.high
    with pytest.raises(AttributeError, match="high"):
        f(interval, 1)
    assert len(f.signatures) == 1


def test_structs_of_any_types():
    @njit
    def f(series, words):
        more = Series(series.data * 2, series.name + "!")
        return more, series.total(), [Series(series.data, word) for word in words]

    gc.collect()
    before = _core.live_allocations()
    more, total, several = f(Series(np.arange(3.0), "a"), ["b", "c"])
    assert (more.data.tolist(), more.name, total) == ([0.0, 2.0, 4.0], "a!", 3.0)
    assert [(series.name, series.data.tolist()) for series in several] == [("b", [0, 1, 2]), ("c", [0, 1, 2])]
    assert njit(lambda series: series.total())(Series(np.arange(3), "a")) == 3
    assert str(typeof(more)) == "Series(data: array(float64, 1d, C), name: str)"
    del more, several
    gc.collect()
    assert _core.live_allocations() == before


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda interval: interval.height, "Interval has no attribute `height`"),
        (lambda interval: interval - interval, "`-` is not defined for Interval and Interval"),
        (lambda interval: interval < interval, "`<` is not defined for float64 and Interval"),
        (lambda interval: Interval(1.0), "T0305.*Interval: its fields are low, high"),
        (lambda interval: Interval(1.0, 2.0, 3.0), "T0305.*Interval: its fields are low, high"),
        (lambda interval: Interval(1.0, height=2.0), "T0305.*Interval: its fields are low, high"),
        (lambda interval: Interval("a", 2.0), "str.*float64"),
        (lambda interval: hash(interval), "Interval"),
        (lambda interval: {interval: 1}, "Interval"),
        (lambda interval: [x for x in interval], "Interval"),
    ],
)
def test_mistakes_with_structs(function, says):
    with pytest.raises(TypingError, match=says) as caught:
        njit(function)(Interval(0.0, 1.0))
    assert "^" in str(caught.value)


def test_fields_of_structs_stay():
    @njit
    def f(interval):
        interval.low = 1.0

    with pytest.raises(UnsupportedError, match="attributes of Interval cannot be assigned"):
        f(Interval(0.0, 1.0))


def test_structs_whose_parameters_are_not_the_fields():
    class Wrong:
        x: float

        def __init__(self, x, y):
            pass

    with pytest.raises(TypeError, match=r"parameters of `Wrong` are \(x, y\), and its fields \(x\)"):
        struct(Wrong)


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class PointType(types.Type):
    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(name=f"Point({dtype})")


@typeof_impl.register(Point)
def typeof_point(value, c):
    return PointType(typeof(value.x))


@type_callable(Point)
def type_point(context):
    def typer(x, y):
        if isinstance(x, types.Float) and x == y:
            return PointType(x)

    return typer


@register_model(PointType)
class PointModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("x_member", fe_type.dtype), ("y_member", fe_type.dtype)])


make_attribute_wrapper(PointType, "x_member", "x")
make_attribute_wrapper(PointType, "y_member", "y")


@overload_attribute(PointType, "norm")
def point_norm(point):
    def norm(point):
        return (point.x**2 + point.y**2) ** 0.5

    return norm


@overload_method(PointType, "moved")
def point_moved(point, by):
    if isinstance(by, PointType):
        return lambda point, by: Point(point.x + by.x, point.y + by.y)


as_numba_type.register(Point, PointType(types.float64))


@overload_classmethod(PointType, "origin")
def point_origin(cls, dtype):
    return lambda cls, dtype: cls(dtype(0.0), dtype(0.0))


def test_methods_of_classes():
    point = njit(lambda: Point.origin(np.float32))()
    assert (type(point), point.x, point.y) == (Point, 0.0, 0.0)
    with pytest.raises(TypingError, match="function Point has no attribute `missing`"):
        njit(lambda: Point.missing())()


def test_types_as_numba_has_them():
    @njit
    def f(point):
        return point.moved(Point(1.0, 2.0)), point.norm

    moved, norm = f(Point(3.0, 4.0))
    assert (moved.x, moved.y, norm) == (4.0, 6.0, 5.0)
    assert f.signatures == [(PointType(types.float64),)]
    assert PointType(types.float64) is PointType(types.float64)
    assert PointType(types.float64) != PointType(types.float32)
    assert isinstance(PointType(types.int8), types.Type)
    assert isinstance(types.int8, types.Type)
    assert str(PointType(types.float64)(types.int64)) == "(int64) -> Point(float64)"
    with pytest.raises(TypingError, match=r"`Point` is not implemented for \(int64, float64\)"):
        njit(lambda: Point(1, 2.0))()
    eager = njit([PointType(types.float64)(types.float64)])(lambda x: Point(x, x))
    assert eager(1).y == 1.0


class Colour:
    def __init__(self, code):
        self.code = code


class ColourType(types.Type):
    def __init__(self):
        super().__init__("Colour")


colour_type = ColourType()
as_numba_type.register(Colour, colour_type)
typeof_impl.register(Colour)(lambda value, c: colour_type)


def test_boxing_by_fields():
    with pytest.raises(TypeError, match="no `register_model` says which fields"):
        njit(lambda colour: colour)(Colour("#010203"))

    @register_model(ColourType)
    class ColourModel(models.StructModel):
        def __init__(self, dmm, fe_type):
            super().__init__(dmm, fe_type, [(name, types.int64) for name in ("red", "green", "blue")])

    @unbox(ColourType)
    def fields_of_colour(ty, colour):
        return tuple(bytes.fromhex(colour.code[1:]))

    @box(ColourType)
    def make_colour(ty, red, green, blue):
        return Colour("#" + bytes([red, green, blue]).hex())

    @overload_attribute(ColourType, "brightness")
    def brightness(colour):
        return lambda colour: colour.red + colour.green + colour.blue

    colour, brightness = njit(lambda colour: (colour, colour.brightness))(Colour("#0102ff"))
    assert (colour.code, brightness) == ("#0102ff", 258)
    assert as_numba_type(Colour) is colour_type
    assert as_numba_type(float) is types.float64
    assert as_numba_type(dict[str, list[tuple[int, Interval]]]) == types.DictType(
        types.unicode_type, types.ListType(types.Tuple([types.int64, as_numba_type(Interval)]))
    )
    assert as_numba_type(np.float32) == types.float32
    with pytest.raises(TypeError, match="not a type"):
        as_numba_type(object)


def test_what_needs_llvmlite_is_refused():
    with pytest.raises(UnsupportedError, match="write an `overload`"):
        lower_cast(ColourType, types.int64)


def solve_and_derive(x, values):
    def f(x):
        return 2.0 / (x * x + 1.0) - x**3 * dual_numbers.sin(x) + dual_numbers.exp(-x) - 0.5

    return dual_numbers.derivative(f, x), dual_numbers.solve(f, x), 3.0 < dual_numbers.Dual(x, 1.0)


def test_the_example():
    rumba_support.init()
    # Our sines and cosines are within one unit in the last place of the C library's, and several are added up.
    assert njit(solve_and_derive)(1.5, np.zeros(1)) == pytest.approx(solve_and_derive(1.5, np.zeros(1)), rel=1e-14)

    @njit
    def slopes(values):
        return values.derivatives(lambda x: x * math.sin(x))

    values = np.linspace(0.0, 2.0, 5)
    np.testing.assert_allclose(slopes(values), np.sin(values) + values * np.cos(values), rtol=1e-14)
    assert njit(lambda x: math.sin(x))(1.0) == math.sin(1.0)

    def absolutes(x):
        return [(y.value, y.slope) for y in (abs(dual_numbers.Dual(x, 2.0)), abs(dual_numbers.Dual(-x, 2.0)))]

    expected = [(1.5, 2.0), (1.5, -2.0)]
    assert njit(absolutes)(1.5) == expected
    assert [(y.value, y.slope) for y in map(dual_numbers.absolute, [dual_numbers.Dual(1.5, 2.0), dual_numbers.Dual(-1.5, 2.0)])] == expected
    assert njit(lambda x: (dual_numbers.is_negative(x), x.slope))(-0.0) == (dual_numbers.is_negative(-0.0), 0.0)
    assert njit(lambda x: abs(x))(-1.5) == 1.5


def test_the_curves_of_the_example():
    rumba_support.init()

    @njit
    def drawn(points):
        duals = [dual_numbers.Dual(x, 1.0) * x for x in points]
        values = np.array([y.value for y in duals])
        slopes = np.array([y.slope for y in duals])
        return dual_numbers.Curve("square", points, values, slopes)

    curve = drawn(np.array([1.0, 2.0, 3.0]))
    assert type(curve) is dual_numbers.Curve and curve.name == "square" and curve.bounds == (1.0, 3.0)
    assert [(curve[i].value, curve[i].slope) for i in range(3)] == [(1.0, 1.0), (4.0, 2.0), (9.0, 3.0)]

    @njit
    def described(curves):
        return [curve.name + "!" for curve in curves], curves[0].bounds, curves[1].slopes.sum()

    other = dual_numbers.Curve("line", np.arange(8.0)[::2], [0.0, 2.0, 4.0, 6.0], [1.0] * 4)
    assert described([other, curve]) == (["line!", "square!"], (0.0, 6.0), 6.0)
    assert [described([other, curve])[0] for _ in range(3)] == [["line!", "square!"]] * 3


def test_extensions_are_loaded_before_the_first_compilation(tmp_path):
    for name, body in [("good", "print('loaded')"), ("bad", "1 / 0")]:
        (tmp_path / f"{name}_extension.py").write_text(f"def init():\n    {body}\n")
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "entry_points.txt").write_text(f"[x]\ny = z:w\n\n[rumba_extensions]\ninit = {name}_extension:init\n")
    program = """
        import sys
        from rumba import njit
        assert "good_extension" not in sys.modules
        print("imported")
        print(njit(lambda x: x + 1)(1), njit(lambda x: x + 1)(2))
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    done = run_program(program, file=tmp_path / "program.py", environment=environment)
    assert done.stdout.split("\n")[:3] == ["imported", "loaded", "2 3"], done.stderr
    assert "RumbaWarning: the extension bad_extension:init failed to load: ZeroDivisionError" in done.stderr


def test_modules_as_numba_has_them():
    import rumba.core.types  # noqa: PLC0415
    from rumba.core.errors import TypingError as Error
    from rumba.core.extending import overload as same

    assert (Error, same, rumba.core.types) == (TypingError, overload, types)
