"""Teaches Rumba dual numbers.

A library that is installed declares `init` in its `pyproject.toml`, and nobody has to call it:

    [project.entry-points.rumba_extensions]
    init = "dual_numbers.rumba_support:init"
"""

import functools
import math

import numpy as np
from rumba import types
from rumba.extending import (
    as_numba_type,
    box,
    intrinsic,
    make_attribute_wrapper,
    models,
    overload,
    overload_attribute,
    overload_method,
    register_jitable,
    register_model,
    struct,
    type_callable,
    typeof_impl,
    unbox,
)
from rumba.llvm import ir

from . import Curve, Dual, absolute, as_dual, derivative, exp, is_negative, sin, solve


@functools.cache
def init():
    # The type: its fields are the annotations, and its methods and operators are compiled when they are used.
    struct(Dual)

    # Functions that compiled code may call as they are.
    for function in (absolute, as_dual, derivative, exp, sin, solve):
        register_jitable(function)

    # Functions of others that take a dual number: in compiled code, `math.sin` does, too.
    for theirs, ours in ((math.sin, sin), (math.exp, exp), (abs, absolute)):
        take_dual_numbers(theirs, ours)

    # A function of ours that compiled code does in another way: by operations of LLVM's.
    @overload(is_negative)
    def choose_is_negative(x):
        return (lambda x: sign_bit(x)) if isinstance(x, types.Float) else None

    # An attribute of values of others: a float is a number that does not change.
    @overload_attribute(types.Float, "slope")
    def choose_slope(x):
        return lambda x: 0.0

    @overload_method(types.Array, "derivatives")
    def choose_derivatives(values, function):
        """`values.derivatives(function)`: how fast a function changes at each of the values."""
        if values.ndim != 1 or not isinstance(values.dtype, types.Float):
            return None

        def derivatives(values, function):
            slopes = np.empty(len(values))
            for i in range(len(values)):
                slopes[i] = derivative(function, values[i])
            return slopes

        return derivatives


@intrinsic
def sign_bit(typingctx, x):
    """The first bit of a float64."""
    if x != types.float64:
        return None

    def codegen(context, builder, signature, args):
        bits = builder.bitcast(args[0], ir.IntType(64))
        return builder.icmp_signed("<", bits, bits.type(0))

    return types.boolean(x), codegen


class CurveType(types.Type):
    """The type of curves. What their objects hold is not what compiled code works with: that is text and arrays."""

    def __init__(self):
        super().__init__("Curve")


curve_type = CurveType()


@typeof_impl.register(Curve)
def type_of_curve(value, c):
    return curve_type


@register_model(CurveType)
class CurveModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        numbers = types.float64[::1]
        super().__init__(dmm, fe_type, [("name", types.unicode_type), ("points", numbers), ("values", numbers), ("slopes", numbers)])


for field in ("name", "points", "values", "slopes"):
    make_attribute_wrapper(CurveType, field, field)


@type_callable(Curve)
def type_curve(context):
    return lambda name, points, values, slopes: curve_type


@unbox(CurveType)
def fields_of_curve(typ, curve):
    """The fields, in the order of the model."""
    values, slopes = (np.array([getattr(dual, part) for dual in curve]) for part in ("value", "slope"))
    return curve.name, np.ascontiguousarray(curve.points), values, slopes


@box(CurveType)
def curve_of_fields(typ, name, points, values, slopes):
    """The object, of the fields."""
    return Curve(name, points, values.tolist(), slopes.tolist())


@overload_attribute(CurveType, "bounds")
def choose_bounds(curve):
    return lambda curve: (curve.points[0], curve.points[-1])


def take_dual_numbers(theirs, ours):
    dual_type = as_numba_type(Dual)

    @overload(theirs)
    def choose(x):
        # What is asked for here is only what the library itself rejects.
        return (lambda x: ours(x)) if x == dual_type else None
